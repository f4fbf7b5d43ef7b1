// The engine around the language: where files come from, reloading, threads, limits, places of errors,
// values.
#include "templating/engine.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "shop_library.hpp"
#include "templating/fields.hpp"
#include "templating/json_context.hpp"
#include "templating/theme.hpp"

namespace plenary::templating::test {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    static std::atomic<int> next{0};
    path = fs::temp_directory_path() / fmt::format("plenary-templates-{}-{}", ::getpid(), next++);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
  }
  fs::path path;
};

class HandClock final : public Clock {
 public:
  Instant now() const override { return Instant{micros.load()}; }
  void pass(Duration d) { micros += d.micros; }
  std::atomic<std::int64_t> micros{1'000'000'000};
};

const EmbeddedTree& embedded() {
  static const EmbeddedTree tree(
      {{"base.html", "<{% block body %}base{% endblock %}>"},
       {"cart.html", "{% extends 'base.html' %}{% block body %}cart {{ n }}{% endblock %}"},
       {"part.html", "part {{ n }}"},
       {"shop/line.html", "{{ name }}"}});
  return tree;
}

EngineOptions with(const Folder* folder, EngineOptions::Mode mode = EngineOptions::Mode::production) {
  EngineOptions options;
  options.mode = mode;
  options.embedded = &embedded();
  if (folder) options.override_folders = {folder->path};
  return options;
}

std::string render(const Engine& engine, const std::string& name) {
  Context context;
  context.set("n", 7);
  return engine.render(name, context);
}

std::string render_text(const std::string& text, const std::string& json = "{}", EngineOptions options = {}) {
  options.embedded = &embedded();
  const Engine engine(std::move(options));
  Context context;
  fill_from_json(context, json);
  return engine.render(engine.compile(text), context);
}

TemplateError error_of(const std::string& text, EngineOptions options = {}) {
  try {
    render_text(text, R"({"n": 1, "l": [1, 2]})", std::move(options));
  } catch (const TemplateError& error) {
    return error;
  }
  return TemplateError("it rendered");
}

TEST(Loader, AnEmbeddedFileIsFound) {
  EXPECT_EQ(render(Engine(with(nullptr)), "cart.html"), "<cart 7>");
}

TEST(Loader, AFileOnDiskComesBeforeTheEmbeddedOne) {
  Folder theme;
  theme.write("cart.html", "mine {{ n }}");
  EXPECT_EQ(render(Engine(with(&theme)), "cart.html"), "mine 7");
}

TEST(Loader, AnOverridingFileMayExtendTheOneItReplaces) {
  Folder theme;
  theme.write("cart.html", "{% extends 'cart.html' %}{% block body %}[{{ block.super }}]{% endblock %}");
  EXPECT_EQ(render(Engine(with(&theme)), "cart.html"), "<[cart 7]>");
  EXPECT_EQ(render(Engine(with(&theme, EngineOptions::Mode::development)), "cart.html"), "<[cart 7]>");
}

TEST(Loader, AnOverriddenBaseServesTheEmbeddedChildren) {
  Folder theme;
  theme.write("base.html", "({% block body %}{% endblock %})");
  EXPECT_EQ(render(Engine(with(&theme)), "cart.html"), "(cart 7)");
}

TEST(Loader, OfTwoFoldersTheFirstWins) {
  Folder first, second;
  first.write("x.html", "first");
  second.write("x.html", "second");
  second.write("y.html", "second");
  EngineOptions options = with(&first);
  options.override_folders.push_back(second.path);
  const Engine engine(std::move(options));
  EXPECT_EQ(render(engine, "x.html"), "first");
  EXPECT_EQ(render(engine, "y.html"), "second");
}

TEST(Loader, NoNameLeavesTheFolder) {
  Folder theme;
  theme.write("inside/x.html", "x");
  theme.write("secret.txt", "secret");
  EngineOptions options = with(nullptr, EngineOptions::Mode::development);
  options.override_folders = {theme.path / "inside"};
  const Engine engine(std::move(options));
  EXPECT_EQ(render(engine, "x.html"), "x");
  const std::string absolute = (theme.path / "secret.txt").string();
  for (const std::string& name : {std::string("../secret.txt"), std::string("a/../../secret.txt"), absolute,
                                  std::string("x.html\0", 7), std::string("")}) {
    EXPECT_THROW(render(engine, name), TemplateNotFound) << name;
  }
}

TEST(Loader, FilesThatAreNoTemplatesAreLeftAlone) {
  Folder theme;
  theme.write("logo.png", "\x89PNG {% nonsense");
  theme.write(".hidden.html", "{% nonsense");
  theme.write(".git/x.html", "{% if %}");
  theme.write("x.html~", "{% if %}");
  EXPECT_TRUE(Engine(with(&theme)).check().empty());
}

TEST(Loader, AFileThatIsNoUtf8IsRefusedByName) {
  Folder theme;
  theme.write("latin.html", "caf\xE9");
  try {
    const Engine engine(with(&theme));
    FAIL();
  } catch (const TemplateErrors& errors) {
    ASSERT_EQ(errors.errors().size(), 1u);
    EXPECT_EQ(errors.errors()[0].template_name(), "latin.html");
  }
}

TEST(Production, ABrokenTemplateStopsTheStartAndAllAreTold) {
  Folder theme;
  theme.write("a.html", "x\n{% if %}{% endif %}");
  theme.write("b.html", "{{ n|uper }}");
  try {
    const Engine engine(with(&theme));
    FAIL();
  } catch (const TemplateErrors& errors) {
    ASSERT_EQ(errors.errors().size(), 2u);
    EXPECT_EQ(errors.errors()[0].line(), 2);
    EXPECT_EQ(errors.errors()[1].template_name(), "b.html");
    EXPECT_NE(std::string(errors.what()).find("did you mean 'upper'"), std::string::npos);
  }
}

TEST(Production, ReloadTakesTheNewFilesAllAtOnce) {
  Folder theme;
  const Engine unchanged(with(&theme));
  Engine engine(with(&theme));
  theme.write("cart.html", "new");
  EXPECT_EQ(render(engine, "cart.html"), "<cart 7>");
  EXPECT_TRUE(engine.reload().empty());
  EXPECT_EQ(render(engine, "cart.html"), "new");
}

TEST(Production, AReloadWithAnErrorKeepsTheOldSet) {
  Folder theme;
  theme.write("cart.html", "good");
  Engine engine(with(&theme));
  theme.write("cart.html", "better");
  theme.write("other.html", "{% for %}");
  const auto errors = engine.reload();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].template_name(), "other.html");
  EXPECT_EQ(render(engine, "cart.html"), "good");
  theme.write("other.html", "fixed");
  EXPECT_TRUE(engine.reload().empty());
  EXPECT_EQ(render(engine, "cart.html"), "better");
}

