#include "domain/payments/transfers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/iban.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "base/transliteration.hpp"
#include "domain/payments/statement_matching.hpp"

namespace plenary::payments {
namespace {

using registration::PayOut;

constexpr std::int64_t largest_transfer = 99'999'999'999;  // cents, by the scheme

// Letters that have a spelling of their own; others by ICU. source: EPC217-08, section 5.
std::string_view plain_letter(std::string_view letter) {
  struct Spelling {
    std::string_view letter, plain;
  };
  static constexpr Spelling spellings[] = {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"Ä", "Ae"}, {"Ö", "Oe"},
                                           {"Ü", "Ue"}, {"ß", "ss"}, {"ø", "o"},  {"Ø", "O"},  {"å", "a"},
                                           {"Å", "A"},  {"–", "-"},  {"—", "-"},  {"’", "'"},  {"‘", "'"}};
  for (const Spelling& spelling : spellings)
    if (spelling.letter == letter) return spelling.plain;
  return {};
}

// Whose banks take part, so that a transfer in euro reaches them. One of another country would have the bank
// refuse the whole file. source: EPC409-09, list of SEPA scheme countries.
bool is_sepa_country(std::string_view iban) {
  static constexpr std::string_view countries[] = {
      "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR",
      "GB", "GI", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD",
      "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA"};
  return std::binary_search(std::begin(countries), std::end(countries), iban.substr(0, 2));
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_taken(char c) {
  return is_letter(c) || std::string_view("/-?:().,'+ ").find(c) != std::string_view::npos;
}

bool has_letters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return is_letter(c); });
}

std::string decimals(std::int64_t cents) {
  return Money(cents, Currency::of("EUR")).to_string();
}

class Xml {
 public:
  std::string text;
  void open(std::string_view name) {
    text += fmt::format("{}<{}>\n", std::string(depth_ * 2, ' '), name);
    ++depth_;
  }
  void close(std::string_view name) {
    --depth_;
    text += fmt::format("{}</{}>\n", std::string(depth_ * 2, ' '), name);
  }
  void leaf(std::string_view name, std::string_view value, std::string_view attributes = {}) {
    text += fmt::format("{}<{}{}>{}</{}>\n", std::string(depth_ * 2, ' '), name, attributes,
                        html_escape(value), name);
  }

 private:
  std::size_t depth_ = 0;
};

std::string name_of(const PayOut& payout) {
  return payout.account_name.empty() ? payout.name : payout.account_name;
}

std::string purpose_of(std::string_view conference, const PayOut& payout) {
  return fmt::format("{} {}", payout.order_reference, conference);
}

}  // namespace

std::string sepa_text(std::string_view text, std::size_t most_characters) {
  std::string plain;
  const auto add = [&](char c) {
    if (c == '&') c = '+';
    if (!is_taken(c)) c = ' ';
    if (c != ' ' || !plain.ends_with(' ')) plain += c;
  };
  // Letters that ICU spells stand together: what a word sounds like hangs on its neighbours.
  std::string foreign;
  const auto spell = [&] {
    if (foreign.empty()) return;
    const std::string ascii = in_ascii_letters(foreign);
    if (ascii.empty()) plain += '?';
    for (const char c : ascii) add(c);
    foreign.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const std::string_view letter = text.substr(at, length);
    at += length;
    const std::string_view own = length == 1 ? std::string_view() : plain_letter(letter);
    if (length > 1 && own.empty()) {
      foreign += letter;
      continue;
    }
    spell();
    if (length == 1) add(letter[0]);
    plain += own;
  }
  spell();
  // A slash at either end, or two of them, has a meaning of its own.
  for (std::size_t at; (at = plain.find("//")) != std::string::npos;) plain.erase(at, 1);
  const auto is_edge = [](char c) { return c == ' ' || c == '/'; };
  plain.erase(plain.begin(), std::find_if_not(plain.begin(), plain.end(), is_edge));
  if (plain.size() > most_characters) plain.resize(most_characters);
  while (!plain.empty() && is_edge(plain.back())) plain.pop_back();
  return plain;
}

std::string transfers_csv(std::span<const PayOut> payouts) {
  std::string text = csv_line({"Refund", "Order", "Name", "IBAN", "Amount", "Currency", "Paid by",
                               "Reference", "E-mail", "Why", "Since"});
  for (const PayOut& payout : payouts)
    text += csv_line({std::to_string(payout.refund_id), payout.order_reference, name_of(payout), payout.iban,
                      Money(payout.amount, Currency::of(payout.currency)).to_string(), payout.currency,
                      payout.channel, payout.payment_reference, payout.email, payout.note,
                      payout.created_at.to_string()});
  return text;
}

