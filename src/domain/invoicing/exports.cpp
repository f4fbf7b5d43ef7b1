#include "domain/invoicing/exports.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/decimal.hpp"
#include "base/errors.hpp"
#include "base/money.hpp"
#include "base/transliteration.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/invoicing/entities.hpp"
#include "domain/invoicing/store.hpp"
#include "domain/registration/vat_checks.hpp"

namespace plenary::invoicing {
namespace {

constexpr int piece = 500;  // documents a read

Decimal value(std::int64_t minor, std::string_view currency) {
  return Decimal::scaled(minor, Currency::of(currency).exponent());
}

std::string amount(std::int64_t minor, std::string_view currency) {
  return value(minor, currency).to_string(Currency::of(currency).exponent());
}

// What a tax rule says of its bookkeeping: "8400", "8400/3", "8400/3/173": the account, DATEV's tax key, and
// the key of what the customer owes the tax of. Nothing: the usual key. "0": none, as of an account that
// implies its tax.
struct Booking {
  std::string account;
  std::optional<std::string> key, reverse_key;
};
Booking booking_of(std::string_view text) {
  Booking booking;
  const std::size_t first = std::min(text.find('/'), text.size());
  booking.account = text.substr(0, first);
  if (first == text.size()) return booking;
  const std::string_view keys = text.substr(first + 1);
  const std::size_t second = std::min(keys.find('/'), keys.size());
  booking.key = keys.substr(0, second);
  if (second < keys.size()) booking.reverse_key = keys.substr(second + 1);
  return booking;
}

// What it was in words before is told apart by tests and readers alike, so it is plain English.
constexpr std::array<std::string_view, 18> csv_columns{
    "date",    "number",         "kind",     "order",       "buyer",
    "country", "vat_id",         "currency", "net",         "tax",
    "gross",   "rate",           "category", "tax_country", "reverse_charge",
    "account", "payment_method", "document"};

std::string csv_row(const BookEntry& e) {
  const auto words = [](const std::string& text) { return csv_field(without_formula(text)); };
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n", e.issued_on.to_string(),
                     words(e.number), to_text(e.kind), words(e.order_reference), words(e.buyer),
                     words(e.country), words(e.vat_id), words(e.currency), amount(e.net, e.currency),
                     amount(e.tax, e.currency), amount(e.gross, e.currency), words(e.tax_rate),
                     registration::to_text(e.category), words(e.tax_country), e.reverse_charge ? "yes" : "no",
                     words(booking_of(e.account).account), words(e.payment_method), e.document_id);
}

// The columns of a Buchungsstapel, format version 13. Those of the same kind follow each other in pairs.
std::vector<std::string> datev_columns() {
  std::vector<std::string> all{"Umsatz (ohne Soll/Haben-Kz)",
                               "Soll/Haben-Kennzeichen",
                               "WKZ Umsatz",
                               "Kurs",
                               "Basis-Umsatz",
                               "WKZ Basis-Umsatz",
                               "Konto",
                               "Gegenkonto (ohne BU-Schlüssel)",
                               "BU-Schlüssel",
                               "Belegdatum",
                               "Belegfeld 1",
                               "Belegfeld 2",
                               "Skonto",
                               "Buchungstext",
                               "Postensperre",
                               "Diverse Adressnummer",
                               "Geschäftspartnerbank",
                               "Sachverhalt",
                               "Zinssperre",
                               "Beleglink"};
  const auto pairs = [&](const char* kind, const char* content, int count) {
    for (int i = 1; i <= count; ++i) {
      all.push_back(fmt::format("{} {}", kind, i));
      all.push_back(fmt::format("{} {}", content, i));
    }
  };
  pairs("Beleginfo - Art", "Beleginfo - Inhalt", 8);
  for (const char* name :
       {"KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge", "EU-Land u. UStID (Bestimmung)",
        "EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart", "Sachverhalt L+L", "Funktionsergänzung L+L",
        "BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung"})
    all.emplace_back(name);
  pairs("Zusatzinformation - Art", "Zusatzinformation- Inhalt", 20);
  for (const char* name : {"Stück",
                           "Gewicht",
                           "Zahlweise",
                           "Forderungsart",
                           "Veranlagungsjahr",
                           "Zugeordnete Fälligkeit",
                           "Skontotyp",
                           "Auftragsnummer",
                           "Buchungstyp",
                           "USt-Schlüssel (Anzahlungen)",
                           "EU-Land (Anzahlungen)",
                           "Sachverhalt L+L (Anzahlungen)",
                           "EU-Steuersatz (Anzahlungen)",
                           "Erlöskonto (Anzahlungen)",
                           "Herkunft-Kz",
                           "Buchungs GUID",
                           "KOST-Datum",
                           "SEPA-Mandatsreferenz",
                           "Skontosperre",
                           "Gesellschaftername",
                           "Beteiligtennummer",
                           "Identifikationsnummer",
                           "Zeichnernummer",
                           "Postensperre bis",
                           "Bezeichnung SoBil-Sachverhalt",
                           "Kennzeichen SoBil-Buchung",
                           "Festschreibung",
                           "Leistungsdatum",
                           "Datum Zuord. Steuerperiode",
                           "Fälligkeit",
                           "Generalumkehr (GU)",
                           "Steuersatz",
                           "Land",
                           "Abrechnungsreferenz",
                           "BVV-Position",
                           "EU-Land u. UStID (Ursprung)",
                           "EU-Steuersatz (Ursprung)",
                           "Abw. Skontokonto"})
    all.emplace_back(name);
  return all;
}
constexpr std::size_t datev_column_count = 125;
// From 0.
enum DatevPlace : std::size_t {
  at_amount = 0,
  at_side = 1,
  at_currency = 2,
  at_rate = 3,
  at_base_amount = 4,
  at_base_currency = 5,
  at_account = 6,
  at_contra_account = 7,
  at_tax_key = 8,
  at_date = 9,
  at_document = 10,
  at_order = 11,
  at_text = 13,
  at_eu_vat_id = 39,
  at_fixed = 113
};

// Germany's keys of tax on sales, by the rate; of the reduced rates of 2020 too. source: DATEV, tax keys of
// SKR03 and SKR04.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> usual_keys{
    {{"19", "3"}, {"7", "2"}, {"16", "5"}, {"5", "4"}}};