TEST(Production, AMissingParentOrIncludeIsToldByCheck) {
  Folder theme;
  theme.write("a.html", "{% extends 'nothing.html' %}");
  theme.write("b.html", "x\ny {% include 'gone.html' %}");
  theme.write("loop1.html", "{% extends 'loop2.html' %}");
  theme.write("loop2.html", "{% extends 'loop1.html' %}");
  const ThemeCheck check = check_theme(theme.path, with(nullptr));
  EXPECT_EQ(check.checked, 4u);
  ASSERT_EQ(check.errors.size(), 4u);
  EXPECT_EQ(check.errors[1].line(), 2);
  EXPECT_EQ(check.errors[1].column(), 3);
  EXPECT_NE(check.errors[1].message().find("gone.html"), std::string::npos);
  EXPECT_NE(check.errors[2].message().find("circle"), std::string::npos);
}

TEST(Production, AllMistakesOfAllFilesAreToldTogether) {
  Folder theme;
  theme.write(
      "a.html",
      "{{ n|uper }}\n{% if n == %}\n{{ x|nosuch }}{% else %}{% lorem 1 2 3 %}{% endif %}\n{% nosuch %}\n"
      "{% for x in l %}{{ _x }}{% endfor %}");
  theme.write("b.html", "{% include 'gone.html' %}{% include 'a.html' %}");
  theme.write("c.html", "{{ n|uper }}{% if n %}{% endfor %}{% nosuch %}");
  const ThemeCheck check = check_theme(theme.path, with(nullptr));
  std::vector<std::string> places;
  for (const TemplateError& error : check.errors) {
    places.push_back(fmt::format("{}:{}:{}", error.template_name(), error.line(), error.column()));
  }
  EXPECT_EQ(places,
            (std::vector<std::string>{"a.html:1:1", "a.html:2:1", "a.html:3:1", "a.html:3:25", "a.html:4:1",
                                      "a.html:5:17", "c.html:1:1", "c.html:1:23", "b.html:1:1"}));
}

