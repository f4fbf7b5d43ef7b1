// What is rendered once and shown again: {% keep %}, fixed texts that become one piece, and their end when
// the words, the template or the keys change.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "templating/engine.hpp"

namespace plenary::templating::test {
namespace {

namespace fs = std::filesystem;

// Says "[de text]" for text, and counts how often it is asked.
class Words final : public Translator {
 public:
  std::string translate(std::string_view locale, std::string_view, std::string_view message) const override {
    ++asked;
    return fmt::format("[{} {}{}]", locale, message, suffix);
  }
  std::string translate_plural(std::string_view locale, std::string_view, std::string_view one,
                               std::string_view many, std::int64_t count) const override {
    ++asked;
    return fmt::format("[{} {}]", locale, count == 1 ? one : many);
  }
  bool is_source(std::string_view locale) const override { return locale == "en"; }
  const void* edition() const override { return editions; }

  mutable std::atomic<int> asked = 0;
  std::string suffix;
  const void* editions = this;
};

// Counts how often a page asks for it.
class Asked final : public Object {
 public:
  Value get(std::string_view) const override { return Value::undefined(); }
  Value text() const override {
    ++times;
    return Value("shown");
  }
  mutable std::atomic<int> times = 0;
};

class Kept : public ::testing::Test {
 protected:
  Engine engine_with(std::shared_ptr<const Translator> words = nullptr) {
    EngineOptions options;
    options.translator = std::move(words);
    return Engine(std::move(options));
  }
  std::string show(const Engine& engine, const TemplatePtr& tpl, Value key, const std::string& locale = "en",
                   bool autoescape = true) {
    Context context;
    context.set("key", std::move(key));
    context.set("seen", Value(seen));
    context.set("x", x);
    context.locale = locale;
    context.autoescape = autoescape;
    return engine.render(tpl, context);
  }
  Ref<Asked> seen = make<Asked>();
  Value x = "<b>";
};

TEST_F(Kept, IsRenderedOnceForEachValueOfItsKeys) {
  const Engine engine = engine_with();
  const auto tpl = engine.compile("{% load keep %}{{ key }}: {% keep key %}{{ x }} {{ seen }}{% endkeep %}");
  EXPECT_EQ(show(engine, tpl, 1), "1: &lt;b&gt; shown");
  x = "other";
  EXPECT_EQ(show(engine, tpl, 1), "1: &lt;b&gt; shown") << "that is what the keys are for";
  EXPECT_EQ(seen->times, 1);
  EXPECT_EQ(show(engine, tpl, 2), "2: other shown");
  EXPECT_EQ(show(engine, tpl, "1"), "1: &lt;b&gt; shown") << "a key is what it prints";
  EXPECT_EQ(seen->times, 2);
}

TEST_F(Kept, NothingIsKeptWithoutAKey) {
  const Engine engine = engine_with();
  const auto tpl = engine.compile("{% load keep %}{% keep key missing %}{{ seen }}{% endkeep %}");
  show(engine, tpl, 1);
  show(engine, tpl, 1);
  EXPECT_EQ(seen->times, 2) << "one of the keys is missing";
  const auto one = engine.compile("{% load keep %}{% keep key %}{{ seen }}{% endkeep %}");
  show(engine, one, nullptr);
  show(engine, one, nullptr);
  EXPECT_EQ(seen->times, 4) << "None keeps nothing";
}

TEST_F(Kept, EachLanguageAndWayOfEscapingHasItsOwn) {
  const auto words = std::make_shared<Words>();
  const Engine engine = engine_with(words);
  const auto tpl =
      engine.compile("{% load i18n keep %}{% keep key %}{% translate \"Hello\" %} {{ x }}{% endkeep %}");
  EXPECT_EQ(show(engine, tpl, 1), "Hello &lt;b&gt;");
  EXPECT_EQ(show(engine, tpl, 1, "de"), "[de Hello] &lt;b&gt;");
  EXPECT_EQ(show(engine, tpl, 1, "de", false), "[de Hello] <b>");
  EXPECT_EQ(show(engine, tpl, 1), "Hello &lt;b&gt;");
  const int asked = words->asked;
  EXPECT_EQ(show(engine, tpl, 1, "de"), "[de Hello] &lt;b&gt;");
  EXPECT_EQ(words->asked, asked);
}

TEST_F(Kept, WhatWasShownUnescapedIsNotShownForATextThatIsToBeEscaped) {
  const Engine engine = engine_with();
  const auto tpl = engine.compile("{% load keep %}{% keep key %}{{ key }}{% endkeep %}");
  EXPECT_EQ(show(engine, tpl, Value::safe("<b>")), "<b>");
  EXPECT_EQ(show(engine, tpl, Value("<b>")), "&lt;b&gt;");
  EXPECT_EQ(show(engine, tpl, Value::safe("<b>")), "<b>");
}

TEST_F(Kept, ManyKeysLeaveNoEndlessMemoryAndStayRight) {
  const Engine engine = engine_with();
  const auto tpl = engine.compile("{% load keep %}{% keep key %}{{ key }}{% endkeep %}");
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 500; ++i) ASSERT_EQ(show(engine, tpl, i), std::to_string(i));
  }
}

