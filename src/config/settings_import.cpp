#include "config/settings_import.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "config/document.hpp"
#include "config/python_reader.hpp"
#include "config/settings_schema.hpp"
#include "config/toml_text.hpp"

namespace plenary::config {
namespace {

using Kind = PythonValue::Kind;

// Keys of [program] by path below it, with what they are.
class KnownKeys : public SettingsVisitor {
 public:
  KnownKeys() {
    Settings settings;
    describe(*this, settings);
  }
  bool has(const std::string& path) const { return keys_.contains(path); }
  bool is_secret(const std::string& path) const {
    const auto found = keys_.find(path);
    return found != keys_.end() && found->second;
  }
  bool is_table(const std::string& path) const {
    return std::any_of(keys_.begin(), keys_.end(),
                       [&](const auto& key) { return key.first.starts_with(path + "."); });
  }
  // The names that may stand below `table`.
  std::vector<std::string> below(const std::string& table) const {
    std::vector<std::string> names;
    const std::string prefix = table.empty() ? "" : table + ".";
    for (const auto& [path, secret] : keys_) {
      if (!path.starts_with(prefix)) continue;
      std::string name = path.substr(prefix.size());
      name = name.substr(0, name.find('.'));
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
  }

  void begin_table(std::string_view key) override { prefix_ += std::string(key) + "."; }
  void end_table() override {
    prefix_.pop_back();
    prefix_.resize(prefix_.rfind('.') + 1);
  }
  void text(std::string_view key, std::string&, const TextRule&) override { add(key); }
  void boolean(std::string_view key, bool&) override { add(key); }
  void integer(std::string_view key, std::int64_t&, std::int64_t, std::int64_t) override { add(key); }
  void duration(std::string_view key, Duration&, Duration, std::int64_t, std::int64_t) override { add(key); }
  void fraction(std::string_view key, Decimal&) override { add(key); }
  void path(std::string_view key, std::filesystem::path&) override { add(key); }
  void secret(std::string_view key, std::optional<Secret>&, const Assign&, const std::string&) override {
    add(key, true);
  }
  void parsed(std::string_view key, const std::string&, const Assign&) override { add(key); }
  void list(std::string_view key, const std::vector<std::string>&, const std::string&,
            const std::function<void()>&, const Assign&) override {
    add(key);
  }

 private:
  void add(std::string_view key, bool secret = false) {
    if (prefix_.starts_with("program.")) keys_[prefix_.substr(8) + std::string(key)] = secret;
  }
  std::string prefix_;
  std::map<std::string, bool> keys_;
};

// A comment of TOML holds no control characters.
std::string comment_text(const std::string& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += static_cast<unsigned char>(words[i]) < 0x20 || words[i] == 0x7f ? ' ' : words[i];
  return text;
}

// A statement about a key that may be a secret is shown up to its value.
std::string without_secrets(const std::string& source) {
  const std::string words = ascii_lower(source);
  for (const char* secret : {"secret", "token", "key", "password"}) {
    if (words.find(secret) != std::string::npos) return source.substr(0, source.find_first_of("=(:")) + "…";
  }
  return source;
}

class Writer {
 public:
  Writer(const std::string& name, const PythonSettings& settings) : name_(name), settings_(settings) {}

  ImportedSettings run() {
    result_.toml = "# Written by plenary config import from " + comment_text(name_) + ".\n";
    for (const std::string& comment : settings_.above) result_.toml += "# " + comment_text(comment) + "\n";
    table("", "[program]", settings_.dict, {});
    for (const PythonSettings::Skipped& skipped : settings_.skipped)
      note(skipped.place, without_secrets(skipped.source), "left out: " + skipped.why);
    return std::move(result_);
  }
  // Where in the Python file a path of the settings ("program.currency") was written.
  std::optional<Place> place_of_path(std::string path) const {
    while (true) {
      if (const auto found = places_.find(path); found != places_.end()) return found->second;
      const std::size_t dot = path.rfind('.');
      if (dot == std::string::npos) return std::nullopt;
      path.resize(dot);
    }
  }