SepaFile sepa_file(const SepaOrder& order, std::span<const PayOut> payouts) {
  const auto payer_iban = registration::checked_iban(order.payer.iban);
  const std::string payer = sepa_text(order.payer.name, 70);
  if (!payer_iban || !is_sepa_country(*payer_iban) || !has_letters(payer))
    throw Refused(
        "payer",
        "The account that pays is not complete: enter its holder and its IBAN in the payment set-up.", {},
        "payer");
  SepaFile file;
  struct Transfer {
    const PayOut* payout;
    std::string iban;
  };
  std::vector<Transfer> transfers;
  for (const PayOut& payout : payouts) {
    const auto iban = registration::checked_iban(payout.iban);
    const char* why = nullptr;
    if (payout.is_test)
      why = message("It is a test order: no money moves.");
    else if (payout.currency != "EUR")
      why = message("It is not in euro.");
    else if (payout.iban.empty())
      why = message("The account is not known: enter its IBAN.");
    else if (!iban)
      why = message("The IBAN is wrong.");
    else if (!is_sepa_country(*iban))
      why = message("The account is outside of SEPA: it needs a transfer of another kind.");
    else if (!has_letters(sepa_text(name_of(payout), 70)))
      why = message("There is no name.");
    else if (payout.amount < 1)
      why = message("The amount is not above zero.");
    else if (payout.amount > largest_transfer)
      why = message("The amount is too large for one transfer.");
    if (why) {
      file.left_out.push_back({payout.refund_id, payout.order_reference, why});
      continue;
    }
    transfers.push_back({&payout, *iban});
    file.refunds.push_back(payout.refund_id);
    file.amount += payout.amount;
  }
  if (transfers.empty()) return file;

  const bool is_09 = order.version == SepaVersion::pain_001_001_09;
  const std::string space = fmt::format(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:{}\"",
                                        is_09 ? "pain.001.001.09" : "pain.001.001.03");
  std::string id = sepa_text(order.message_id, 30);
  std::replace(id.begin(), id.end(), ' ', '-');
  std::string created = order.now.to_string();  // "2026-11-26T12:00:00.123456Z": seconds are enough
  if (const std::size_t dot = created.find('.'); dot != std::string::npos)
    created = created.substr(0, dot) + "Z";
  Xml xml;
  xml.text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml.open("Document" + space);
  xml.open("CstmrCdtTrfInitn");
  xml.open("GrpHdr");
  xml.leaf("MsgId", id);
  xml.leaf("CreDtTm", created);
  xml.leaf("NbOfTxs", std::to_string(transfers.size()));
  xml.leaf("CtrlSum", decimals(file.amount));
  xml.open("InitgPty");
  xml.leaf("Nm", payer);
  xml.close("InitgPty");
  xml.close("GrpHdr");
  xml.open("PmtInf");
  xml.leaf("PmtInfId", id + "-1");
  xml.leaf("PmtMtd", "TRF");
  // Each transfer stands on the statement by itself, so that it is found there again.
  xml.leaf("BtchBookg", "false");
  xml.leaf("NbOfTxs", std::to_string(transfers.size()));
  xml.leaf("CtrlSum", decimals(file.amount));
  xml.open("PmtTpInf");
  xml.open("SvcLvl");
  xml.leaf("Cd", "SEPA");
  xml.close("SvcLvl");
  xml.close("PmtTpInf");
  if (is_09) {
    xml.open("ReqdExctnDt");
    xml.leaf("Dt", order.execute_on.to_string());
    xml.close("ReqdExctnDt");
  } else {
    xml.leaf("ReqdExctnDt", order.execute_on.to_string());
  }
  xml.open("Dbtr");
  xml.leaf("Nm", payer);
  xml.close("Dbtr");
  const auto account = [&](std::string_view name, const std::string& iban) {
    xml.open(name);
    xml.open("Id");
    xml.leaf("IBAN", iban);
    xml.close("Id");
    xml.close(name);
  };
  account("DbtrAcct", *payer_iban);
  xml.open("DbtrAgt");
  xml.open("FinInstnId");
  const std::string bic = normal_iban(order.payer.bic);
  if (is_bic(bic)) {
    xml.leaf(is_09 ? "BICFI" : "BIC", bic);
  } else {
    xml.open("Othr");
    xml.leaf("Id", "NOTPROVIDED");
    xml.close("Othr");
  }
  xml.close("FinInstnId");
  xml.close("DbtrAgt");
  xml.leaf("ChrgBr", "SLEV");
  for (const Transfer& transfer : transfers) {
    const PayOut& payout = *transfer.payout;
    xml.open("CdtTrfTxInf");
    xml.open("PmtId");
    xml.leaf("EndToEndId", end_to_end_id_of_refund(payout.refund_id));
    xml.close("PmtId");
    xml.open("Amt");
    xml.leaf("InstdAmt", decimals(payout.amount), " Ccy=\"EUR\"");
    xml.close("Amt");
    xml.open("Cdtr");
    xml.leaf("Nm", sepa_text(name_of(payout), 70));
    xml.close("Cdtr");
    account("CdtrAcct", transfer.iban);
    if (const std::string purpose = sepa_text(purpose_of(order.conference, payout), 140); !purpose.empty()) {
      xml.open("RmtInf");
      xml.leaf("Ustrd", purpose);
      xml.close("RmtInf");
    }
    xml.close("CdtTrfTxInf");
  }
  xml.close("PmtInf");
  xml.close("CstmrCdtTrfInitn");
  xml.close("Document");
  file.xml = std::move(xml.text);
  return file;
}

}  // namespace plenary::payments
