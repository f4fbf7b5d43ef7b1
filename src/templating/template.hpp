// Template: one compiled file. Immutable, shared by all threads that render it.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "templating/node.hpp"

namespace plenary::templating {

class BlockNode;
class ExtendsNode;

class Template {
 public:
  Template(std::string name, std::string origin, std::string source)
      : name(std::move(name)), origin(std::move(origin)), source(std::move(source)) {}
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;

  const std::string name;    // "registration/cart.html"
  const std::string origin;  // the file, or "embedded"
  const std::string source;  // all tokens point into it
  NodeList nodes;
  std::vector<const BlockNode*> blocks;
  bool extends = false;

  // Parents and includes with literal names, for check and for development's look at files.
  struct Reference {
    std::string name;
    int line, column;
    std::string_view text;
    bool is_parent;
  };
  std::vector<Reference> references;
  std::deque<std::string> kept;
  // How large pages of it have become, so that the next one has room from the start.
  mutable std::atomic<std::size_t> usual_size = 0;
};

}  // namespace plenary::templating