// Empty: the field stays empty.
std::string tax_key(const BookEntry& e, const conference::Seller& seller) {
  const Booking booking = booking_of(e.account);
  const std::optional<std::string>& own = e.reverse_charge ? booking.reverse_key : booking.key;
  if (own) return *own == "0" ? std::string() : *own;
  const bool is_german = seller.country == "DE" && (e.tax_country.empty() || e.tax_country == "DE");
  const bool is_taxed =
      e.category == registration::TaxCategory::standard || e.category == registration::TaxCategory::reduced;
  if (!is_german || !is_taxed || e.reverse_charge) return {};
  const Decimal rate = Decimal::parse(e.tax_rate).value_or(Decimal());
  for (const auto& [percent, key] : usual_keys)
    if (rate == *Decimal::parse(percent)) return std::string(key);
  return {};
}

bool is_digits(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_number(std::string_view text, std::size_t least_digits, std::size_t most_digits, int least) {
  return is_digits(text, least_digits, most_digits) && std::stoi(std::string(text)) >= least;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c == '\n' || c == '\r' || c == '\t' || c == ';' ? ' ' : c;
  }
  return out + '"';
}

// The first `most` characters.
std::string cut(std::string_view text, std::size_t most) {
  std::size_t characters = 0, at = 0;
  while (at < text.size()) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && characters++ == most) break;
    ++at;
  }
  return std::string(text.substr(0, at));
}

// Belegfeld 1 and 2 know letters, digits and $ & % * + - / alone, 36 and 12 of them.
std::string document_field(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text) {
    const bool is_fine = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                         std::string_view("$&%*+-/").find(c) != std::string_view::npos;
    if (is_fine && out.size() < most) out += c;
  }
  return out;
}

std::string compact(Date day) {
  std::string text = day.to_string();
  std::erase(text, '-');
  return text;
}

