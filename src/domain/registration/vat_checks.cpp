#include "domain/registration/vat_checks.hpp"

#include <algorithm>
#include <array>

namespace plenary::registration {
namespace {

// What follows the two letters. 9: a digit, A: a letter, *: either; alternatives behind a bar. source: the
// structures published with VIES, https://ec.europa.eu/taxation_customs/vies.
struct Structure {
  std::string_view state;    // as ids begin
  std::string_view country;  // ISO 3166-1
  std::string_view patterns;
};
constexpr std::array<Structure, 28> structures{{
    {"AT", "AT", "U99999999"},
    {"BE", "BE", "9999999999"},
    {"BG", "BG", "999999999|9999999999"},
    {"CY", "CY", "99999999A"},
    {"CZ", "CZ", "99999999|999999999|9999999999"},
    {"DE", "DE", "999999999"},
    {"DK", "DK", "99999999"},
    {"EE", "EE", "999999999"},
    {"EL", "GR", "999999999"},
    {"ES", "ES", "*9999999*"},
    {"FI", "FI", "99999999"},
    {"FR", "FR", "**999999999"},
    {"HR", "HR", "99999999999"},
    {"HU", "HU", "99999999"},
    {"IE", "IE", "9*99999A|9999999AA"},
    {"IT", "IT", "99999999999"},
    {"LT", "LT", "999999999|999999999999"},
    {"LU", "LU", "99999999"},
    {"LV", "LV", "99999999999"},
    {"MT", "MT", "99999999"},
    {"NL", "NL", "999999999B99"},
    {"PL", "PL", "9999999999"},
    {"PT", "PT", "999999999"},
    {"RO", "RO", "99|999|9999|99999|999999|9999999|99999999|999999999|9999999999"},
    {"SE", "SE", "999999999999"},
    {"SI", "SI", "99999999"},
    {"SK", "SK", "9999999999"},
    {"XI", "GB", "999999999|999999999999"},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

bool fits(std::string_view pattern, std::string_view text) {
  if (pattern.size() != text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char want = pattern[i], c = text[i];
    const bool fine = want == '9'   ? is_digit(c)
                      : want == 'A' ? is_capital(c)
                      : want == '*' ? is_digit(c) || is_capital(c)
                                    : c == want;
    if (!fine) return false;
  }
  return true;
}

// Government bodies and health authorities of Northern Ireland have letters of their own.
bool fits_any(const Structure& structure, std::string_view number) {
  if (structure.state == "XI" && number.size() == 5)
    return (number.starts_with("GD") || number.starts_with("HA")) &&
           std::all_of(number.begin() + 2, number.end(), is_digit);
  std::string_view rest = structure.patterns;
  while (!rest.empty()) {
    const std::size_t bar = rest.find('|');
    if (fits(rest.substr(0, bar), number)) return true;
    rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
  }
  return false;
}

}  // namespace

const db::Entity<VatCheck>& vat_check_table() {
  using V = VatCheck;
  static const db::Entity<V> table(
      "vat_check",
      {
          db::column("id", &V::id).generated_key(),
          db::column("conference_id", &V::conference_id).references("conference").fixed(),
          db::column("vat_id", &V::vat_id).required().label("VAT number").fixed(),
          db::column("status", &V::status)
              .choice("valid", "Valid")
              .choice("invalid", "Not valid")
              .choice("unavailable", "No answer")
              .fixed(),
          db::column("name", &V::name).fixed(),
          db::column("address", &V::address).fixed(),
          db::column("consultation_number", &V::consultation_number)
              .fixed()
              .help("Proof for the tax office that the number was checked."),
          db::column("checked_at", &V::checked_at).fixed(),
      },
      db::Rules<V>().titled("VAT check", "VAT checks").ordered_by("checked_at DESC, id DESC"));
  return table;
}

std::string normal_vat_id(std::string_view typed) {
  std::string id;
  for (const char c : typed) {
    if (is_digit(c) || is_capital(c)) id += c;
    if (c >= 'a' && c <= 'z') id += static_cast<char>(c - 'a' + 'A');
  }
  return id;
}

bool is_vat_id_shaped(std::string_view country, std::string_view vat_id) {
  for (const Structure& structure : structures) {
    if (structure.country != country) continue;
    if (vat_id.starts_with(structure.state)) return fits_any(structure, vat_id.substr(2));
    // Great Britain left: only Northern Ireland's have a structure here.
    if (country != "GB") return false;
  }
  // One of the EU's is another country's: confirmed, it would take the tax off.
  return vat_id.size() >= 4 && vat_id.size() <= 20 && !eu_vat_id(vat_id) &&
         std::all_of(vat_id.begin(), vat_id.end(), [](char c) { return is_digit(c) || is_capital(c); });
}

std::optional<EuVatId> eu_vat_id(std::string_view vat_id) {
  for (const Structure& structure : structures)
    if (vat_id.starts_with(structure.state) && fits_any(structure, vat_id.substr(2)))
      return EuVatId{std::string(structure.state), std::string(vat_id.substr(2))};
  return std::nullopt;
}

VatCheck record_vat_check(db::Tx& tx, Id conference_id, const VatCheck& answer) {
  VatCheck row = answer;
  row.id = 0;
  row.conference_id = conference_id;
  row.checked_at = tx.now();
  return vat_check_table().insert(tx, row);
}

std::optional<VatCheck> latest_vat_check(db::Tx& tx, Id conference_id, std::string_view vat_id,
                                         Instant since) {
  auto rows = vat_check_table().select(
      tx,
      "WHERE conference_id = $1 AND vat_id = $2 AND status <> 'unavailable' AND checked_at >= $3 "
      "ORDER BY checked_at DESC, id DESC LIMIT 1",
      conference_id, vat_id, since);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::optional<VatCheck> find_vat_check(db::Tx& tx, Id conference_id, Id id) {
  return vat_check_table().maybe(tx, "WHERE id = $1 AND conference_id = $2", id, conference_id);
}

}  // namespace plenary::registration