 private:
  void note(Place place, const std::string& what, const std::string& words) {
    result_.notes.push_back(fmt::format("{}:{}:{}: {}: {}", name_, place.line, place.column, what, words));
  }
  void comments(const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
      result_.toml += line.empty() ? "#\n" : "# " + comment_text(line) + "\n";
  }

  // Keys first, then the tables below: that is what TOML wants, whatever the order in the dictionary.
  void table(const std::string& path, const std::string& header, const PythonValue& dict,
             const std::vector<std::string>& above) {
    const bool has_keys = std::any_of(dict.entries.begin(), dict.entries.end(),
                                      [](const PythonEntry& e) { return e.value.kind != Kind::dict; });
    if (has_keys || !above.empty() || path.empty()) {
      result_.toml += '\n';
      comments(above);
      result_.toml += header + "\n";
    }
    for (const PythonEntry& entry : dict.entries) {
      if (entry.value.kind != Kind::dict) key(path, entry);
    }
    for (const PythonEntry& entry : dict.entries) {
      if (entry.value.kind != Kind::dict) continue;
      const std::string below = path.empty() ? entry.key : path + "." + entry.key;
      places_["program." + below] = entry.place;
      if (!known_.is_table(below)) {
        unknown(path, entry, known_.has(below) ? "a dictionary where a value belongs" : "an unknown key");
        continue;
      }
      std::vector<std::string> lines = entry.above;
      if (!entry.beside.empty()) lines.push_back(entry.beside);
      table(below, "[program." + below + "]", entry.value, lines);
    }
  }

  void unknown(const std::string& path, const PythonEntry& entry, const std::string& what) {
    const std::string likely = nearest(entry.key, known_.below(path));
    note(entry.place, shown_path(path, entry.key),
         what + ", left out" + (likely.empty() ? "" : "; meant is perhaps " + toml_line(likely)));
    comments(entry.above);
    result_.toml +=
        "# " + comment_text(toml_key(entry.key)) + ": " + what + " in " + comment_text(name_) + "\n";
  }

  static std::string shown_path(const std::string& path, const std::string& key) {
    return one_line(path.empty() ? key : path + "." + key);
  }

  void key(const std::string& path, const PythonEntry& entry) {
    const std::string below = path.empty() ? entry.key : path + "." + entry.key;
    places_["program." + below] = entry.value.place;
    if (known_.is_table(below)) {
      note(entry.value.place, below,
           "left out: it is a dictionary, and stands here as " +
               (entry.value.kind == Kind::text ? "a text" : words_for(entry.value)));
      return;
    }
    if (!known_.has(below)) return unknown(path, entry, "an unknown key");
    comments(entry.above);
    const std::string beside = entry.beside.empty() ? "" : "  # " + comment_text(entry.beside);
    const PythonValue& value = entry.value;
    const std::string name = toml_key(entry.key);
    switch (value.kind) {
      case Kind::number:
        if (value.text.size() > 18) {
          note(value.place, below, "left out: no setting is as large as " + one_line(value.text));
          return;
        }
        [[fallthrough]];
      case Kind::boolean:
        line(name + " = " + value.text + beside);
        return;
      case Kind::text:
        line(name + " = " + toml_line(value.text) + beside);
        return;
      case Kind::none:
        // A missing key is what None means.
        result_.toml += "# " + name + ": None in " + comment_text(name_) + beside + "\n";
        return;
      case Kind::environment:
        return environment(below, entry, beside);
      case Kind::list:
      case Kind::dict:
      case Kind::computed:
        note(value.place, below,
             "left out: it is computed" + (known_.is_secret(below) ? "" : ": " + words_for(value)) +
                 "; write its value yourself");
        result_.toml += "# " + name + " = …  # computed in " + comment_text(name_) + beside + "\n";
    }
  }

  void environment(const std::string& below, const PythonEntry& entry, const std::string& beside) {
    const PythonValue& value = entry.value;
    const std::string name = toml_key(entry.key);
    places_["program." + below + "_env"] = value.place;
    if (known_.is_secret(below)) {
      line(name + "_env = " + toml_line(value.text) + beside);
      if (value.has_default) {
        note(value.place, below,
             fmt::format("the default of the environment variable {} is not used: the variable must be set",
                         one_line(value.text)));
      }
      return;
    }
    note(value.place, below,
         fmt::format(
             "left out: it comes from the environment variable {}{}; only secrets can, so write its value",
             one_line(value.text),
             value.has_default ? ", or else is " + words_for(value.default_value[0]) : ""));
    result_.toml +=
        "# " + name + " = …  # from the environment variable " + comment_text(value.text) + beside + "\n";
  }

