// Which of a message's plural forms goes with a number, as the header of a gettext catalogue says it:
// "nplurals=2; plural=n != 1;". The expression is C's, with n as its only variable. Immutable; any thread.
// source: the GNU gettext manual, "Plural forms".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace plenary::i18n {

class PluralRule {
 public:
  // Two forms, the first for 1: English and German.
  PluralRule();
  // Throws std::invalid_argument that tells what was expected where.
  static PluralRule parse(std::string_view text);

  int forms() const { return forms_; }
  // 0 … forms() - 1; a rule that answers anything else, or divides by zero, gives the first form.
  int form_of(std::int64_t n) const;

 private:
  enum class Op : unsigned char {
    number,
    n,
    negate,
    multiply,
    divide,
    modulo,
    add,
    subtract,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    conjunction,
    disjunction,
    choice
  };
  struct Node {
    Op op = Op::number;
    std::uint64_t number = 0;
    int a = 0, b = 0, c = 0;  // places of the operands in nodes_
  };
  class Reader;
  struct Blank {};
  explicit PluralRule(Blank) {}
  std::uint64_t value_of(int node, std::uint64_t n, bool& failed) const;

  int forms_ = 2;
  int root_ = 0;
  std::vector<Node> nodes_;
};

}  // namespace plenary::i18n
