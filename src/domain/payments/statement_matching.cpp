#include "domain/payments/statement_matching.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/money.hpp"
#include "base/text.hpp"

namespace plenary::payments {
namespace {

constexpr std::array<std::string_view, 4> certainties{"none", "unclear", "likely", "exact"};
using Words = std::set<std::string>;
constexpr std::size_t shortest_code = 6;  // of a reference without its prefix

std::string shown(std::int64_t amount, const std::string& currency) {
  const auto known = Currency::find(currency);
  return known ? marked(Money(amount, *known)) : std::to_string(amount);
}

// Words of a name in capitals: umlauts spelt out, accents gone where they are common, titles and forms left
// out.
Words words_of(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> spellings[] = {
      {"\xC3\xA4", "AE"}, {"\xC3\x84", "AE"}, {"\xC3\xB6", "OE"}, {"\xC3\x96", "OE"}, {"\xC3\xBC", "UE"},
      {"\xC3\x9C", "UE"}, {"\xC3\x9F", "SS"}, {"\xC3\xA9", "E"},  {"\xC3\x89", "E"},  {"\xC3\xA8", "E"},
      {"\xC3\xAA", "E"},  {"\xC3\xA0", "A"},  {"\xC3\xA1", "A"},  {"\xC3\xA2", "A"},  {"\xC3\xA7", "C"},
      {"\xC3\xB1", "N"},  {"\xC3\xB3", "O"},  {"\xC3\xB2", "O"},  {"\xC3\xAD", "I"},  {"\xC3\xBA", "U"},
      {"\xC5\x82", "L"},  {"\xC3\xB8", "O"},  {"\xC3\xA5", "A"}};
  static const std::set<std::string> ignored{"DR", "PROF", "HERR", "FRAU", "MR",   "MRS", "MS",  "GMBH",
                                             "AG", "UG",   "EV",   "KG",   "LTD",  "CO",  "INC", "LLC",
                                             "SE", "UND",  "AND",  "MBH",  "ODER", "E",   "V",   "THE"};
  Words words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && !ignored.contains(word)) words.insert(word);
    word.clear();
  };
  for (std::size_t at = 0; at < name.size();) {
    const char c = name[at];
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
      word += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      ++at;
      continue;
    }
    if (byte < 0x80) {
      if (c != '\'' && c != '.') end_word();
      ++at;
      continue;
    }
    const std::size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const std::string_view character = name.substr(at, length);
    const auto spelling = std::find_if(std::begin(spellings), std::end(spellings),
                                       [&](const auto& each) { return each.first == character; });
    if (spelling != std::end(spellings))
      word += spelling->second;
    else
      word += character;
    at += length;
  }
  end_word();
  return words;
}

// "Müller" may have come as MUELLER or as MULLER.
std::string without_umlauts(std::string word) {
  for (const std::string_view pair : {"AE", "OE", "UE"})
    for (std::size_t at; (at = word.find(pair)) != std::string::npos;) word.erase(at + 1, 1);
  return word;
}

Words plain(const Words& words) {
  Words result;
  for (const std::string& word : words) result.insert(without_umlauts(word));
  return result;
}

bool contains_all(const Words& all, const Words& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

bool names_agree(const Words& a, const Words& b) {
  const Words& shorter = a.size() <= b.size() ? a : b;
  const Words& longer = a.size() <= b.size() ? b : a;
  std::size_t letters = 0;
  for (const std::string& word : shorter) letters += word.size();
  // One short word says nothing.
  if (shorter.empty() || letters < 4 || (shorter.size() == 1 && longer.size() > 2)) return false;
  return contains_all(longer, shorter);
}

// Whether `code` stands in `text` with one character changed.
bool is_nearly_in(const std::string& text, const std::string& code) {
  for (std::size_t at = 0; at + code.size() <= text.size(); ++at) {
    int wrong = 0;
    for (std::size_t i = 0; i < code.size() && wrong < 2; ++i) wrong += text[at + i] != code[i];
    if (wrong < 2) return true;
  }
  return false;
}

}  // namespace

std::string_view to_text(Certainty certainty) {
  return certainties.at(static_cast<std::size_t>(certainty));
}
Certainty certainty_of(std::string_view text) {
  for (std::size_t at = 0; at < certainties.size(); ++at)
    if (certainties[at] == text) return static_cast<Certainty>(at);
  return Certainty::none;
}