std::string comma(std::string text) {
  std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

std::string datev_head(const conference::Seller& seller, const Period& period, std::size_t account_length,
                       Instant made_at) {
  std::string made = made_at.to_string();  // "2027-05-14T09:00:00Z", with decimals where there are some
  std::string digits;
  for (const char c : made)
    if (c >= '0' && c <= '9') digits += c;
  digits.resize(17, '0');
  const std::string year_start = fmt::format("{:04}0101", period.from.year());
  return fmt::format(
      "\"EXTF\";700;21;\"Buchungsstapel\";13;{};;\"PL\";\"\";\"\";{};{};{};{};{};{};{};\"\";1;0;0;{};;\"\";;;"
      "\"\";;;"
      "\"\";\"\"\r\n",
      digits, seller.datev_consultant, seller.datev_client, year_start, account_length, compact(period.from),
      compact(period.to), quoted(cut("Plenary " + period.from.to_string(), 30)), quoted(seller.currency));
}

// An amount has two decimals, whatever its currency, and is never nothing. Nothing: less than half a cent.
std::optional<std::string> datev_amount(const Decimal& value) {
  const Decimal rounded = value.rounded(2);
  if (rounded.is_zero()) return std::nullopt;
  return comma(rounded.to_string(2));
}

// The amount in the document's currency, what 1 of the seller's buys of it, and what it is in the seller's;
// in the seller's alone where the format has no place for that: the rate is from 1 to 9999.999999, and
// amounts of three decimals would lose one. False: nothing is to be booked.
bool set_amounts(std::vector<std::string>& cells, const BookEntry& e, const conference::Seller& seller) {
  const Decimal own = value(e.gross < 0 ? -e.gross : e.gross, e.currency);
  if (e.currency == seller.currency) {
    const auto booked = datev_amount(own);
    if (booked) cells[at_amount] = *booked;
    cells[at_currency] = quoted(e.currency);
    return booked.has_value();
  }
  const Decimal rate = Decimal::parse(e.exchange_rate).value_or(Decimal(1));
  const auto base = datev_amount((own * rate).rounded(Currency::of(seller.currency).exponent()));
  if (!base) return false;
  const double divisor = 1.0 / rate.to_double();
  if (divisor >= 1.0 && divisor < 9999.9999995 && Currency::of(e.currency).exponent() <= 2) {
    cells[at_amount] = datev_amount(own).value_or(*base);
    cells[at_currency] = quoted(e.currency);
    cells[at_rate] = comma(fmt::format("{:.6f}", divisor));
    cells[at_base_amount] = *base;
    cells[at_base_currency] = quoted(seller.currency);
  } else {
    cells[at_amount] = *base;
    cells[at_currency] = quoted(seller.currency);
  }
  return true;
}

// The end of a reference tells it from others.
std::string_view end_of(std::string_view text, std::size_t most) {
  return text.substr(text.size() - std::min(text.size(), most));
}

// Empty: nothing is to be booked.
std::string datev_row(const BookEntry& e, const conference::Seller& seller, const Period& period) {
  std::vector<std::string> cells(datev_column_count);
  const bool is_credit = e.gross < 0;
  if (!set_amounts(cells, e, seller)) return {};
  cells[at_side] = is_credit ? "\"H\"" : "\"S\"";
  cells[at_account] = period.receivables;
  cells[at_contra_account] = booking_of(e.account).account;
  if (const std::string key = tax_key(e, seller); !key.empty()) cells[at_tax_key] = quoted(key);
  cells[at_date] = fmt::format("{:02}{:02}", e.issued_on.day(), e.issued_on.month());
  cells[at_document] = quoted(document_field(e.number, 36));
  cells[at_order] = quoted(document_field(end_of(e.order_reference, 12), 12));
  cells[at_text] = quoted(cut(e.order_reference + " " + e.buyer, 60));
  if (e.reverse_charge && registration::eu_vat_id(e.vat_id)) cells[at_eu_vat_id] = quoted(cut(e.vat_id, 15));
  cells[at_fixed] = "0";
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) row += (i == 0 ? "" : ";") + cells[i];
  return row + "\r\n";
}

