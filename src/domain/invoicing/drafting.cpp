#include "domain/invoicing/drafting.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace plenary::invoicing {
namespace {

using registration::LineKind;
using registration::OrderLine;
using Lines = std::vector<const OrderLine*>;

// What the documents of an order say of its lines by now.
struct Said {
  std::map<Id, int> times;
  std::map<Id, Id> invoice;  // that says the line, or whose credit note does
  bool is_said(Id line) const {
    const auto found = times.find(line);
    return found != times.end() && found->second > 0;
  }
};

Said said_by(const Standing& standing) {
  std::map<Id, Id> roots;
  for (const Document& document : standing.documents)
    roots[document.id] = document.corrects_id.value_or(document.id);
  Said said;
  for (const store::Cover& cover : standing.covers) {
    said.times[cover.order_line_id] += cover.direction;
    if (cover.direction > 0) said.invoice[cover.order_line_id] = roots[cover.document_id];
  }
  return said;
}

struct CreditNote {
  Lines taken_back;  // said again with the amounts turned round
  Lines said;        // reversing lines, and the fee that is kept
};

std::int64_t gross_of(const Lines& lines) {
  std::int64_t sum = 0;
  for (const OrderLine* line : lines) sum += line->gross;
  return sum;
}

bool is_worth_nothing(const std::vector<Line>& lines) {
  return std::all_of(lines.begin(), lines.end(),
                     [](const Line& line) { return line.gross == 0 && line.net == 0 && line.tax == 0; });
}

Draft credit_note_of(const Standing& standing, Id invoice, const CreditNote& note) {
  Draft draft;
  draft.kind = DocumentKind::credit_note;
  draft.corrects_id = invoice;
  draft.lines = printed_lines(note.taken_back, -1, standing.accounts);
  for (Line& line : printed_lines(note.said, 1, standing.accounts)) draft.lines.push_back(std::move(line));
  for (const OrderLine* line : note.taken_back) draft.covers.push_back({0, line->id, -1});
  for (const OrderLine* line : note.said) draft.covers.push_back({0, line->id, 1});
  return draft;
}

}  // namespace

std::int64_t Draft::gross() const {
  std::int64_t sum = 0;
  for (const Line& line : lines) sum += line.gross;
  return sum;
}

std::vector<Line> printed_lines(std::span<const OrderLine* const> lines, int sign,
                                std::span<const std::pair<Id, std::string>> accounts) {
  std::vector<Line> printed;
  std::map<Id, std::size_t> place;             // of an order's line
  std::map<std::size_t, std::int64_t> totals;  // after discounts, as priced
  for (const OrderLine* line : lines) {
    const auto earlier = line->reverses_line_id ? place.find(*line->reverses_line_id) : place.end();
    if (earlier == place.end()) {
      Line fresh;
      fresh.description = line->description;
      fresh.unit_price = line->unit_price;
      fresh.tax_rate = line->tax_rate;
      fresh.tax_category = line->tax_category;
      fresh.tax_country = line->tax_country;
      fresh.reverse_charge = line->reverse_charge;
      fresh.tax_inclusive = line->tax_inclusive;
      if (line->tax_rule_id)
        for (const auto& [rule, account] : accounts)
          if (rule == *line->tax_rule_id) fresh.account = account;
      printed.push_back(std::move(fresh));
    }
    const std::size_t at = earlier == place.end() ? printed.size() - 1 : earlier->second;
    place[line->id] = at;
    Line& into = printed[at];
    into.quantity += sign * line->quantity;
    into.net += sign * line->net;
    into.tax += sign * line->tax;
    into.gross += sign * line->gross;
    totals[at] += sign * line->line_total;
  }
  std::vector<Line> kept;
  for (std::size_t i = 0; i < printed.size(); ++i) {
    Line& line = printed[i];
    line.discount = line.unit_price * line.quantity - totals[i];
    if (line.quantity != 0 || line.gross != 0 || line.net != 0) kept.push_back(std::move(line));
  }
  return kept;
}

std::vector<TaxSum> tax_sums(std::span<const Line> lines) {
  std::vector<TaxSum> sums;
  for (const Line& line : lines) {
    const auto same = [&](const TaxSum& sum) {
      return std::tie(sum.rate, sum.country, sum.category, sum.reverse_charge) ==
             std::tie(line.tax_rate, line.tax_country, line.tax_category, line.reverse_charge);
    };
    auto found = std::find_if(sums.begin(), sums.end(), same);
    if (found == sums.end()) {
      sums.push_back({line.tax_rate, line.tax_country, line.tax_category, line.reverse_charge, 0, 0, 0});
      found = std::prev(sums.end());
    }
    found->net += line.net;
    found->tax += line.tax;
    found->gross += line.gross;
  }
  return sums;
}

std::vector<Draft> drafts(const Standing& standing) {
  const Said said = said_by(standing);
  std::map<Id, CreditNote> credit_notes;  // by the invoice that they correct
  Lines invoiced;
  bool only_fees = true;
  for (const OrderLine& line : standing.lines) {
    const bool is_said = said.is_said(line.id);
    if (is_said && (standing.is_void || standing.says_anew))
      credit_notes[said.invoice.at(line.id)].taken_back.push_back(&line);
    if (standing.is_void || (is_said && !standing.says_anew)) continue;
    const bool takes_said =
        !standing.says_anew && line.reverses_line_id && said.is_said(*line.reverses_line_id);
    if (takes_said) {
      credit_notes[said.invoice.at(*line.reverses_line_id)].said.push_back(&line);
    } else {
      invoiced.push_back(&line);
      only_fees = only_fees && line.kind == LineKind::fee;
    }
  }
  // A fee that is kept when something is taken back stands on the credit note. source: 25, 4. None asks for
  // money: a fee that is more than each of them takes back is invoiced.
  if (only_fees && !standing.says_anew) {
    const std::int64_t fees = gross_of(invoiced);
    for (auto& [document, note] : credit_notes) {
      if (invoiced.empty() || gross_of(note.said) - gross_of(note.taken_back) + fees > 0) continue;
      note.said.insert(note.said.end(), invoiced.begin(), invoiced.end());
      invoiced.clear();
    }
  }
  std::vector<Draft> all;
  for (const auto& [invoice, note] : credit_notes) {
    Draft draft = credit_note_of(standing, invoice, note);
    if (!is_worth_nothing(draft.lines)) all.push_back(std::move(draft));
  }
  Draft invoice;
  invoice.lines = printed_lines(invoiced, 1, standing.accounts);
  for (const OrderLine* line : invoiced) invoice.covers.push_back({0, line->id, 1});
  if (invoice.gross() > 0) all.push_back(std::move(invoice));
  return all;
}

}  // namespace plenary::invoicing