std::string folded_reference(std::string_view text) {
  std::string folded;
  for (char c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) folded += c;
  }
  return folded;
}

bool is_same_name(std::string_view a, std::string_view b) {
  return names_agree(plain(words_of(a)), plain(words_of(b)));
}

std::string end_to_end_id_of_refund(Id refund_id) {
  return fmt::format("REFUND-{}", refund_id);
}

struct Matcher::State {
  std::vector<MatchOrder> orders;
  std::vector<MatchRefund> refunds;
  // Folded references, whole and without their prefix, to places in `orders`.
  std::unordered_map<std::string, std::vector<std::size_t>> whole, codes;
  std::set<std::size_t> whole_lengths, code_lengths;
  std::map<std::pair<std::string, std::int64_t>, std::vector<std::size_t>> by_due;
  // The words of name and company, of orders that wait; at their places.
  std::vector<std::pair<Words, Words>> names;

  std::vector<std::size_t> found_in(const std::string& text,
                                    const std::unordered_map<std::string, std::vector<std::size_t>>& index,
                                    const std::set<std::size_t>& lengths, bool& is_ambiguous) const;
  Match incoming(const MatchEntry& entry) const;
  Match outgoing(const MatchEntry& entry) const;
  Match by_references(const MatchEntry& entry, std::vector<std::size_t> found, bool is_whole) const;
  Match by_amount(const MatchEntry& entry, const std::string& text) const;
  bool is_named(const Words& payer, std::size_t place) const {
    if (payer.empty()) return false;
    if (orders[place].due > 0)
      return names_agree(payer, names[place].first) || names_agree(payer, names[place].second);
    return names_agree(payer, plain(words_of(orders[place].name))) ||
           names_agree(payer, plain(words_of(orders[place].company)));
  }
};

Matcher::Matcher(std::vector<MatchOrder> orders, std::vector<MatchRefund> refunds)
    : state_(std::make_unique<State>()) {
  state_->orders = std::move(orders);
  state_->refunds = std::move(refunds);
  state_->names.resize(state_->orders.size());
  for (std::size_t at = 0; at < state_->orders.size(); ++at) {
    const MatchOrder& order = state_->orders[at];
    if (order.due > 0) state_->names[at] = {plain(words_of(order.name)), plain(words_of(order.company))};
    const std::string folded = folded_reference(order.reference);
    if (folded.size() < shortest_code) continue;
    state_->whole[folded].push_back(at);
    state_->whole_lengths.insert(folded.size());
    const std::size_t dash = order.reference.rfind('-');
    if (dash != std::string::npos) {
      const std::string code = folded_reference(order.reference.substr(dash + 1));
      if (code.size() >= shortest_code) {
        state_->codes[code].push_back(at);
        state_->code_lengths.insert(code.size());
      }
    }
    if (order.due > 0) state_->by_due[{order.currency, order.due}].push_back(at);
  }
}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;

Match Matcher::match(const MatchEntry& entry) const {
  if (entry.amount == 0) return {};
  return entry.amount > 0 ? state_->incoming(entry) : state_->outgoing(entry);
}

// Places of orders, in the order of the text, each once.
std::vector<std::size_t> Matcher::State::found_in(
    const std::string& text, const std::unordered_map<std::string, std::vector<std::size_t>>& index,
    const std::set<std::size_t>& lengths, bool& is_ambiguous) const {
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at < text.size(); ++at)
    for (const std::size_t length : lengths) {
      if (at + length > text.size()) break;
      const auto hit = index.find(text.substr(at, length));
      if (hit == index.end()) continue;
      is_ambiguous = is_ambiguous || hit->second.size() > 1;
      for (const std::size_t place : hit->second)
        if (std::find(found.begin(), found.end(), place) == found.end()) found.push_back(place);
    }
  return found;
}

