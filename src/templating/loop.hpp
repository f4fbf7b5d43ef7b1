// The variable `forloop` inside {% for %}. One render, one thread.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "templating/node.hpp"
#include "templating/value.hpp"

namespace plenary::templating {

class ForLoop final : public Object {
 public:
  ForLoop(std::size_t size, Value parent) : size_(size), parent_(std::move(parent)) {}

  Value get(std::string_view name) const override {
    switch (name.size()) {
      case 4:
        return name == "last" ? Value(index + 1 == size_) : Value::undefined();
      case 5:
        return name == "first" ? Value(index == 0) : Value::undefined();
      case 7:
        return name == "counter" ? Value(index + 1) : Value::undefined();
      case 8:
        return name == "counter0" ? Value(index) : Value::undefined();
      case 10:
        if (name == "revcounter") return Value(size_ - index);
        return name == "parentloop" ? parent_ : Value::undefined();
      case 11:
        return name == "revcounter0" ? Value(size_ - index - 1) : Value::undefined();
      default:
        return Value::undefined();
    }
  }
  // As the dictionary it is in Python.
  Value text() const override {
    Dict dict{{"parentloop", parent_},
              {"counter0", Value(index)},
              {"counter", Value(index + 1)},
              {"revcounter", Value(size_ - index)},
              {"revcounter0", Value(size_ - index - 1)},
              {"first", Value(index == 0)},
              {"last", Value(index + 1 == size_)}};
    return Value(make<Dict>(std::move(dict)));
  }

  std::size_t index = 0;
  // What {% ifchanged %} remembers within this loop.
  mutable std::vector<std::pair<const Node*, Value>> changed;

 private:
  std::size_t size_;
  Value parent_;
};

}  // namespace plenary::templating