// As the longest account of the period says; four digits at least.
std::size_t check_datev(db::Database& database, const conference::Seller& seller, const Period& period) {
  if (!is_number(seller.datev_consultant, 4, 7, 1001) || !is_number(seller.datev_client, 1, 5, 1))
    throw Refused(
        "datev_numbers",
        "DATEV's file needs the consultant and client numbers of {seller}: enter them in its settings.",
        {{"seller", seller.name}});
  if (period.from.year() != period.to.year())
    throw Refused("datev_year", "DATEV's file is about one calendar year: choose a period within one.", {},
                  "to");
  if (!is_number(period.receivables, 4, 9, 1))
    throw Refused("datev_receivables", "The account of the receivables has 4 to 9 digits.", {},
                  "receivables");
  if (Currency::of(seller.currency).exponent() > 2)
    throw Refused("datev_currency", "DATEV's file has amounts of two decimals; {currency} has more.",
                  {{"currency", seller.currency}});
  // Accounts of customers have one digit more than the others.
  std::size_t longest = std::max<std::size_t>(4, period.receivables.size() - 1);
  Id after = 0;
  for (;;) {
    auto read = [&](db::Tx& tx) { return book_entries(tx, period, after, piece); };
    const std::vector<BookEntry> entries = database.read_now(read);
    if (entries.empty()) return longest;
    after = entries.back().document_id;
    for (const BookEntry& entry : entries) {
      if (entry.gross == 0) continue;  // not booked
      const Booking booking = booking_of(entry.account);
      const auto is_key = [](const std::optional<std::string>& key) { return !key || is_digits(*key, 1, 4); };
      if (!is_number(booking.account, 4, 8, 1) || !is_key(booking.key) || !is_key(booking.reverse_key))
        throw Refused("datev_account",
                      "{number} has a line without an account of 4 to 8 digits. Enter one in the tax rule, "
                      "with tax keys "
                      "of 1 to 4 digits behind a / where it has some; what was issued keeps what it had, so "
                      "correct that invoice or book it by hand from the CSV.",
                      {{"number", entry.number}});
      longest = std::max(longest, booking.account.size());
      if (entry.currency != seller.currency && entry.exchange_rate.empty())
        throw Refused(
            "datev_rate",
            "{number} is in {currency}, and there is no exchange rate to {base} of its day: enter one.",
            {{"number", entry.number}, {"currency", entry.currency}, {"base", seller.currency}});
    }
  }
}

}  // namespace

std::vector<BookEntry> book_entries(db::Tx& tx, const Period& period, Id after, int documents) {
  const std::string from = period.from.to_string(), to = period.to.to_string();
  const Id conference = period.conference_id.value_or(0);
  const std::vector<Document> all =
      document_table().select(tx,
                              "WHERE seller_id = $1 AND issued_on >= $2 AND issued_on <= $3 AND id > $4 AND "
                              "is_test = 0 AND ($5 = 0 OR "
                              "conference_id = $5) ORDER BY id LIMIT $6",
                              period.seller_id, from, to, after, conference, documents);
  std::vector<BookEntry> entries;
  for (const Document& document : all) {
    const Snapshot s = read_snapshot(document.snapshot);
    const std::size_t first = entries.size();
    for (const Line& line : s.lines) {
      const auto same = [&](const BookEntry& e) {
        return std::tie(e.tax_rate, e.category, e.tax_country, e.reverse_charge, e.account) ==
               std::tie(line.tax_rate, line.tax_category, line.tax_country, line.reverse_charge,
                        line.account);
      };
      auto found = std::find_if(entries.begin() + static_cast<std::ptrdiff_t>(first), entries.end(), same);
      if (found == entries.end()) {
        BookEntry e;
        e.document_id = document.id;
        e.issued_on = document.issued_on;
        e.number = document.number;
        e.kind = document.kind;
        e.order_reference = s.order_reference;
        e.buyer = s.buyer.company.empty() ? s.buyer.name : s.buyer.company;
        e.country = s.buyer.country;
        e.vat_id = s.buyer.vat_id;
        e.currency = s.currency;
        e.payment_method = s.payment_method;
        e.tax_rate = line.tax_rate;
        e.tax_country = line.tax_country;
        e.category = line.tax_category;
        e.reverse_charge = line.reverse_charge;
        e.account = line.account;
        if (s.foreign_tax)
          e.exchange_rate = s.foreign_tax->rate;
        else if (s.currency != s.seller.currency)  // it has no tax to tell
          if (const auto rate = store::exchange_rate(tx, s.currency, s.seller.currency, document.issued_on))
            e.exchange_rate = rate->rate.normalized().to_string();
        entries.push_back(std::move(e));
        found = std::prev(entries.end());
      }
      found->net += line.net;
      found->tax += line.tax;
      found->gross += line.gross;
    }
  }
  return entries;
}