Match Matcher::State::incoming(const MatchEntry& entry) const {
  const std::string text = folded_reference(entry.remittance + " " + entry.end_to_end_id);
  bool is_ambiguous = false;
  std::vector<std::size_t> found = found_in(text, whole, whole_lengths, is_ambiguous);
  const bool is_whole = !found.empty();
  if (!is_whole) found = found_in(text, codes, code_lengths, is_ambiguous);
  Match match = found.empty() ? by_amount(entry, text) : by_references(entry, found, is_whole);
  const auto at_most = [&](Certainty certainty, int score, MatchReason reason) {
    if (match.certainty == Certainty::none) return;
    match.certainty = std::min(match.certainty, certainty);
    match.score = std::min(match.score, score);
    match.reasons.push_back(std::move(reason));
  };
  if (is_ambiguous)
    at_most(Certainty::unclear, 45, {message("Two orders have references that look alike."), {}});
  if (entry.is_reversal)
    at_most(Certainty::unclear, 30, {message("The bank took an earlier booking back with it."), {}});
  if (entry.is_batch)
    at_most(Certainty::unclear, 30,
            {message("It is several transfers in one, which the file does not tell apart."), {}});
  return match;
}

Match Matcher::State::by_references(const MatchEntry& entry, std::vector<std::size_t> found,
                                    bool is_whole) const {
  const Words payer = plain(words_of(entry.counterparty));
  Match match;
  std::string names;
  std::int64_t due = 0;
  bool same_currency = true, all_open = true, named = false;
  for (const std::size_t place : found) {
    const MatchOrder& order = orders[place];
    names += (names.empty() ? "" : ", ") + order.reference;
    due += order.due;
    same_currency = same_currency && order.currency == entry.currency;
    all_open = all_open && order.due > 0;
    named = named || is_named(payer, place);
  }
  match.reasons.push_back(
      is_whole ? MatchReason{message("The text names {orders}."), {{"orders", names}}}
               : MatchReason{message("The text has the code of {orders}."), {{"orders", names}}});
  if (named) match.reasons.push_back({message("The name is the buyer's."), {}});
  if (!same_currency) {
    match.reasons.push_back({message("It came in {currency}, the order is in another currency."),
                             {{"currency", entry.currency}}});
    match.certainty = Certainty::unclear;
    match.score = 20;
    return match;  // no amount can be proposed
  }
  if (found.size() == 1) {
    const MatchOrder& order = orders[found.front()];
    match.shares.push_back({order.id, 0, entry.amount});
    const Refused::Arguments figures{{"amount", shown(entry.amount, entry.currency)},
                                     {"due", shown(order.due, order.currency)},
                                     {"status", order.status}};
    if (order.due <= 0) {
      match.certainty = Certainty::unclear;
      match.score = named ? 55 : 50;
      match.reasons.push_back({message("Nothing is due: the order is {status}."), figures});
    } else if (entry.amount == order.due) {
      match.certainty = is_whole ? Certainty::exact : Certainty::likely;
      match.score = is_whole ? 100 : named ? 90 : 80;
      match.reasons.push_back({message("The amount is exactly what is due."), figures});
    } else {
      match.certainty = Certainty::likely;
      match.score = named ? 70 : 60;
      match.reasons.push_back({entry.amount < order.due ? message("{amount} of {due} came.")
                                                        : message("{amount} came, and {due} is due."),
                               figures});
    }
    return match;
  }
  std::int64_t left = entry.amount;
  for (const std::size_t place : found) {
    const std::int64_t part = std::min(left, orders[place].due);
    if (part > 0) match.shares.push_back({orders[place].id, 0, part});
    left -= std::max<std::int64_t>(part, 0);
  }
  const Refused::Arguments figures{{"amount", shown(entry.amount, entry.currency)},
                                   {"due", shown(due, entry.currency)}};
  if (all_open && entry.amount == due) {
    match.certainty = is_whole ? Certainty::exact : Certainty::likely;
    match.score = is_whole ? 100 : 80;
    match.reasons.push_back({message("The amount is exactly what is due of all of them."), figures});
    return match;
  }
  if (left > 0 && !match.shares.empty()) match.shares.back().amount += left;
  match.certainty = Certainty::unclear;
  match.score = 40;
  match.reasons.push_back({message("{amount} came, and {due} is due of all of them."), figures});
  return match;
}