TEST(Development, AChangedFileIsSeenAfterOneSecond) {
  Folder theme;
  theme.write("part.html", "one");
  theme.write("page.html", "[{% include 'part.html' %}]");
  const auto clock = std::make_shared<HandClock>();
  EngineOptions options = with(&theme, EngineOptions::Mode::development);
  options.clock = clock;
  const Engine engine(std::move(options));
  EXPECT_EQ(render(engine, "page.html"), "[one]");
  theme.write("part.html", "another");
  EXPECT_EQ(render(engine, "page.html"), "[one]");
  clock->pass(Duration::seconds(1));
  EXPECT_EQ(render(engine, "page.html"), "[another]");
  fs::remove(theme.path / "part.html");
  clock->pass(Duration::seconds(1));
  EXPECT_EQ(render(engine, "page.html"), "[part 7]");  // the embedded one again
}

TEST(Development, AFileWithAnErrorTellsItUntilItIsMended) {
  Folder theme;
  const auto clock = std::make_shared<HandClock>();
  EngineOptions options = with(&theme, EngineOptions::Mode::development);
  options.clock = clock;
  const Engine engine(std::move(options));
  theme.write("page.html", "{% if n %}");
  EXPECT_THROW(render(engine, "page.html"), TemplateError);
  EXPECT_THROW(render(engine, "page.html"), TemplateError);
  theme.write("page.html", "{% if n %}yes{% endif %}");
  clock->pass(Duration::seconds(2));
  EXPECT_EQ(render(engine, "page.html"), "yes");
}

TEST(Threads, ShareOneTemplateAndEachHasItsOwnCyclesAndLoops) {
  const Engine engine(with(nullptr));
  const TemplatePtr page = engine.compile(
      "{% for x in l %}{% cycle 'a' 'b' 'c' %}{% ifchanged x %}{{ x }}{% endifchanged %}{{ forloop.counter }}"
      "{% include 'part.html' %}{% endfor %}");
  const auto once = [&](int n) {
    Context context;
    context.set("n", n);
    context.set("l", Value::list({Value(n), Value(n), Value(n + 1)}));
    return engine.render(page, context);
  };
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string expected = fmt::format("a{0}1part {0}b2part {0}c{1}3part {0}", t * 10, t * 10 + 1);
      for (int i = 0; i < 300; ++i) wrong += once(t * 10) != expected;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, APageRendersFromOneSetWhileAnotherThreadReloads) {
  Folder theme;
  theme.write("a.html", "1{% include 'b.html' %}");
  theme.write("b.html", "1");
  Engine engine(with(&theme));
  std::atomic<bool> stop{false};
  std::atomic<int> mixed{0};
  std::thread reader([&] {
    while (!stop) {
      const std::string page = render(engine, "a.html");
      mixed += page[0] != page[1];
    }
  });
  for (int i = 2; i < 12; ++i) {
    theme.write("a.html", fmt::format("{}{{% include 'b.html' %}}", i % 10));
    theme.write("b.html", fmt::format("{}", i % 10));
    EXPECT_TRUE(engine.reload().empty());
  }
  stop = true;
  reader.join();
  EXPECT_EQ(mixed, 0);
}

struct Place {
  const char* text;
  int line, column;
  const char* tag;
};

