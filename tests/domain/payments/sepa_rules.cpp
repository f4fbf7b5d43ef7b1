#include "domain/payments/sepa_rules.hpp"

#include <pugixml.hpp>

#include <map>
#include <regex>
#include <set>

namespace plenary::payments::testing {
namespace {

struct Child {
  std::string name;
  int least, most;  // most 0: any number
  std::string type;
};
using Schema = std::map<std::string, std::vector<Child>>;

// Elements that we never write are left out where the schema has them as optional ones: they are faults here.
Schema schema_of(bool is_09) {
  return {
      {"Document", {{"CstmrCdtTrfInitn", 1, 1, "Initiation"}}},
      {"Initiation", {{"GrpHdr", 1, 1, "Header"}, {"PmtInf", 1, 0, "Instruction"}}},
      {"Header",
       {{"MsgId", 1, 1, "id"},
        {"CreDtTm", 1, 1, "moment"},
        {"NbOfTxs", 1, 1, "count"},
        {"CtrlSum", 0, 1, "sum"},
        {"InitgPty", 1, 1, "Party"}}},
      {"Party", {{"Nm", 1, 1, "text70"}}},
      {"Instruction",
       {{"PmtInfId", 1, 1, "id"},
        {"PmtMtd", 1, 1, "method"},
        {"BtchBookg", 0, 1, "flag"},
        {"NbOfTxs", 0, 1, "count"},
        {"CtrlSum", 0, 1, "sum"},
        {"PmtTpInf", 0, 1, "PaymentType"},
        {"ReqdExctnDt", 1, 1, is_09 ? "DateChoice" : "day"},
        {"Dbtr", 1, 1, "Party"},
        {"DbtrAcct", 1, 1, "Account"},
        {"DbtrAgt", 1, 1, "Agent"},
        {"ChrgBr", 0, 1, "charges"},
        {"CdtTrfTxInf", 1, 0, "Transfer"}}},
      {"PaymentType", {{"SvcLvl", 1, 1, "Service"}}},
      {"Service", {{"Cd", 1, 1, "service"}}},
      {"DateChoice", {{"Dt", 1, 1, "day"}}},
      {"Account", {{"Id", 1, 1, "AccountId"}}},
      {"AccountId", {{"IBAN", 1, 1, "iban"}}},
      {"Agent", {{"FinInstnId", 1, 1, "Bank"}}},
      {"Bank", {{is_09 ? "BICFI" : "BIC", 0, 1, is_09 ? "bicfi" : "bic"}, {"Othr", 0, 1, "Other"}}},
      {"Other", {{"Id", 1, 1, "unknown"}}},
      {"Transfer",
       {{"PmtId", 1, 1, "PaymentId"},
        {"Amt", 1, 1, "Amount"},
        {"Cdtr", 1, 1, "Party"},
        {"CdtrAcct", 1, 1, "Account"},
        {"RmtInf", 0, 1, "Remittance"}}},
      {"PaymentId", {{"EndToEndId", 1, 1, "id"}}},
      {"Amount", {{"InstdAmt", 1, 1, "amount"}}},
      {"Remittance", {{"Ustrd", 1, 1, "text140"}}},
  };
}

const std::map<std::string, std::string>& patterns() {
  static const std::map<std::string, std::string> all{
      {"id", "[A-Za-z0-9+?/:().,'-]{1,35}"},
      {"moment", "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](Z|[+-][0-9]{2}:[0-9]{2})"},
      {"day", "[0-9]{4}-[01][0-9]-[0-3][0-9]"},
      {"count", "[1-9][0-9]{0,14}"},
      {"sum", "[0-9]{1,15}\\.[0-9]{2}"},
      {"amount", "[0-9]{1,9}\\.[0-9]{2}"},
      {"method", "TRF"},
      {"flag", "true|false"},
      {"charges", "SLEV"},
      {"service", "SEPA"},
      {"iban", "[A-Z]{2}[0-9]{2}[A-Za-z0-9]{1,30}"},
      {"bic", "[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?"},
      {"bicfi", "[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?"},
      {"unknown", "NOTPROVIDED"},
      {"text70", "[A-Za-z0-9/?:().,'+ -]{1,70}"},
      {"text140", "[A-Za-z0-9/?:().,'+ -]{1,140}"},
  };
  return all;
}

class Checking {
 public:
  explicit Checking(bool is_09) : schema_(schema_of(is_09)) {}