Match Matcher::State::by_amount(const MatchEntry& entry, const std::string& text) const {
  const Words payer = plain(words_of(entry.counterparty));
  Match match;
  const auto same = by_due.find({entry.currency, entry.amount});
  std::vector<std::size_t> named, near;
  if (same != by_due.end())
    for (const std::size_t place : same->second) {
      const MatchOrder& order = orders[place];
      const std::size_t dash = order.reference.rfind('-');
      const std::string code =
          folded_reference(dash == std::string::npos ? order.reference : order.reference.substr(dash + 1));
      if (code.size() >= shortest_code && is_nearly_in(text, code)) near.push_back(place);
      if (is_named(payer, place)) named.push_back(place);
    }
  const auto propose = [&](std::size_t place, Certainty certainty, int score, MatchReason why) {
    match.certainty = certainty;
    match.score = score;
    match.shares.push_back({orders[place].id, 0, entry.amount});
    match.reasons.push_back(std::move(why));
    match.reasons.push_back({message("The amount is exactly what is due."), {}});
  };
  if (near.size() == 1) {
    const bool also = std::find(named.begin(), named.end(), near[0]) != named.end();
    propose(near[0], Certainty::likely, also ? 85 : 75,
            {message("The text has the code of {orders}, but for one character."),
             {{"orders", orders[near[0]].reference}}});
    return match;
  }
  if (named.size() == 1) {
    propose(named[0], Certainty::likely, 65, {message("The name is the buyer's."), {}});
    return match;
  }
  if (named.size() > 1) {
    propose(
        named[0], Certainty::unclear, 40,
        {message("The name and the amount fit {count} orders."), {{"count", std::to_string(named.size())}}});
    return match;
  }
  if (same != by_due.end() && same->second.size() == 1) {
    propose(same->second[0], Certainty::unclear, 20, {message("No other order waits for this amount."), {}});
    return match;
  }
  // The name alone, of an order that waits.
  std::vector<std::size_t> waiting;
  for (std::size_t at = 0; at < orders.size() && waiting.size() < 2; ++at)
    if (orders[at].due > 0 && orders[at].currency == entry.currency && is_named(payer, at))
      waiting.push_back(at);
  if (waiting.size() == 1) {
    match.certainty = Certainty::unclear;
    match.score = 25;
    match.shares.push_back({orders[waiting[0]].id, 0, entry.amount});
    match.reasons.push_back({message("The name is the buyer's."), {}});
    match.reasons.push_back({message("{amount} came, and {due} is due."),
                             {{"amount", shown(entry.amount, entry.currency)},
                              {"due", shown(orders[waiting[0]].due, entry.currency)}}});
  }
  return match;
}

Match Matcher::State::outgoing(const MatchEntry& entry) const {
  Match match;
  const std::int64_t amount = -entry.amount;
  const std::string text = folded_reference(entry.remittance + " " + entry.end_to_end_id);
  const std::string own = ascii_upper(trimmed(entry.end_to_end_id));
  struct Candidate {
    std::size_t place;
    int score;
    std::vector<MatchReason> reasons;
  };
  std::vector<Candidate> candidates;
  for (std::size_t at = 0; at < refunds.size(); ++at) {
    const MatchRefund& refund = refunds[at];
    if (refund.currency != entry.currency || refund.amount != amount) continue;
    Candidate candidate{at, 0, {}};
    const auto speaks = [&](int score, MatchReason reason) {
      candidate.score += score;
      candidate.reasons.push_back(std::move(reason));
    };
    if (own == end_to_end_id_of_refund(refund.id))
      speaks(100, {message("It is the transfer that was made for this refund."), {}});
    if (text.find(folded_reference(refund.order_reference)) != std::string::npos)
      speaks(60, {message("The text names {orders}."), {{"orders", refund.order_reference}}});
    if (!refund.iban.empty() && refund.iban == entry.counterparty_iban)
      speaks(35, {message("It went to the account that the money came from."), {}});
    if (is_same_name(entry.counterparty, refund.name)) speaks(20, {message("The name is the buyer's."), {}});
    if (candidate.score > 0) candidates.push_back(std::move(candidate));
  }
  if (candidates.empty()) return match;
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  const Candidate& best = candidates.front();
  const bool is_alone = candidates.size() == 1 || candidates[1].score < best.score;
  match.score = std::min(best.score, 100);
  match.certainty = !is_alone || best.score < 35 || entry.is_reversal || entry.is_batch ? Certainty::unclear
                    : best.score >= 60                                                  ? Certainty::exact
                                                                                        : Certainty::likely;
  if (match.certainty == Certainty::unclear) match.score = std::min(match.score, 40);
  match.shares.push_back({refunds[best.place].order_id, refunds[best.place].id, amount});
  match.reasons = best.reasons;
  match.reasons.push_back({message("The amount is the refund's."), {}});
  return match;
}

}  // namespace plenary::payments
