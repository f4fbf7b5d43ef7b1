// What the heads of banks' columns mean. source: the exports of German, Austrian, Swiss, British and American
// banks.
#include "domain/payments/statement_texts.hpp"
#include "domain/payments/statements.hpp"

namespace plenary::payments {
namespace {

struct KnownHead {
  std::string_view head;  // folded
  ColumnRole role;
};
using enum ColumnRole;
constexpr KnownHead known_heads[] = {
    {"buchungstag", booked_on},
    {"buchungsdatum", booked_on},
    {"buchung", booked_on},
    {"datum", booked_on},
    {"date", booked_on},
    {"bookingdate", booked_on},
    {"dateofbooking", booked_on},
    {"transactiondate", booked_on},
    {"postingdate", booked_on},
    {"posteddate", booked_on},
    {"dateposted", booked_on},
    {"completeddate", booked_on},
    {"datecompleted", booked_on},
    {"dateutc", booked_on},
    {"entrydate", booked_on},
    {"abschlussdatum", booked_on},
    {"valutadatum", value_date},
    {"valuta", value_date},
    {"wertstellung", value_date},
    {"wertstellungsdatum", value_date},
    {"wertstellungstag", value_date},
    {"wert", value_date},
    {"wertdatum", value_date},
    {"valuedate", value_date},
    {"betrag", amount},
    {"umsatz", amount},
    {"betragineur", amount},
    {"umsatzineur", amount},
    {"betrageur", amount},
    {"amount", amount},
    {"amounteur", amount},
    {"transactionamount", amount},
    {"transaktionsbetrag", amount},
    {"netamount", amount},
    {"soll", debit},
    {"belastung", debit},
    {"belastungsbetrag", debit},
    {"lastschrift", debit},
    {"debit", debit},
    {"debitamount", debit},
    {"moneyout", debit},
    {"paidout", debit},
    {"withdrawal", debit},
    {"withdrawals", debit},
    {"haben", credit},
    {"gutschrift", credit},
    {"gutschriftsbetrag", credit},
    {"credit", credit},
    {"creditamount", credit},
    {"moneyin", credit},
    {"paidin", credit},
    {"deposit", credit},
    {"deposits", credit},
    {"sollhaben", direction},
    {"sh", direction},
    {"sollhabenkennzeichen", direction},
    {"shkennzeichen", direction},
    {"debitcredit", direction},
    {"creditdebit", direction},
    {"creditdebitindicator", direction},
    {"debitcreditindicator", direction},
    {"drcr", direction},
    {"crdr", direction},
    {"dc", direction},
    {"cd", direction},
    {"waehrung", currency},
    {"whrg", currency},
    {"currency", currency},
    {"accountcurrency", currency},
    {"name", counterparty},
    {"partnername", counterparty},
    {"partner", counterparty},
    {"gegenpartei", counterparty},
    {"beguenstigterzahlungspflichtiger", counterparty},
    {"beguenstigterauftraggeber", counterparty},
    {"auftraggeberbeguenstigter", counterparty},
    {"auftraggeberempfaenger", counterparty},
    {"empfaengerauftraggeber", counterparty},
    {"auftraggeberzahlungsempfaenger", counterparty},
    {"namezahlungsbeteiligter", counterparty},
    {"zahlungsbeteiligter", counterparty},
    {"namedespartners", counterparty},
    {"counterparty", counterparty},
    {"counterpartyname", counterparty},
    {"payeepayer", counterparty},
    {"payerpayee", counterparty},
    {"payeename", counterparty},
    {"merchant", counterparty},
    {"zahlungspflichtiger", payer},
    {"auftraggeber", payer},
    {"absender", payer},
    {"payer", payer},
    {"payername", payer},
    {"sender", payer},
    {"zahlungsempfaenger", payee},
    {"zahlungsempfaengerin", payee},
    {"empfaenger", payee},
    {"beguenstigter", payee},
    {"payee", payee},
    {"recipient", payee},
    {"iban", counterparty_iban},
    {"kontonummeriban", counterparty_iban},
    {"ibanzahlungsbeteiligter", counterparty_iban},
    {"ibandespartners", counterparty_iban},
    {"partneriban", counterparty_iban},
    {"gegenkonto", counterparty_iban},
    {"gegeniban", counterparty_iban},
    {"kontonummer", counterparty_iban},
    {"accountnumber", counterparty_iban},
    {"counterpartyiban", counterparty_iban},
    {"counterpartyaccount", counterparty_iban},
    {"payeraccountnumber", counterparty_iban},
    {"verwendungszweck", remittance},
    {"zahlungsreferenz", remittance},
    {"zahlungszweck", remittance},
    {"mitteilung", remittance},
    {"beschreibung", remittance},
    {"description", remittance},
    {"details", remittance},
    {"paymentdetails", remittance},
    {"paymentreference", remittance},
    {"reference", remittance},
    {"referenz", remittance},
    {"remittanceinformation", remittance},
    {"transactiondescription", remittance},
    {"narrative", remittance},
    {"memo", remittance},
    {"purpose", remittance},
    {"vorgangverwendungszweck", remittance},
    {"kundenreferenz", end_to_end_id},
    {"endtoendreferenz", end_to_end_id},
    {"endtoendid", end_to_end_id},
    {"endtoendreference", end_to_end_id},
    {"transactionid", bank_reference},
    {"transferwiseid", bank_reference},
    {"id", bank_reference},
    {"bankreferenz", bank_reference},
    {"bankreference", bank_reference},
    {"buchungsreferenz", bank_reference},
    {"transaktionsnummer", bank_reference},
    {"buchungstext", kind},
    {"umsatzart", kind},
    {"umsatztyp", kind},
    {"vorgang", kind},
    {"buchungsart", kind},
    {"transactiontype", kind},
    {"type", kind},
    {"auftragskonto", account},
    {"ibanauftragskonto", account},
    {"ibanauftraggeberkonto", account},
    {"status", status},
    {"info", status},
};

}  // namespace

std::string folded_head(std::string_view head) {
  std::string text;
  int depth = 0;
  for (std::size_t at = 0; at < head.size(); ++at) {
    const char c = head[at];
    if (c == '(' || c == '[') ++depth;
    if ((c == ')' || c == ']') && depth > 0) --depth;
    if (depth > 0) continue;
    const std::string_view two = head.substr(at, 2);
    if (two == "\xC3\xA4" || two == "\xC3\x84") text += "ae";
    if (two == "\xC3\xB6" || two == "\xC3\x96") text += "oe";
    if (two == "\xC3\xBC" || two == "\xC3\x9C") text += "ue";
    if (two == "\xC3\x9F") text += "ss";
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) text += c;
    if (c >= 'A' && c <= 'Z') text += static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

ColumnRole role_of_head(std::string_view head) {
  const std::string text = folded_head(head);
  if (text.empty()) return none;
  for (const KnownHead& known : known_heads)
    if (text == known.head) return known.role;
  // "Verwendungszweck 2", "Verwendungszweckzeile 3".
  for (const std::string_view begin : {"verwendungszweck", "paymentreference"})
    if (text.starts_with(begin)) return remittance;
  return none;
}

}  // namespace plenary::payments
