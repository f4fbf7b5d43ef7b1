// Statements as CAMT.053 (ISO 20022). Names are compared without their prefix; entities of a document type
// are never expanded (pugixml knows none), nothing outside of the file is read.
#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "base/csv.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "domain/payments/statement_texts.hpp"
#include "domain/payments/statements.hpp"

namespace plenary::payments {
namespace {

using pugi::xml_node;
constexpr std::string_view name_space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";
constexpr std::size_t most_faults = 200;

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

xml_node child(xml_node parent, std::string_view name) {
  for (const xml_node node : parent.children())
    if (local_name(node.name()) == name) return node;
  return {};
}

// Down a path: "BookgDt/Dt".
xml_node at_path(xml_node node, std::string_view path) {
  while (node && !path.empty()) {
    const std::size_t slash = path.find('/');
    node = child(node, path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return node;
}

std::string_view text_at(xml_node node, std::string_view path) {
  const xml_node found = at_path(node, path);
  return found ? std::string_view(found.child_value()) : std::string_view();
}

class Reader {
 public:
  Reader(std::string_view text, const StatementReading& reading, StatementFile& file)
      : text_(text), reading_(reading), file_(file) {
    for (std::size_t at = 0; at < text.size(); ++at)
      if (text[at] == '\n') breaks_.push_back(at);
  }

  void fault(xml_node node, std::string place, const char* text, Refused::Arguments arguments = {}) {
    if (file_.faults.size() < most_faults)
      file_.faults.push_back({node ? line_of(node) : 0, std::move(place), text, std::move(arguments)});
  }

  void document(xml_node root) {
    if (local_name(root.name()) != "Document")
      return fault(root, clean_text(root.name(), 60),
                   message("The file begins with “{found}”; a CAMT.053 statement begins with “Document”."),
                   {{"found", clean_text(root.name(), 60)}});
    std::string space;
    for (const pugi::xml_attribute attribute : root.attributes())
      if (std::string_view(attribute.name()).starts_with("xmlns") &&
          std::string_view(attribute.value()).find("iso:20022") != std::string_view::npos)
        space = clean_text(attribute.value(), 100);
    const xml_node message_node = child(root, "BkToCstmrStmt");
    if (!message_node || (!space.empty() && !space.starts_with(name_space))) {
      const xml_node first = root.first_child();
      const std::string found =
          !space.empty() && !space.starts_with(name_space) ? space : clean_text(first.name(), 60);
      return fault(root, "Document",
                   message("This is “{found}”; a statement of booked entries, CAMT.053, is expected."),
                   {{"found", found.empty() ? std::string("an empty document") : found}});
    }
    for (const xml_node node : message_node.children())
      if (local_name(node.name()) == "Stmt") statement(node);
    if (file_.statements.empty() && file_.faults.empty())
      fault(message_node, "BkToCstmrStmt", message("There is no statement (“Stmt”) in this file."));
  }

 private:
  std::size_t line_of(xml_node node) const {
    const std::ptrdiff_t offset = node.offset_debug();
    if (offset < 0) return 0;
    const auto before = std::lower_bound(breaks_.begin(), breaks_.end(), static_cast<std::size_t>(offset));
    return static_cast<std::size_t>(before - breaks_.begin()) + 1;
  }

  // The amount of an element such as Amt: minor units, never below zero.
  std::optional<std::int64_t> amount_in(xml_node node, const std::string& place, std::string& currency,
                                        const std::string& otherwise) {
    std::string code = clean_text(node.attribute("Ccy").value(), 10);
    if (code.empty()) code = otherwise;
    const auto known = Currency::find(code);
    if (!known) {
      fault(node, place, message("“{found}” is no currency; a code such as EUR is expected."),
            {{"found", code}});
      return std::nullopt;
    }
    const std::string_view text = trimmed(node.child_value());
    const auto value = text.find(',') == std::string_view::npos && !text.starts_with('-') && text.size() < 30
                           ? read_amount(text, '.', known->exponent())
                           : std::nullopt;
    if (!value) {
      fault(node, place, message("“{found}” is no amount in {currency}; one such as 12.50 is expected."),
            {{"found", clean_text(text, 40)}, {"currency", code}});
      return std::nullopt;
    }
    currency = code;
    return value;
  }

  // Whether it went out.
  std::optional<bool> is_debit(xml_node node, const std::string& place) {
    const xml_node indicator = child(node, "CdtDbtInd");
    const std::string_view text = trimmed(indicator.child_value());
    if (text == "DBIT") return true;
    if (text == "CRDT") return false;
    fault(indicator ? indicator : node, place + "/CdtDbtInd",
          message("“{found}” does not say whether the money came or went: CRDT or DBIT is expected."),
          {{"found", clean_text(text, 40)}});
    return std::nullopt;
  }

  std::optional<Date> date_in(xml_node node, const std::string& place) {
    if (!node) return std::nullopt;
    std::string_view text = trimmed(text_at(node, "Dt"));
    if (text.empty()) text = trimmed(text_at(node, "DtTm"));
    const auto date = Date::parse(text.substr(0, std::min<std::size_t>(text.size(), 10)));
    if (!date)
      fault(node, place, message("“{found}” is no date; one such as 2026-12-31 is expected."),
            {{"found", clean_text(text, 40)}});
    return date;
  }

  void statement(xml_node node) {
    Statement read;
    std::string_view account = text_at(node, "Acct/Id/IBAN");
    if (trimmed(account).empty()) account = text_at(node, "Acct/Id/Othr/Id");
    read.account = account_of(account).substr(0, 50);
    read.currency = clean_text(text_at(node, "Acct/Ccy"), 3);
    read.number = clean_text(text_at(node, "ElctrncSeqNb"), 60);
    if (read.number.empty()) read.number = clean_text(text_at(node, "Id"), 60);
    const std::string otherwise = read.currency.empty() ? reading_.currency : read.currency;
    for (const xml_node part : node.children()) {
      if (local_name(part.name()) == "Bal") balance(part, read, otherwise);
      if (local_name(part.name()) == "Ntry") entry(part, read, otherwise);
    }
    for (const StatementEntry& each : read.entries) {
      if (!read.from || each.booked_on < *read.from) read.from = each.booked_on;
      if (!read.until || each.booked_on > *read.until) read.until = each.booked_on;
    }
    if (read.currency.empty()) read.currency = otherwise;
    file_.statements.push_back(std::move(read));
  }

  void balance(xml_node node, Statement& read, const std::string& otherwise) {
    const std::string_view kind = trimmed(text_at(node, "Tp/CdOrPrtry/Cd"));
    const bool opening = kind == "OPBD" || kind == "PRCD", closing = kind == "CLBD";
    if (!opening && !closing) return;
    std::string currency;
    const auto value = amount_in(child(node, "Amt"), "Bal/Amt", currency, otherwise);
    const auto out = is_debit(node, "Bal");
    if (!value || !out) return;
    const std::int64_t balance = value.value_or(0);
    (opening ? read.opening_balance : read.closing_balance) = *out ? -balance : balance;
  }

  void entry(xml_node node, Statement& read, const std::string& otherwise) {
    const xml_node state = child(node, "Sts");
    std::string_view status = trimmed(text_at(state, "Cd"));
    if (status.empty()) status = trimmed(state.child_value());
    if (status == "PDNG" || status == "INFO" || status == "FUTR") return;  // not on the account yet
    if (read.entries.size() >= most_entries) {
      if (read.entries.size() == most_entries)
        fault(node, "Ntry", message("There are more than {limit} entries; split the file."),
              {{"limit", std::to_string(most_entries)}});
      return;
    }
    const std::size_t before = file_.faults.size();
    StatementEntry whole;
    whole.line = line_of(node);
    const xml_node amount_node = child(node, "Amt");
    if (!amount_node) fault(node, "Ntry", message("The entry has no amount (“Amt”)."));
    const auto value =
        amount_node ? amount_in(amount_node, "Ntry/Amt", whole.currency, otherwise) : std::nullopt;
    const auto out = is_debit(node, "Ntry");
    const std::string_view reversal = trimmed(text_at(node, "RvslInd"));
    whole.is_reversal = reversal == "true" || reversal == "1";
    whole.value_date = date_in(child(node, "ValDt"), "Ntry/ValDt");
    const auto booked = date_in(child(node, "BookgDt"), "Ntry/BookgDt");
    if (!booked && !whole.value_date && file_.faults.size() == before)
      fault(node, "Ntry", message("The entry has no date (“BookgDt”)."));
    if (!value || !out || file_.faults.size() != before) return;
    whole.booked_on = booked ? *booked : *whole.value_date;
    whole.amount = value.value_or(0);
    if (*out) whole.amount = -whole.amount;
    whole.bank_reference = clean_id(text_at(node, "AcctSvcrRef"));
    if (whole.bank_reference.empty()) whole.bank_reference = clean_id(text_at(node, "NtryRef"));
    whole.kind = clean_text(text_at(node, "AddtlNtryInf"), 200);
    if (whole.amount == 0) return;

    std::vector<xml_node> details;
    for (const xml_node part : node.children())
      if (local_name(part.name()) == "NtryDtls")
        for (const xml_node detail : part.children())
          if (local_name(detail.name()) == "TxDtls") details.push_back(detail);
    if (split(node, details, whole, read)) return;
    for (const xml_node detail : details) describe(detail, whole);
    whole.is_batch = details.size() > 1 || told_of_batch(node) > 1;
    finish(std::move(whole), read);
  }

  static std::int64_t told_of_batch(xml_node node) {
    const std::string text = clean_text(text_at(node, "NtryDtls/Btch/NbOfTxs"), 8);
    std::int64_t count = 0;
    for (const char c : text) count = c >= '0' && c <= '9' ? count * 10 + (c - '0') : 0;
    return count;
  }

  // A collected booking becomes its parts, where they say their amounts and add up to it.
  bool split(xml_node node, const std::vector<xml_node>& details, const StatementEntry& whole,
             Statement& read) {
    if (details.size() < 2) return false;
    std::vector<StatementEntry> parts;
    __int128 sum = 0;
    for (const xml_node detail : details) {
      StatementEntry part = whole;
      part.line = line_of(detail);
      xml_node amount_node = child(detail, "Amt");
      if (!amount_node) amount_node = at_path(detail, "AmtDtls/TxAmt/Amt");
      if (!amount_node) return false;
      std::string currency;
      const auto value = amount_in(amount_node, "TxDtls/Amt", currency, whole.currency);
      if (!value) return true;  // said already
      if (currency != whole.currency || *value == 0) return false;
      const std::string_view way = trimmed(text_at(detail, "CdtDbtInd"));
      const bool out = way.empty() ? whole.amount < 0 : way == "DBIT";
      part.amount = value.value_or(0);
      if (out) part.amount = -part.amount;
      sum += part.amount;
      describe(detail, part);
      std::string own = clean_id(text_at(detail, "Refs/AcctSvcrRef"));
      if (own == whole.bank_reference) own.clear();
      if (own.empty() && !whole.bank_reference.empty())
        own = fmt::format("{}/{}", whole.bank_reference, parts.size() + 1);
      part.bank_reference = own;
      parts.push_back(std::move(part));
    }
    if (sum != whole.amount) return false;
    (void)node;
    for (StatementEntry& part : parts) finish(std::move(part), read);
    return true;
  }

  void describe(xml_node detail, StatementEntry& entry) {
    const xml_node refs = child(detail, "Refs");
    if (entry.end_to_end_id.empty()) entry.end_to_end_id = clean_id(text_at(refs, "EndToEndId"));
    if (entry.bank_reference.empty()) entry.bank_reference = clean_id(text_at(refs, "AcctSvcrRef"));
    // Who is on the other side. What comes back of an own transfer names both as they were.
    const bool from_debtor = (entry.amount > 0) != entry.is_reversal;
    const xml_node parties = child(detail, "RltdPties");
    for (const bool debtor : {from_debtor, !from_debtor}) {
      if (!entry.counterparty.empty() || !entry.counterparty_iban.empty()) break;
      if (debtor != from_debtor && !entry.is_reversal) break;
      const xml_node party = child(parties, debtor ? "Dbtr" : "Cdtr");
      std::string_view name = text_at(party, "Pty/Nm");
      if (trimmed(name).empty()) name = text_at(party, "Nm");
      if (trimmed(name).empty()) {
        const xml_node ultimate = child(parties, debtor ? "UltmtDbtr" : "UltmtCdtr");
        name = text_at(ultimate, "Pty/Nm");
        if (trimmed(name).empty()) name = text_at(ultimate, "Nm");
      }
      entry.counterparty = clean_text(name, 200);
      const xml_node account = child(parties, debtor ? "DbtrAcct" : "CdtrAcct");
      std::string_view number = text_at(account, "Id/IBAN");
      if (trimmed(number).empty()) number = text_at(account, "Id/Othr/Id");
      entry.counterparty_iban = account_of(number).substr(0, 50);
    }
    const xml_node remittance = child(detail, "RmtInf");
    const auto add = [&](std::string_view text) {
      const std::string clean = clean_text(text, 2000);
      if (clean.empty()) return;
      if (!entry.remittance.empty()) entry.remittance += ' ';
      entry.remittance += clean;
    };
    for (const xml_node part : remittance.children()) {
      const std::string_view name = local_name(part.name());
      if (name == "Ustrd") add(part.child_value());
      if (name != "Strd") continue;
      add(text_at(part, "CdtrRefInf/Ref"));
      for (const xml_node inner : part.children()) {
        if (local_name(inner.name()) == "RfrdDocInf") add(text_at(inner, "Nb"));
        if (local_name(inner.name()) == "AddtlRmtInf") add(inner.child_value());
      }
    }
    const std::string more = clean_text(text_at(detail, "AddtlTxInf"), 200);
    if (entry.kind.empty()) entry.kind = more;
    // Back came what was sent: the bank's reason.
    const std::string why = clean_text(text_at(detail, "RtrInf/AddtlInf"), 200);
    if (!why.empty()) add(why);
    if (child(detail, "RtrInf")) entry.is_reversal = true;
  }

  void finish(StatementEntry entry, Statement& read) {
    entry.remittance = clean_text(entry.remittance, 2000);
    if (entry.remittance.empty()) entry.remittance = entry.kind;
    read.entries.push_back(std::move(entry));
  }

  std::string_view text_;
  const StatementReading& reading_;
  StatementFile& file_;
  std::vector<std::size_t> breaks_;
};

}  // namespace

StatementFile read_camt_statement(std::string_view bytes, const StatementReading& reading) {
  StatementFile file;
  file.format = StatementFormat::camt;
  std::string text;
  try {
    text = decoded_text(bytes).text;
  } catch (const CsvError&) {
    file.faults.push_back({1, "", message("This is no text file.")});
    return file;
  }
  Reader reader(text, reading, file);
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!result) {
    const auto end =
        text.begin() + std::clamp<std::ptrdiff_t>(result.offset, 0, static_cast<std::ptrdiff_t>(text.size()));
    const auto line = static_cast<std::size_t>(std::count(text.begin(), end, '\n')) + 1;
    file.faults.push_back(
        {line, "", message("The XML is broken here: {why}."), {{"why", result.description()}}});
    return file;
  }
  reader.document(document.document_element());
  std::size_t entries = 0;
  for (const Statement& statement : file.statements) entries += statement.entries.size();
  if (file.faults.empty() && entries == 0)
    file.faults.push_back({0, "", message("There is no booked entry in this file.")});
  if (!file.faults.empty()) file.statements.clear();
  for (Statement& statement : file.statements) give_references(statement);
  return file;
}

}  // namespace plenary::payments