TEST(Errors, TellTemplateLineColumnAndText) {
  const Place places[] = {
      {"ok\n\n  {{ n|uper }}", 3, 3, "{{ n|uper }}"},
      {"a {% if n %}\n{% for x in l %}\n", 2, 1, "{% for x in l %}"},
      {"é ü {% nosuch %}", 1, 5, "{% nosuch %}"},
      {"{% if n %}\n x {% if m == %}{% endif %}{% endif %}", 2, 4, "{% if m == %}"},
      {"{% if n %}a{% elif n n %}{% endif %}", 1, 12, "{% elif n n %}"},
      {"\n{% for a, b in l %}{% endfor %}", 2, 1, "{% for a, b in l %}"},
      {"{% for x in l %}\n{% with y=x|divisibleby:0 %}{% endwith %}{% endfor %}", 2, 1,
       "{% with y=x|divisibleby:0 %}"},
      {"{% block a %}\n\n{% endblock b %}", 3, 1, "{% endblock b %}"},
      {"{% verbatim %}\n{{ x }}", 1, 1, "{% verbatim %}"},
      {"{# note #}\n{% include 'gone.html' %}", 2, 1, "{% include 'gone.html' %}"},
  };
  for (const Place& place : places) {
    const TemplateError error = error_of(place.text);
    EXPECT_EQ(error.template_name(), "<text>") << place.text;
    EXPECT_EQ(error.line(), place.line) << place.text << "\n" << error.what();
    EXPECT_EQ(error.column(), place.column) << place.text << "\n" << error.what();
    EXPECT_EQ(error.text(), place.tag) << place.text;
  }
}

TEST(Errors, InAnIncludedFileOrAParentNameThatFile) {
  Folder theme;
  theme.write("bad.html", "x\n{{ l|divisibleby:2 }}");
  theme.write("page.html", "\n\n{% include 'bad.html' %}");
  theme.write("child.html", "{% extends 'base.html' %}\n{% block body %}{{ l|divisibleby:2 }}{% endblock %}");
  const Engine engine(with(&theme));
  Context context;
  context.set("l", Value::list({}));
  for (const auto& [page, file] :
       {std::pair("page.html", "bad.html"), std::pair("child.html", "child.html")}) {
    try {
      engine.render(page, context);
      FAIL() << page;
    } catch (const TemplateError& error) {
      EXPECT_EQ(error.template_name(), file);
      EXPECT_EQ(error.line(), 2);
    }
  }
}

TEST(Errors, AdviseTheNearestName) {
  EXPECT_NE(error_of("{{ n|defalt:1 }}").message().find("'default'"), std::string::npos);
  EXPECT_NE(error_of("{% inclde 'x' %}").message().find("'include'"), std::string::npos);
  EXPECT_NE(error_of("{% trans 'x' %}").message().find("{% load i18n %}"), std::string::npos);
  EXPECT_NE(error_of("{% load il8n %}").message().find("'i18n'"), std::string::npos);
}

TEST(Errors, LeaveNothingBehindInTheBufferOrTheContext) {
  const Engine engine(with(nullptr));
  Context context;
  context.set("l", Value::list({Value(1)}));
  std::string out = "head";
  Folder theme;
  theme.write("x.html", "a{% with l=5 %}{% autoescape off %}{{ l|first }}{% endautoescape %}{% endwith %}");
  const Engine broken(with(&theme));
  EXPECT_THROW(broken.render("x.html", context, out), TemplateError);
  EXPECT_EQ(out, "head");
  EXPECT_TRUE(context.autoescape);
  EXPECT_EQ(engine.render(engine.compile("{{ l }}"), context), "[1]");
}

TEST(Limits, DeepNestingIsRefused) {
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "{% if n %}";
  EXPECT_NE(error_of(deep).message().find("nested"), std::string::npos);
  std::string nots = "{% if ";
  for (int i = 0; i < 5000; ++i) nots += "not ";
  EXPECT_TRUE(error_of(nots + "n %}{% endif %}").has_place());
  std::string chain = "{% if n";
  for (int i = 0; i < 5000; ++i) chain += " or n";
  EXPECT_TRUE(error_of(chain + " %}{% endif %}").has_place());
}

