#include "templating/condition.hpp"

#include <fmt/format.h>

#include "templating/parser.hpp"
#include "templating/python.hpp"

namespace plenary::templating {
namespace {

enum class Operator : unsigned char {
  none,
  logical_or,
  logical_and,
  logical_not,
  in,
  not_in,
  is,
  is_not,
  equal,
  unequal,
  greater,
  greater_equal,
  less,
  less_equal
};

struct Word {
  Operator op = Operator::none;
  std::string_view text;
  std::size_t operand = 0;  // of the compiled expressions, when it is no operator
};

int precedence(Operator op) {
  switch (op) {
    case Operator::none:
      return 0;
    case Operator::logical_or:
      return 6;
    case Operator::logical_and:
      return 7;
    case Operator::logical_not:
      return 8;
    case Operator::in:
    case Operator::not_in:
      return 9;
    default:
      return 10;
  }
}

Operator operator_of(std::string_view text) {
  static constexpr std::pair<std::string_view, Operator> names[] = {
      {"or", Operator::logical_or}, {"and", Operator::logical_and}, {"not", Operator::logical_not},
      {"in", Operator::in},         {"is", Operator::is},           {"==", Operator::equal},
      {"!=", Operator::unequal},    {">", Operator::greater},       {">=", Operator::greater_equal},
      {"<", Operator::less},        {"<=", Operator::less_equal}};
  for (const auto& [name, op] : names) {
    if (name == text) return op;
  }
  return Operator::none;
}

class Operand final : public Condition {
 public:
  explicit Operand(Expression expression) : expression_(std::move(expression)) {}
  Value evaluate(Context& context) const override { return expression_.value_or_null(context); }
  const Value* resolve(Context& context, Value& scratch) const override {
    return expression_.resolve_or_null(context, scratch);
  }
  bool holds(Context& context) const override {
    Value scratch;
    return expression_.resolve_or_null(context, scratch)->truth();
  }

 private:
  Expression expression_;
};

class Negation final : public Condition {
 public:
  explicit Negation(std::unique_ptr<Condition> inner) : inner_(std::move(inner)) {}
  Value evaluate(Context& context) const override {
    try {
      return !inner_->holds(context);
    } catch (const TemplateLimit&) {
      throw;
    } catch (const TemplateError&) {
      return false;
    }
  }

 private:
  std::unique_ptr<Condition> inner_;
};

class Binary final : public Condition {
 public:
  Binary(Operator op, std::unique_ptr<Condition> left, std::unique_ptr<Condition> right)
      : op_(op), left_(std::move(left)), right_(std::move(right)) {}

  Value evaluate(Context& context) const override {
    try {
      return calculate(context);
    } catch (const TemplateLimit&) {
      throw;
    } catch (const TemplateError&) {
      // A filter that cannot use its input makes the whole comparison false.
      return false;
    }
  }

 private:
  Value calculate(Context& context) const {
    if (op_ == Operator::logical_or || op_ == Operator::logical_and) {
      Value left = left_->evaluate(context);
      return left.truth() == (op_ == Operator::logical_or) ? left : right_->evaluate(context);
    }
    Value left_scratch, right_scratch;
    const Value& left = *left_->resolve(context, left_scratch);
    const Value& right = *right_->resolve(context, right_scratch);
    switch (op_) {
      case Operator::in:
        return python::contains(right, left).value_or(false);
      case Operator::not_in: {
        const auto found = python::contains(right, left);
        return found ? !*found : false;
      }
      case Operator::is:
        return left.is_same(right);
      case Operator::is_not:
        return !left.is_same(right);
      case Operator::equal:
        return python::equal(left, right);
      case Operator::unequal:
        return !python::equal(left, right);
      default:
        break;
    }
    const python::Order order = python::order(left, right);
    if (order == python::Order::not_comparable || order == python::Order::unordered) return false;
    switch (op_) {
      case Operator::greater:
        return order == python::Order::greater;
      case Operator::greater_equal:
        return order != python::Order::less;
      case Operator::less:
        return order == python::Order::less;
      default:
        return order != python::Order::greater;
    }
  }

  Operator op_;
  std::unique_ptr<Condition> left_, right_;
};

// Top-down operator precedence: an operator takes to its right all that binds stronger.
class ConditionParser {
 public:
  ConditionParser(const Parser& parser, const std::vector<std::string_view>& bits) : parser_(parser) {
    for (std::size_t i = 0; i < bits.size(); ++i) {
      const bool more = i + 1 < bits.size();
      if (bits[i] == "is" && more && bits[i + 1] == "not") {
        words_.push_back({Operator::is_not, "is not", 0});
        ++i;
      } else if (bits[i] == "not" && more && bits[i + 1] == "in") {
        words_.push_back({Operator::not_in, "not in", 0});
        ++i;
      } else {
        Word word{operator_of(bits[i]), bits[i], operands_.size()};
        if (word.op == Operator::none) operands_.push_back(parser.expression(bits[i]));
        words_.push_back(word);
      }
    }
  }

  std::unique_ptr<Condition> run() {
    std::unique_ptr<Condition> all = parse(0);
    if (at_ < words_.size()) {
      parser_.fail(
          fmt::format("'{}' does not belong at the end of the condition; an operator is missing before it",
                      words_[at_].text));
    }
    return all;
  }

 private:
  std::unique_ptr<Condition> parse(int binding) {
    if (++depth_ > 100) throw TemplateLimit("the condition has more than 100 operators inside each other");
    std::unique_ptr<Condition> left = first();
    while (at_ < words_.size() && binding < infix_precedence(words_[at_].op)) {
      const Operator op = words_[at_].op;
      if (op == Operator::logical_not) {
        parser_.fail(
            "'not' cannot stand behind a value; write 'not in', 'is not' or put 'and' or 'or' between");
      }
      ++at_;
      left = std::make_unique<Binary>(op, std::move(left), parse(precedence(op)));
      // Rendering goes down the left side of the tree, one call for each operator.
      if (++operators_ > 200) throw TemplateLimit("the condition has more than 200 operators");
    }
    --depth_;
    return left;
  }

  static int infix_precedence(Operator op) { return precedence(op); }

  std::unique_ptr<Condition> first() {
    if (at_ >= words_.size()) parser_.fail("the condition ends too early; a value is missing");
    const Word word = words_[at_++];
    if (word.op == Operator::none) return std::make_unique<Operand>(std::move(operands_[word.operand]));
    if (word.op == Operator::logical_not) return std::make_unique<Negation>(parse(precedence(word.op)));
    parser_.fail(fmt::format("'{}' needs a value before it", word.text));
  }

  const Parser& parser_;
  std::vector<Word> words_;
  std::vector<Expression> operands_;
  std::size_t at_ = 0;
  int depth_ = 0, operators_ = 0;
};

}  // namespace

std::unique_ptr<Condition> compile_condition(const Parser& parser,
                                             const std::vector<std::string_view>& bits) {
  return ConditionParser(parser, bits).run();
}

}  // namespace plenary::templating