  void element(const pugi::xml_node& node, const std::string& type, const std::string& path) {
    const auto children = schema_.find(type);
    if (children == schema_.end()) return value(node, type, path);
    if (node.attributes_begin() != node.attributes_end() && type != "Document")
      faults.push_back(path + ": has an attribute");
    auto expected = children->second.begin();
    int seen = 0;
    const auto enough = [&] {
      if (seen < expected->least) faults.push_back(path + ": " + expected->name + " is missing");
    };
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() != pugi::node_element) {
        faults.push_back(path + ": has a text of its own");
        continue;
      }
      while (expected != children->second.end() && expected->name != child.name()) {
        enough();
        ++expected;
        seen = 0;
      }
      if (expected == children->second.end()) {
        faults.push_back(path + ": " + child.name() + " is unknown or in the wrong place");
        return;
      }
      ++seen;
      if (expected->most > 0 && seen > expected->most)
        faults.push_back(path + ": " + child.name() + " is there too often");
      element(child, expected->type, path + "/" + child.name());
    }
    for (; expected != children->second.end(); ++expected, seen = 0) enough();
  }

  std::vector<std::string> faults;

 private:
  void value(const pugi::xml_node& node, const std::string& type, const std::string& path) {
    const std::string text = node.child_value();
    if (!std::regex_match(text, std::regex(patterns().at(type))))
      faults.push_back(path + ": “" + text + "” is no " + type);
    const bool is_text = type.starts_with("text") || type == "id";
    if (is_text && (text.starts_with('/') || text.ends_with('/') || text.find("//") != std::string::npos))
      faults.push_back(path + ": slashes at an end, or two of them");
    if (is_text && (text.starts_with(' ') || text.ends_with(' ')))
      faults.push_back(path + ": blanks at an end");
    if (type == "amount" && (text == "0.00" || std::string(node.attribute("Ccy").value()) != "EUR"))
      faults.push_back(path + ": nothing, or not in euro");
  }

  Schema schema_;
};

std::int64_t cents(std::string text) {
  text.erase(text.size() - 3, 1);
  return std::stoll(text);
}

}  // namespace

std::vector<std::string> sepa_faults(const std::string& xml, bool is_09) {
  if (!xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")) return {"no declaration"};
  for (const char c : xml)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || static_cast<unsigned char>(c) > 0x7E)
      return {"a character outside of ASCII"};
  pugi::xml_document document;
  if (const auto parsed = document.load_string(xml.c_str()); !parsed)
    return {std::string("not well-formed: ") + parsed.description()};
  const pugi::xml_node root = document.document_element();
  const std::string space =
      std::string("urn:iso:std:iso:20022:tech:xsd:pain.001.001.") + (is_09 ? "09" : "03");
  if (std::string(root.name()) != "Document" || root.attribute("xmlns").value() != space)
    return {"not a Document of " + space};
  Checking checking(is_09);
  checking.element(root, "Document", "Document");
  if (!checking.faults.empty()) return checking.faults;
  // What the parts say together.
  std::int64_t sum = 0, count = 0;
  std::set<std::string> ids;
  for (const auto& found : document.select_nodes("//CdtTrfTxInf")) {
    ++count;
    sum += cents(found.node().child("Amt").child_value("InstdAmt"));
    if (!ids.insert(found.node().child("PmtId").child_value("EndToEndId")).second)
      checking.faults.push_back("an end-to-end id is there twice");
  }
  for (const auto& found : document.select_nodes("//CtrlSum"))
    if (cents(found.node().child_value()) != sum) checking.faults.push_back("the sum is another");
  for (const auto& found : document.select_nodes("//NbOfTxs"))
    if (found.node().child_value() != std::to_string(count))
      checking.faults.push_back("the number of transfers is another");
  return checking.faults;
}

}  // namespace plenary::payments::testing
