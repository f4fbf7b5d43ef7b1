#include "i18n/plural_rule.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

namespace plenary::i18n {
namespace {

constexpr int most_forms = 6;
constexpr int most_nesting = 60;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

// Recursive descent, one function a level of C's precedence.
class PluralRule::Reader {
 public:
  Reader(std::string_view text, PluralRule& rule) : text_(text), rule_(rule) {}

  void read() {
    word("nplurals");
    word("=");
    const std::uint64_t forms = number();
    if (forms < 1 || forms > most_forms) fail(fmt::format("nplurals from 1 to {}", most_forms));
    word(";");
    word("plural");
    word("=");
    rule_.forms_ = static_cast<int>(forms);
    rule_.root_ = choice();
    skip();
    if (at_ < text_.size() && text_[at_] == ';') ++at_;
    skip();
    if (at_ != text_.size()) fail("the end");
  }

 private:
  struct Operator {
    std::string_view text;
    Op op;
  };
  [[noreturn]] void fail(std::string_view expected) const {
    throw std::invalid_argument(fmt::format("the plural rule '{}' has at character {}: '{}'; expected {}",
                                            text_, at_ + 1, text_.substr(at_, 10), expected));
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool take(std::string_view what) {
    skip();
    if (text_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  void word(std::string_view what) {
    if (!take(what)) fail(fmt::format("'{}'", what));
  }
  std::uint64_t number() {
    skip();
    const std::size_t from = at_;
    std::uint64_t value = 0;
    while (at_ < text_.size() && is_digit(text_[at_]) && at_ - from < 9) {
      value = value * 10 + static_cast<std::uint64_t>(text_[at_++] - '0');
    }
    if (at_ == from) fail("a number");
    return value;
  }
  int add(Node node) {
    if (rule_.nodes_.size() > 1000) fail("a shorter rule");
    rule_.nodes_.push_back(node);
    return static_cast<int>(rule_.nodes_.size()) - 1;
  }

  int choice() {
    if (++depth_ > most_nesting) fail("less nesting");
    int node = binary(0);
    if (take("?")) {
      const int yes = choice();
      word(":");
      const int no = choice();
      node = add({Op::choice, 0, node, yes, no});
    }
    --depth_;
    return node;
  }

  // Longer operators stand before their beginnings.
  static constexpr std::array<std::array<Operator, 4>, 6> levels{{
      {{{"||", Op::disjunction}}},
      {{{"&&", Op::conjunction}}},
      {{{"==", Op::equal}, {"!=", Op::not_equal}}},
      {{{"<=", Op::less_equal}, {">=", Op::greater_equal}, {"<", Op::less}, {">", Op::greater}}},
      {{{"+", Op::add}, {"-", Op::subtract}}},
      {{{"*", Op::multiply}, {"/", Op::divide}, {"%", Op::modulo}}},
  }};

  int binary(std::size_t level) {
    if (level == levels.size()) return unary();
    int left = binary(level + 1);
    for (bool again = true; again;) {
      again = false;
      for (const Operator& each : levels[level]) {
        if (each.text.empty() || !take(each.text)) continue;
        const int right = binary(level + 1);
        left = add({each.op, 0, left, right, 0});
        again = true;
        break;
      }
    }
    return left;
  }

  int unary() {
    if (++depth_ > most_nesting) fail("less nesting");
    int node = 0;
    if (take("!")) {
      const int operand = unary();
      node = add({Op::negate, 0, operand, 0, 0});
    } else if (take("(")) {
      node = choice();
      word(")");
    } else if (take("n")) {
      node = add({Op::n, 0, 0, 0, 0});
    } else {
      node = add({Op::number, number(), 0, 0, 0});
    }
    --depth_;
    return node;
  }

  std::string_view text_;
  PluralRule& rule_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

PluralRule::PluralRule() {
  *this = parse("nplurals=2; plural=n != 1;");
}

PluralRule PluralRule::parse(std::string_view text) {
  PluralRule rule{Blank{}};
  Reader(text, rule).read();
  return rule;
}

int PluralRule::form_of(std::int64_t n) const {
  bool failed = false;
  const auto count = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  const std::uint64_t form = value_of(root_, count, failed);
  return failed || form >= static_cast<std::uint64_t>(forms_) ? 0 : static_cast<int>(form);
}

std::uint64_t PluralRule::value_of(int at, std::uint64_t n, bool& failed) const {
  const Node& node = nodes_[static_cast<std::size_t>(at)];
  const auto of = [&](int operand) { return value_of(operand, n, failed); };
  switch (node.op) {
    case Op::number:
      return node.number;
    case Op::n:
      return n;
    case Op::negate:
      return of(node.a) == 0;
    case Op::conjunction:
      return of(node.a) != 0 && of(node.b) != 0;
    case Op::disjunction:
      return of(node.a) != 0 || of(node.b) != 0;
    case Op::choice:
      return of(node.a) != 0 ? of(node.b) : of(node.c);
    default:
      break;
  }
  const std::uint64_t a = of(node.a), b = of(node.b);
  switch (node.op) {
    case Op::multiply:
      return a * b;
    case Op::divide:
    case Op::modulo:
      if (b == 0) {
        failed = true;
        return 0;
      }
      return node.op == Op::divide ? a / b : a % b;
    case Op::add:
      return a + b;
    case Op::subtract:
      return a - b;
    case Op::less:
      return a < b;
    case Op::less_equal:
      return a <= b;
    case Op::greater:
      return a > b;
    case Op::greater_equal:
      return a >= b;
    case Op::equal:
      return a == b;
    default:
      return a != b;
  }
}

}  // namespace plenary::i18n
