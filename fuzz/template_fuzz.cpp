// Any bytes as a template, with two more templates it may extend and include: it compiles and renders or is
// refused with a TemplateError, within the limits. Parts are separated by a line "----".
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "base/embedded.hpp"
#include "templating/engine.hpp"
#include "templating/json_context.hpp"

namespace {

using namespace plenary;
using namespace plenary::templating;

constexpr std::string_view variables = R"({
  "n": 3, "zero": 0, "big": 9223372036854775807, "f": -2.675, "huge": 1e300, "yes": true, "none": null,
  "s": "Hello <b>World</b> & \"you\" www.example.com é ß", "empty": "", "lines": "a\nb\r\nc",
  "l": ["b", "a", "c"], "nums": [3, 1, 2], "pairs": [["k", 1], ["m", 2]], "nothing": [],
  "d": {"x": 1, "y": {"z": "<"}}, "objs": [{"g": "A", "v": 2}, {"g": "A", "v": 1}, {"g": "B", "v": 3}],
  "safe": {"__safe__": "<i>safe</i>"}, "price": {"__decimal__": "12.50"},
  "when": {"__datetime__": "2027-05-14T09:00:00.5+02:00"}, "day": {"__date__": "2024-02-29"},
  "clock": {"__time__": "23:59:59"}, "csrf_token": "t"})";

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  constexpr std::string_view mark = "\n----\n";
  while (parts.size() < 2) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) break;
    parts.emplace_back(text.substr(0, at));
    text = text.substr(at + mark.size());
  }
  parts.emplace_back(text);
  parts.resize(3);
  return parts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Value shared = value_from_json(variables);
  const std::vector<std::string> parts = parts_of({reinterpret_cast<const char*>(data), size});
  const EmbeddedTree tree({{"a", parts[1]}, {"b", parts[2]}, {"main", parts[0]}});
  EngineOptions options;
  options.mode = EngineOptions::Mode::development;
  options.embedded = &tree;
  options.limits.output_bytes = 100'000;
  options.limits.iterations = 2'000;
  options.string_if_invalid = size % 3 == 0 ? "?%s?" : "";
  const Engine engine(std::move(options));
  Context context;
  SeededRandom random(1);
  context.random = &random;
  context.now = Instant{1'800'000'000'000'000};
  context.autoescape = size % 2 == 0;
  if (size % 5 == 0) context.locale = "de";
  for (const Dict::Entry& entry : shared.dict().entries()) context.set(entry.key, entry.value);
  engine.check();
  try {
    engine.render(engine.compile(parts[0]), context);
  } catch (const TemplateError&) {
  }
  return 0;
}