  void line(const std::string& text) {
    result_.toml += text + "\n";
    ++result_.keys;
  }

  static std::string words_for(const PythonValue& value) {
    switch (value.kind) {
      case Kind::text:
        return in_quotes(value.text);
      case Kind::list:
        return "a list";
      case Kind::dict:
        return "a dictionary";
      case Kind::none:
        return "None";
      case Kind::environment:
        return "an environment variable";
      default:
        return one_line(value.text);
    }
  }

  const std::string& name_;
  const PythonSettings& settings_;
  KnownKeys known_;
  ImportedSettings result_;
  std::map<std::string, Place> places_;
};

[[noreturn]] void refuse(ProblemKind kind, const std::string& name, Place place, std::string found,
                         std::string allowed, std::string advice) {
  Problem problem;
  problem.kind = kind;
  problem.file = name;
  problem.place = place;
  problem.found = std::move(found);
  problem.allowed = std::move(allowed);
  problem.advice = std::move(advice);
  throw_problems({std::move(problem)});
}

PythonSettings read_python(std::string_view source, const std::string& name) {
  if (source.size() > max_file_bytes)
    refuse(ProblemKind::value, name, {}, "a file of more than 8 MB", "at most 8 MB",
           "is this the settings module?");
  if (!is_valid_utf8(source))
    refuse(ProblemKind::value, name, {}, "bytes that are not UTF-8", "Python source in UTF-8",
           "save it as UTF-8");
  try {
    return read_python_settings(source, "DJANGO_PROGRAM");
  } catch (const PythonError& error) {
    refuse(ProblemKind::value, name, error.place, error.found, error.allowed, "");
  }
}

}  // namespace

ImportedSettings import_settings_text(std::string_view source, const std::string& name,
                                      const Environment& environment) {
  const PythonSettings settings = read_python(source, name);
  if (!settings.found) {
    const bool computed = !settings.skipped.empty();
    refuse(ProblemKind::value, name, computed ? settings.skipped.front().place : Place{1, 1},
           computed ? "a DJANGO_PROGRAM that is computed: " + settings.skipped.front().source
                    : "no assignment of DJANGO_PROGRAM",
           "DJANGO_PROGRAM = { … } with literal keys and values",
           computed ? "write it as a literal dictionary, or write plenary.toml by hand"
                    : "is this the settings module? It may be the one that this one imports");
  }
  Writer writer(name, settings);
  ImportedSettings result = writer.run();
  // Variables need not be set where the file is converted; they must be where it is used.
  const Environment lenient = [&](const std::string& variable) -> std::optional<std::string> {
    std::optional<std::string> value;
    if (environment) {
      value = environment(variable);
    } else if (const char* found = std::getenv(variable.c_str())) {
      value = found;
    }
    return value ? value : std::optional<std::string>("not-set-here");
  };
  try {
    parse_settings(result.toml, name, ".", lenient);
  } catch (const ConfigError& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      if (const auto place = writer.place_of_path(problem.path)) problem.place = *place;
    }
    throw_problems(std::move(problems));
  }
  return result;
}

ImportedSettings import_settings(const std::filesystem::path& file, const Environment& environment) {
  std::error_code error;
  std::ifstream in;
  if (std::filesystem::is_regular_file(file, error)) in.open(file, std::ios::binary);
  if (!in.is_open()) {
    refuse(ProblemKind::file, file.string(), {}, "a file that cannot be read",
           "a readable Python settings module", "check the path");
  }
  std::string source(max_file_bytes + 1, '\0');
  in.read(source.data(), static_cast<std::streamsize>(source.size()));
  source.resize(static_cast<std::size_t>(in.gcount()));
  return import_settings_text(source, file.string(), environment);
}

}  // namespace plenary::config
