// Parser: turns tokens into nodes. A tag's compile function gets it together with the tag's token, asks it
// for the nodes up to an end tag and for compiled expressions. One thread, one template.
#pragma once

#include <cstddef>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "templating/engine.hpp"
#include "templating/expression.hpp"
#include "templating/lexer.hpp"
#include "templating/node.hpp"

namespace plenary::templating {

class BlockNode;
class CycleNode;

class Parser {
 public:
  Parser(Template& result, const EngineOptions& options);

  // Throws TemplateError with the place. With `others`, mistakes that leave the structure of the file clear
  // are added there and reading goes on; the nodes are of no use then.
  NodeList parse_all(std::vector<TemplateError>* others = nullptr);

  // Up to one of these tags, which is left as the next token. Without names: to the end of the file.
  NodeList parse(std::initializer_list<std::string_view> until);
  // parse() and then the end tag is taken away too.
  NodeList parse_to(std::string_view end);
  bool has_tokens() const { return next_ < tokens_.size(); }
  Token take();
  void skip_past(std::string_view end);

  Expression expression(std::string_view text) const;
  // While the content of {% keep %} is compiled.
  class Kept {
   public:
    explicit Kept(Parser& parser) : parser_(parser) { ++parser_.kept_; }
    ~Kept() { --parser_.kept_; }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

   private:
    Parser& parser_;
  };
  // For what must not be kept: fails inside of {% keep %}.
  void refuse_in_keep(std::string_view what) const;
  std::vector<Expression> expressions(const std::vector<std::string_view>& bits, std::size_t begin,
                                      std::size_t end) const;
  // A leading "name=value": the name, or empty.
  static std::string_view keyword_of(std::string_view bit, std::string_view& value);
  struct Assignment {
    std::string_view name;
    Expression value;
  };
  // Takes name=value pairs from bits[at…]; with `legacy` also "value as name and value as name".
  std::vector<Assignment> assignments(const std::vector<std::string_view>& bits, std::size_t& at,
                                      bool legacy) const;

  const Filter* find_filter(std::string_view name) const;  // throws TemplateError naming the nearest
  void load(std::string_view library);
  void load(std::string_view library, const std::vector<std::string_view>& names);

  Template& result() { return result_; }
  const EngineOptions& options() const { return options_; }
  // Text made while compiling, kept as long as the template.
  std::string_view keep(std::string text);
  [[noreturn]] void fail(const std::string& message) const { throw TemplateError(message); }

  // What {% cycle name %} and {% resetcycle %} refer to.
  std::map<std::string_view, const CycleNode*> named_cycles;
  const CycleNode* last_cycle = nullptr;
  std::set<std::string_view> block_names;  // also of blocks that are still open

 private:
  void add(NodeList& list, bool& nontext, std::unique_ptr<Node> node, const Token& token);
  std::unique_ptr<Node> compile_block(const Token& token, std::initializer_list<std::string_view> until);
  [[noreturn]] void unknown_tag(const Token& token, std::string_view command,
                                std::initializer_list<std::string_view> until) const;
  [[noreturn]] void unclosed(std::initializer_list<std::string_view> until);
  // Sets the place; true: the mistake is noted and reading may go on behind the token.
  bool note(TemplateError& error, const Token& token, std::size_t next_before);
  void skip_body(std::string_view command);
  void add_library(const Library& library);

  Template& result_;
  const EngineOptions& options_;
  std::vector<Token> tokens_;
  std::vector<TemplateError>* others_ = nullptr;
  bool load_failed_ = false;
  std::size_t kept_ = 0;
  std::size_t next_ = 0;
  std::size_t nesting_ = 0;
  std::vector<std::pair<std::string_view, Token>> open_;
  std::map<std::string_view, const TagCompiler*, std::less<>> tags_;
  std::map<std::string_view, const Filter*, std::less<>> filters_;
};

// "'a', 'b' or 'c'"
std::string choices(std::initializer_list<std::string_view> names);
// "; did you mean 'x'?" or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace plenary::templating