std::int64_t export_books(db::Database& database, const Period& period, BookFormat format, Instant made_at,
                          const Sink& sink) {
  auto find = [&](db::Tx& tx) { return conference::find_seller(tx, period.seller_id); };
  const std::optional<conference::Seller> seller = database.read_now(find);
  if (!seller) throw Refused("no_seller", "There is no such seller.");
  if (period.to < period.from) throw Refused("period", "The period ends before it begins.", {}, "to");
  std::string head;
  if (format == BookFormat::csv) {
    head = "\xEF\xBB\xBF";
    for (std::size_t i = 0; i < csv_columns.size(); ++i)
      head += (i == 0 ? "" : ",") + std::string(csv_columns[i]);
    head += "\r\n";
    sink(head);
  } else {
    const std::size_t account_length = check_datev(database, *seller, period);
    head = datev_head(*seller, period, account_length, made_at);
    const std::vector<std::string> columns = datev_columns();
    for (std::size_t i = 0; i < columns.size(); ++i) head += (i == 0 ? "" : ";") + columns[i];
    sink(windows_1252(head + "\r\n"));
  }
  std::int64_t documents = 0;
  Id after = 0;
  for (;;) {
    auto read = [&](db::Tx& tx) { return book_entries(tx, period, after, piece); };
    const std::vector<BookEntry> entries = database.read_now(read);
    if (entries.empty()) return documents;
    std::string rows;
    for (const BookEntry& entry : entries) {
      if (entry.document_id != after) ++documents;
      after = entry.document_id;
      if (format == BookFormat::csv) {
        rows += csv_row(entry);
      } else if (entry.gross != 0) {
        rows += datev_row(entry, *seller, period);
      }
    }
    sink(format == BookFormat::csv ? rows : windows_1252(rows));
  }
}

std::string export_name(const conference::Seller& seller, const Period& period, BookFormat format) {
  const std::string days = period.from.to_string() + "_" + period.to.to_string() + ".csv";
  if (format == BookFormat::datev) return "EXTF_Buchungsstapel_" + days;
  std::string prefix;
  for (const char c : seller.invoice_prefix)
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) prefix += c;
  return prefix + "_" + days;
}

std::string windows_1252(std::string_view utf8) {
  // 0x80 to 0x9F; 0: not used.
  static constexpr std::array<std::uint32_t, 32> upper{
      0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
  std::string out, foreign;  // what was not written yet, as no place of the code is its
  bool is_mark = true;       // of nothing but accents that stand behind their letter
  const auto write_foreign = [&] {
    if (foreign.empty()) return;
    const std::string letters = in_ascii_letters(foreign);
    out += letters.empty() && !is_mark ? "?" : letters;
    foreign.clear();
    is_mark = true;
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t point = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length && at + i < utf8.size(); ++i)
      point = point << 6 | (static_cast<unsigned char>(utf8[at + i]) & 0x3FU);
    const auto found = std::find(upper.begin(), upper.end(), point);
    if (point < 0x80 || (point >= 0xA0 && point < 0x100)) {
      write_foreign();
      out += static_cast<char>(point);
    } else if (point != 0 && found != upper.end()) {
      write_foreign();
      out += static_cast<char>(0x80 + (found - upper.begin()));
    } else {
      foreign += utf8.substr(at, length);
      is_mark = is_mark && point >= 0x300 && point < 0x370;
    }
    at += length;
  }
  write_foreign();
  return out;
}

}  // namespace plenary::invoicing