TEST(Limits, EndlessRecursionIsRefused) {
  Folder theme;
  theme.write("self.html", "x{% include 'self.html' %}");
  theme.write("a.html", "{% include 'b.html' %}");
  theme.write("b.html", "{% for i in l %}{% if i %}{% include 'a.html' %}{% endif %}{% endfor %}");
  theme.write("name.html", "{% extends parent %}");
  const Engine engine(with(&theme));
  Context context;
  context.set("l", Value::list({Value(1), Value(2)}));
  context.set("parent", "name.html");
  EXPECT_THROW(engine.render("self.html", context), TemplateLimit);
  EXPECT_THROW(engine.render("a.html", context), TemplateLimit);
  EXPECT_THROW(engine.render("name.html", context), TemplateNotFound);
}

TEST(Limits, GiantOutputIsRefused) {
  EngineOptions small;
  small.limits.output_bytes = 10'000;
  small.limits.iterations = 10'000;
  for (const char* text :
       {"{{ 'x'|ljust:1000000 }}", "{{ 'x'|center:999999999999 }}", "{{ 1.5|floatformat:100000 }}",
        "{{ 5|stringformat:'0999999d' }}",
        "{% for a in big %}{% for b in big %}{% for c in big %}xxxx{% endfor %}"
        "{% endfor %}{% endfor %}",
        "{% for a in big %}{% for b in big %}{% for c in big %}{% endfor %}{% endfor %}{% endfor %}",
        "{% with a=text|add:text %}{% with b=a|add:a %}{% with c=b|add:b %}{% with d=c|add:c %}{% with "
        "e=d|add:d %}"
        "{{ e|length }}{% endwith %}{% endwith %}{% endwith %}{% endwith %}{% endwith %}",
        "{% lorem 99999999 w %}", "{{ big|join:text }}"}) {
    EngineOptions options = small;
    options.embedded = &embedded();
    const Engine engine(std::move(options));
    Context context;
    context.set("big", Value::list(std::vector<Value>(100, Value(1))));
    context.set("text", std::string(1000, 'x'));
    EXPECT_THROW(engine.render(engine.compile(text), context), TemplateLimit) << text;
  }
}

TEST(Limits, AGiantFileIsRefused) {
  EngineOptions options;
  options.limits.source_bytes = 100;
  EXPECT_EQ(error_of(std::string(200, 'x'), options).line(), 1);
}

struct Ticket {
  std::string name;
  int left;
};
constexpr Field<Ticket> ticket_fields[] = {
    {"name", [](const Ticket& t) { return Value::borrowed(t.name); }},
    {"left", [](const Ticket& t) { return Value(t.left); }},
    {"is_available", [](const Ticket& t) { return Value(t.left > 0); }},
};

TEST(Values, StructsAreShownWithoutCopies) {
  const Engine engine(with(nullptr));
  const std::vector<Ticket> tickets = {{"Student & co", 3}, {"Late", 0}};
  Context context;
  context.set("tickets", view_each(tickets, ticket_fields));
  context.set("first", view(tickets[0], ticket_fields));
  context.set("own", owned(Ticket{"Own", 1}, ticket_fields));
  EXPECT_EQ(engine.render(
                engine.compile("{% for t in tickets %}{{ t.name }}:{{ t.left }}{% if not t.is_available %}!"
                               "{% endif %} {% endfor %}{{ first }}|{{ own.name }}|{{ tickets|length }}|"
                               "{{ tickets.1.name }}|{{ first.nothing }}|{{ tickets|last }}"),
                context),
            "Student &amp; co:3 Late:0! Student &amp; co|Own|2|Late||Late");
}

class Field_ final : public Object {
 public:
  Value get(std::string_view name) const override {
    return name == "label" ? Value("E-mail") : Value::undefined();
  }
  Value text() const override { return Value::safe("<input>"); }
};

TEST(Values, AnObjectMayPrintMarkup) {
  const Engine engine(with(nullptr));
  Context context;
  context.set("field", Value(make<Field_>()));
  EXPECT_EQ(engine.render(engine.compile("{{ field.label }} {{ field }}"), context), "E-mail <input>");
}

