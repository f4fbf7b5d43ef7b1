// {% block %}: shared with the inheritance chain in RenderState.
#pragma once

#include <string>
#include <string_view>

#include "templating/node.hpp"

namespace plenary::templating {

class BlockNode final : public Node {
 public:
  BlockNode(std::string_view name, NodeList content) : name_(name), content_(std::move(content)) {}
  void render(Context& context, std::string& out) const override;
  const Name& name() const { return name_; }

 private:
  Name name_;
  NodeList content_;
};

}  // namespace plenary::templating