TEST_F(Kept, WhatIsSetInsideEndsInside) {
  const Engine engine = engine_with();
  const auto tpl =
      engine.compile("{% load keep %}{% keep key %}{% firstof 'a' as y %}{{ y }}{% endkeep %}{{ y }}");
  EXPECT_EQ(show(engine, tpl, 1), "a");
  EXPECT_EQ(show(engine, tpl, 1), "a");
  EXPECT_EQ(show(engine, tpl, nullptr), "a");
}

TEST_F(Kept, WhatBelongsToOneVisitorOrToAnotherTemplateIsRefused) {
  const Engine engine = engine_with();
  for (const char* inside :
       {"{% csrf_token %}", "{{ csrf_token }}", "{% if csrf_token %}{% endif %}", "{{ user.name|upper }}",
        "{% if user.is_authenticated %}{% endif %}", "{% for m in messages %}{% endfor %}",
        "{{ request.path }}", "{% include 'x.html' %}", "{% block a %}{% endblock %}"}) {
    try {
      engine.compile(fmt::format("{{% load keep %}}{{% keep key %}}{}{{% endkeep %}}", inside));
      ADD_FAILURE() << inside << " compiled";
    } catch (const TemplateError& error) {
      EXPECT_NE(error.message().find("cannot stand inside of {% keep %}"), std::string::npos) << error.what();
    }
    EXPECT_NO_THROW(
        engine.compile(fmt::format("{{% load keep %}}{{% keep key %}}a{{% endkeep %}}{}", inside)));
  }
  EXPECT_THROW(engine.compile("{% load keep %}{% keep %}a{% endkeep %}"), TemplateError);
}

TEST_F(Kept, AnErrorInsideIsToldEachTime) {
  const Engine engine = engine_with();
  const auto tpl = engine.compile("{% load keep %}{% keep key %}{% for a in 5 %}{% endfor %}{% endkeep %}");
  for (int i = 0; i < 2; ++i) EXPECT_THROW(show(engine, tpl, 1), TemplateError);
}

