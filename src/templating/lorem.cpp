// {% lorem [count] [w|p|b] [random] %}: text to try a page with.
#include <fmt/format.h>

#include <array>

#include "base/codes.hpp"
#include "templating/builtins.hpp"
#include "templating/parser.hpp"
#include "templating/python.hpp"
#include "templating/render_state.hpp"

namespace plenary::templating {
namespace {

// The usual beginning, from Cicero's De finibus bonorum et malorum as printers have garbled it for centuries.
constexpr std::string_view common_paragraph =
    "Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut labore et "
    "dolore "
    "magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea "
    "commodo "
    "consequat. Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla "
    "pariatur. Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit "
    "anim id est "
    "laborum.";

constexpr std::array<std::string_view, 19> common_words = {
    "lorem",   "ipsum",  "dolor",      "sit", "amet",   "consectetur", "adipisicing", "elit",  "sed",   "do",
    "eiusmod", "tempor", "incididunt", "ut",  "labore", "et",          "dolore",      "magna", "aliqua"};

constexpr std::array<std::string_view, 32> words = {
    "quis",  "autem",    "vel",     "eum",    "iure",    "qui",   "ea",      "voluptate",
    "velit", "esse",     "quam",    "nihil",  "harum",   "rerum", "facilis", "est",
    "et",    "expedita", "nam",     "libero", "tempore", "cum",   "soluta",  "nobis",
    "optio", "cumque",   "impedit", "quo",    "minus",   "id",    "quod",    "maxime"};

class LoremNode final : public Node {
 public:
  LoremNode(Expression count, char method, bool common)
      : count_(std::move(count)), method_(method), common_(common) {}

  void render(Context& context, std::string& out) const override {
    const python::Integer given = python::to_int(count_.value(context));
    const std::int64_t count = given.ok() ? given.value : 1;
    Random& random = context.random ? *context.random : Random::system();
    const auto limit = [&] { check_value_size(context, out.size()); };
    const auto word = [&] { return words[random.below(words.size())]; };
    if (method_ == 'w') {
      for (std::int64_t i = 0; i < count; ++i) {
        if (i != 0) out += ' ';
        const auto at = static_cast<std::size_t>(i);
        out += common_ && at < common_words.size() ? common_words[at] : word();
        limit();
      }
      return;
    }
    for (std::int64_t i = 0; i < count; ++i) {
      if (i != 0) out += "\n\n";
      if (method_ == 'p') out += "<p>";
      if (common_ && i == 0) {
        out += common_paragraph;
      } else {
        paragraph(random, out);
      }
      if (method_ == 'p') out += "</p>";
      limit();
    }
  }

 private:
  static void paragraph(Random& random, std::string& out) {
    const std::size_t sentences = 1 + random.below(4);
    for (std::size_t s = 0; s < sentences; ++s) {
      if (s != 0) out += ' ';
      const std::size_t size = 4 + random.below(14);
      for (std::size_t w = 0; w < size; ++w) {
        std::string word(words[random.below(words.size())]);
        if (w == 0) word[0] = static_cast<char>(word[0] - 'a' + 'A');
        if (w != 0) out += ' ';
        out += word;
      }
      out += random.below(4) == 0 ? '?' : '.';
    }
  }

  Expression count_;
  char method_;
  bool common_;
};

std::unique_ptr<Node> compile_lorem(Parser& parser, const Token& token) {
  auto bits = split_contents(token.contents);
  bool common = true;
  if (bits.back() == "random" && bits.size() > 1) {
    common = false;
    bits.pop_back();
  }
  char method = 'b';
  if (bits.size() > 1 && (bits.back() == "w" || bits.back() == "p" || bits.back() == "b")) {
    method = bits.back()[0];
    bits.pop_back();
  }
  std::string_view count = "1";
  if (bits.size() > 1) {
    count = bits.back();
    bits.pop_back();
  }
  if (bits.size() != 1)
    parser.fail("lorem is written {% lorem count w|p|b random %}, each part may be left out");
  return std::make_unique<LoremNode>(parser.expression(count), method, common);
}

}  // namespace

void add_lorem_tag(Library& library) {
  library.tag("lorem", compile_lorem);
}

}  // namespace plenary::templating
