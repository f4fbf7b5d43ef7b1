// Every case of cases/*.json: the output is Django's to the byte, and what Django refuses is refused with its
// place.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "shop_library.hpp"
#include "templating/builtins.hpp"
#include "templating/engine.hpp"
#include "templating/html.hpp"
#include "templating/json_context.hpp"

namespace plenary::templating::test {
namespace {

using Json = nlohmann::ordered_json;  // mappings keep the order of the file

// The routes of generate.py.
class Routes final : public UrlResolver {
 public:
  std::optional<std::string> path_of(const Request& request, std::string&) const override {
    using Parts = std::vector<std::pair<std::string, std::string>>;  // fixed text, parameter (kind:name)
    static const std::map<std::string, Parts, std::less<>> routes = {
        {"home", {{"/", ""}}},
        {"about", {{"/about/", ""}}},
        {"talk", {{"/talks/", "int:number"}, {"/", ""}}},
        {"search", {{"/search/", "path:words"}, {"", ""}}},
        {"shop:cart", {{"/", "slug:conference"}, {"/cart/", ""}}},
        {"shop:order", {{"/", "slug:conference"}, {"/order/", "str:reference"}, {"/", ""}}},
        {"shop:ticket", {{"/", "slug:conference"}, {"/ticket/", "int:number"}, {"/", ""}}}};
    const auto route = routes.find(request.name);
    if (route == routes.end()) return std::nullopt;
    std::size_t wanted = 0;
    for (const auto& part : route->second) wanted += !part.second.empty();
    if (request.positional.size() + request.named.size() != wanted) return std::nullopt;
    std::string path;
    std::size_t next = 0;
    for (const auto& [text, parameter] : route->second) {
      path += text;
      if (parameter.empty()) continue;
      const std::size_t colon = parameter.find(':');
      const std::string kind = parameter.substr(0, colon), name = parameter.substr(colon + 1);
      std::optional<std::string> value;
      if (next < request.positional.size()) value = request.positional[next++].to_text();
      for (const auto& [key, each] : request.named) {
        if (key == name) value = each.to_text();
      }
      if (!value || !fits(kind, *value)) return std::nullopt;
      path += html::percent_encode(*value, "/~:@&=+$,;!*'()");
    }
    return path;
  }

 private:
  static bool fits(const std::string& kind, const std::string& value) {
    if (value.empty()) return false;
    for (const char c : value) {
      const bool digit = c >= '0' && c <= '9';
      const bool word = digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
      if ((kind == "int" && !digit) || (kind == "slug" && !word) || (kind == "str" && c == '/')) return false;
    }
    return true;
  }
};

// A catalogue from the case. Keys as in generate.py: "context|message", "one\0many".
class Catalogue final : public Translator {
 public:
  explicit Catalogue(Json messages) : messages_(std::move(messages)) {}
  std::string translate(std::string_view locale, std::string_view context,
                        std::string_view message) const override {
    const auto found = messages_.find(key(context, message));
    return locale != "en" && found != messages_.end() ? found->get<std::string>() : std::string(message);
  }
  std::string translate_plural(std::string_view locale, std::string_view context, std::string_view singular,
                               std::string_view plural, std::int64_t count) const override {
    const auto found = messages_.find(key(context, singular) + '\0' + std::string(plural));
    if (locale == "en" || found == messages_.end()) return std::string(count == 1 ? singular : plural);
    return (*found)[count != 1].get<std::string>();
  }