TEST_F(Kept, ThreadsShareIt) {
  const Engine engine = engine_with();
  const auto tpl = engine.compile("{% load keep %}{% keep key %}{{ key }} {{ seen }}{% endkeep %}");
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const int key = i % 100;
        if (show(engine, tpl, key) != fmt::format("{} shown", key)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

class Files : public Kept {
 protected:
  Files() {
    static std::atomic<int> next{0};
    folder = fs::temp_directory_path() / fmt::format("plenary-kept-{}-{}", ::getpid(), next++);
    fs::create_directories(folder);
  }
  ~Files() override { fs::remove_all(folder); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  std::string page(const Engine& engine, const std::string& name) {
    Context context;
    context.set("key", 1);
    return engine.render(name, context);
  }
  fs::path folder;
};

class HandClock final : public Clock {
 public:
  Instant now() const override { return Instant{micros.load()}; }
  void pass(Duration d) { micros += d.micros; }
  std::atomic<std::int64_t> micros{1'000'000'000};
};

TEST_F(Files, AReloadForgetsWhatWasKept) {
  write("a.html", "{% load keep %}{% keep key %}one{{ key }}{% endkeep %}");
  EngineOptions options;
  options.override_folders = {folder};
  Engine engine(std::move(options));
  EXPECT_EQ(page(engine, "a.html"), "one1");
  write("a.html", "{% load keep %}{% keep key %}two{{ key }}{% endkeep %}");
  EXPECT_EQ(page(engine, "a.html"), "one1");
  EXPECT_TRUE(engine.reload().empty());
  EXPECT_EQ(page(engine, "a.html"), "two1");
}

TEST_F(Files, InDevelopmentAnEditedTemplateForgetsWhatItKept) {
  const auto clock = std::make_shared<HandClock>();
  EngineOptions options;
  options.mode = EngineOptions::Mode::development;
  options.override_folders = {folder};
  options.clock = clock;
  const Engine engine(std::move(options));
  write("part.html", "{% load keep %}{% keep key %}one{{ key }}{% endkeep %}");
  write("a.html", "{% include 'part.html' %}");
  EXPECT_EQ(page(engine, "a.html"), "one1");
  write("part.html", "{% load keep %}{% keep key %}changed{{ key }}{% endkeep %}");
  clock->pass(Duration::seconds(1));
  EXPECT_EQ(page(engine, "a.html"), "changed1");
}

// Pages of one thread share what they found; each file is looked at again a second after it was last.
TEST_F(Files, InDevelopmentNoFileIsTrustedForMoreThanASecond) {
  const auto clock = std::make_shared<HandClock>();
  EngineOptions options;
  options.mode = EngineOptions::Mode::development;
  options.override_folders = {folder};
  options.clock = clock;
  const Engine engine(std::move(options));
  for (const char* name : {"a.html", "b.html"}) write(name, "old");
  const auto tenths = [](int n) { return Duration{n * 100'000}; };
  EXPECT_EQ(page(engine, "a.html"), "old");
  clock->pass(tenths(5));
  EXPECT_EQ(page(engine, "b.html"), "old");
  for (const char* name : {"a.html", "b.html"}) write(name, "changed");
  clock->pass(tenths(4));
  EXPECT_EQ(page(engine, "a.html"), "old");
  clock->pass(tenths(1));
  EXPECT_EQ(page(engine, "a.html"), "changed");
  EXPECT_EQ(page(engine, "b.html"), "old");
  clock->pass(tenths(5));
  EXPECT_EQ(page(engine, "b.html"), "changed");
}

TEST_F(Kept, FixedTextsAreTranslatedOnceForEachLanguage) {
  const auto words = std::make_shared<Words>();
  const Engine engine = engine_with(words);
  const auto tpl = engine.compile(
      "{% load i18n %}<p>{% translate \"One\" %}</p>{# a remark #}{% translate \"Two\" context \"place\" "
      "%}!");
  EXPECT_EQ(show(engine, tpl, 1), "<p>One</p>Two!");
  EXPECT_EQ(words->asked, 0);
  EXPECT_EQ(show(engine, tpl, 1, "de"), "<p>[de One]</p>[de Two]!");
  EXPECT_EQ(show(engine, tpl, 1, "fr"), "<p>[fr One]</p>[fr Two]!");
  EXPECT_EQ(words->asked, 4);
  EXPECT_EQ(show(engine, tpl, 1, "de"), "<p>[de One]</p>[de Two]!");
  EXPECT_EQ(words->asked, 4);
}

TEST_F(Kept, OtherWordsOfALanguageAreSeenAtOnce) {
  const auto words = std::make_shared<Words>();
  const Engine engine = engine_with(words);
  const auto tpl = engine.compile(
      "{% load i18n keep %}a {% translate \"One\" %}{% keep key %} b {% translate \"Two\" %}{% endkeep %}");
  EXPECT_EQ(show(engine, tpl, 1, "de"), "a [de One] b [de Two]");
  words->suffix = "!";
  words->editions = &words->suffix;
  EXPECT_EQ(show(engine, tpl, 1, "de"), "a [de One!] b [de Two!]");
  words->editions = nullptr;
  words->suffix = "?";
  EXPECT_EQ(show(engine, tpl, 1, "de"), "a [de One?] b [de Two?]") << "without an edition nothing is kept";
  words->suffix = "!!";
  EXPECT_EQ(show(engine, tpl, 1, "de"), "a [de One!!] b [de Two!!]");
}

TEST_F(Kept, TheLanguageMayChangeInTheMiddleOfAPage) {
  const Engine engine = engine_with(std::make_shared<Words>());
  const auto tpl = engine.compile(
      "{% load i18n %}a {% translate \"One\" %} {% language \"de\" %}b {% translate \"One\" %} {% "
      "endlanguage %}"
      "{% blocktranslate with n=key %}{{ n }} of {{ x }}{% endblocktranslate %}");
  EXPECT_EQ(show(engine, tpl, 1), "a One b [de One] 1 of &lt;b&gt;");
  EXPECT_EQ(show(engine, tpl, 1, "fr"), "a [fr One] b [de One] [fr 1 of &lt;b&gt;]");
}

}  // namespace
}  // namespace plenary::templating::test