TEST(Values, WhatAPageSetStaysValidAfterItsTemplateIsGone) {
  Context context;
  {
    const Engine engine(with(nullptr));
    engine.render(engine.compile("{% firstof 'a literal of the template' as kept %}{% now 'Y' as year %}"),
                  context);
  }
  ASSERT_NE(context.find("kept"), nullptr);
  EXPECT_EQ(context.find("kept")->str(), "a literal of the template");
}

TEST(Libraries, ABuiltinNeedsNoLoad) {
  EngineOptions options = with(nullptr);
  options.libraries["shop"] = shop_library();
  options.builtins = {"shop"};
  EXPECT_EQ(render_text("{{ 'a'|shout }}{% order_line 'x' 1 %}", "{}", std::move(options)), "A!x");
}

TEST(Libraries, AnUnknownBuiltinIsAnErrorAtTheStart) {
  EngineOptions options = with(nullptr);
  options.builtins = {"gone"};
  EXPECT_THROW(Engine{std::move(options)}, TemplateError);
}

TEST(Libraries, AnInclusionTagKeepsTheFormToken) {
  Folder theme;
  theme.write("shop/line.html", "{% csrf_token %}{{ n }}{{ name }}");
  EngineOptions options = with(&theme);
  options.libraries["shop"] = shop_library();
  const Engine engine(std::move(options));
  Context context;
  context.set("csrf_token", "t1");
  context.set("n", "hidden");
  const std::string page = engine.render(engine.compile("{% load shop %}{% order_line 'x' 1 %}"), context);
  EXPECT_EQ(page, "<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"t1\">x");
}

TEST(Json, MistakesAreToldWithWhatIsExpected) {
  for (const char* text : {"[1]", "{", "{\"a\": }", "{\"a\": {\"__date__\": \"14.5.2027\"}}",
                           "{\"a\": {\"__datetime__\": \"x\"}}", "{\"a\": {\"__decimal__\": \"1,5\"}}",
                           "{\"a\": {\"__time__\": 9}}", "{\"a\": {\"__safe__\": null}}", "nope"}) {
    Context context;
    EXPECT_THROW(fill_from_json(context, text), std::invalid_argument) << text;
  }
  std::string deep(100, '[');
  EXPECT_THROW(value_from_json(deep + std::string(100, ']')), std::invalid_argument);
}

TEST(Json, AMomentMayBeWrittenShorter) {
  for (const char* text : {"2027-05-14T09:00:00Z", "2027-05-14 09:00:00Z", "2027-05-14T09:00Z",
                           "2027-05-14T11:00+02:00", "2027-05-14T09:00", "2027-05-14 09:00:00.000"}) {
    const Value moment = value_from_json(fmt::format(R"({{"__datetime__": "{}"}})", text));
    ASSERT_EQ(moment.kind(), Value::Kind::datetime) << text;
    EXPECT_EQ(moment.instant().to_string(), "2027-05-14T09:00:00Z") << text;
  }
}

TEST(Theme, RendersAFileAsTheCommandLineAsks) {
  Folder theme;
  theme.write("x.html", "{{ name }} {{ missing }} {% now 'Y-m-d' %} {{ price|floatformat:2 }}");
  RenderRequest request;
  request.file = "x.html";
  request.folder = theme.path;
  request.context_json = R"({"name": "<b>", "price": {"__decimal__": "1234.5"}})";
  request.now = Instant::parse("2027-05-14T09:00:00Z");
  EXPECT_EQ(render_theme_file(request, {}), "&lt;b&gt;  2027-05-14 1234.50");
  request.autoescape = false;
  request.locale = "de";
  request.string_if_invalid = "?%s?";
  EXPECT_EQ(render_theme_file(request, {}), "<b> ?missing? 2027-05-14 1234,50");
  request.file = "gone.html";
  EXPECT_THROW(render_theme_file(request, {}), TemplateNotFound);
}

TEST(Theme, AMissingFolderIsToldNotIgnored) {
  const ThemeCheck check = check_theme("/nonexistent/theme", {});
  EXPECT_EQ(check.checked, 0u);
  ASSERT_EQ(check.errors.size(), 1u);
  EXPECT_NE(std::string(check.errors[0].what()).find("/nonexistent/theme"), std::string::npos);
}

}  // namespace
}  // namespace plenary::templating::test