 private:
  static std::string key(std::string_view context, std::string_view message) {
    return (context.empty() ? "" : std::string(context) + "|") + std::string(message);
  }
  Json messages_;
};

const Json* find_in(const char* key, const Json& one, const Json& other) {
  if (one.contains(key)) return &one[key];
  return other.contains(key) ? &other[key] : nullptr;
}

// "a=1&b=2" as the mapping that {% querystring %} works on.
Value query_of(const std::string& text) {
  auto dict = make<Dict>();
  std::map<std::string, std::vector<Value>> values;
  std::vector<std::string> order;
  std::stringstream pairs(text);
  for (std::string pair; std::getline(pairs, pair, '&');) {
    for (char& c : pair) c = c == '+' ? ' ' : c;
    const std::size_t equals = pair.find('=');
    const std::string key = html::percent_decode(pair.substr(0, equals));
    if (!values.count(key)) order.push_back(key);
    values[key].push_back(Value(html::percent_decode(pair.substr(equals + 1))));
  }
  for (const std::string& key : order) dict->set(key, Value::list(values[key]));
  return Value(dict);
}

std::string render_case(const Json& test, const Json& group) {
  std::map<std::string, std::string> files = {{"shop/line.html", "<li>{{ name }} {{ price }}</li>"}};
  for (const Json* source : {&group, &test}) {
    if (!source->contains("files")) continue;
    for (const auto& [name, text] : (*source)["files"].items()) files[name] = text.get<std::string>();
  }
  std::vector<EmbeddedFile> embedded;
  for (const auto& [name, text] : files) embedded.push_back({name, text});
  const EmbeddedTree tree(embedded);

  static const auto routes = std::make_shared<const Routes>();
  EngineOptions options;
  options.mode = EngineOptions::Mode::development;
  options.embedded = &tree;
  options.urls = routes;
  options.libraries["shop"] = shop_library();
  options.string_if_invalid = test.value("string_if_invalid", "");
  const Engine engine(std::move(options));

  Context context;
  context.autoescape = test.value("autoescape", true);
  context.locale = test.value("locale", "en");
  context.time_zone = TimeZone::of(test.value("time_zone", "UTC"));
  context.now = Instant::parse(test.value("now", "2027-05-14T09:00:00Z"));
  Json variables = group.value("context", Json::object());
  if (test.contains("context")) variables.update(test["context"]);
  fill_from_json(context, variables.dump());
  if (test.contains("query")) context.set("request", Value::dict({{"GET", query_of(test["query"])}}));
  std::optional<Catalogue> catalogue;
  if (const Json* messages = find_in("catalogue", test, group); messages && test.contains("locale")) {
    catalogue.emplace(*messages);
    context.translator = &*catalogue;
  }
  return engine.render(engine.compile(test["template"], "case"), context);
}

struct Counts {
  int cases = 0, errors = 0, failed = 0;
};

void run_case(const Json& test, const Json& group, Counts& counts) {
  ++counts.cases;
  const std::string where = group["subject"].get<std::string>() + ": " + test.dump();
  const bool must_fail = test.contains("error");
  counts.errors += must_fail;
  try {
    const std::string got = render_case(test, group);
    if (must_fail) {
      ++counts.failed;
      ADD_FAILURE() << where << "\n  must be an error but gave: " << got;
    } else if (got != test["expect"]) {
      ++counts.failed;
      ADD_FAILURE() << where << "\n  gave:     " << Json(got).dump();
    }
  } catch (const TemplateError& error) {
    if (!must_fail) {
      ++counts.failed;
      ADD_FAILURE() << where << "\n  failed: " << error.what();
    } else if (!error.has_place()) {
      ++counts.failed;
      ADD_FAILURE() << where << "\n  the error has no place: " << error.what();
    }
  }
}

std::vector<Json> all_groups() {
  std::vector<Json> groups;
  const std::filesystem::path folder = std::filesystem::path(PLENARY_SOURCE_DIR) / "tests/templating/cases";
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path());
  for (const auto& file : files) {
    std::ifstream in(file);
    for (Json& group : Json::parse(in)) groups.push_back(std::move(group));
  }
  return groups;
}

TEST(Cases, EveryOneGivesWhatDjangoGives) {
  Counts counts;
  for (const Json& group : all_groups()) {
    for (const Json& test : group["cases"]) run_case(test, group, counts);
  }
  EXPECT_GE(counts.cases, 800);
  EXPECT_GE(counts.errors, 80);
  EXPECT_EQ(counts.failed, 0) << "of " << counts.cases;
}

TEST(Cases, EachTagAndEachFilterHasAtLeastFive) {
  std::map<std::string, std::size_t> found;
  for (const Json& group : all_groups()) found[group["subject"]] += group["cases"].size();
  const auto expect_five = [&](const Library& library) {
    for (const auto& [name, filter] : library.filters())
      EXPECT_GE(found["filter " + name], 5u) << "filter " << name;
    for (const auto& [name, tag] : library.tags()) EXPECT_GE(found["tag " + name], 5u) << "tag " << name;
  };
  expect_five(builtin_library());
  // `keep` is ours: keep_test.cpp.
  for (const auto& [name, library] : standard_libraries()) {
    if (name != "keep") expect_five(library);
  }
}

}  // namespace
}  // namespace plenary::templating::test
