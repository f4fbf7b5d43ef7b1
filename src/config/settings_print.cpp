// Settings back into TOML with secrets masked, and the list of their names.
#include "config/settings.hpp"
#include "config/settings_schema.hpp"

namespace plenary::config {
namespace {

std::string toml_text(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result.push_back('\\');
    result.push_back(c);
  }
  return result + "\"";
}

class SettingsPrinter : public SettingsVisitor {
 public:
  // Keys of a table come before the tables below it, whatever their order in the description.
  std::string result() const { return text_; }

  void begin_table(std::string_view key) override {
    tables_.push_back(
        {tables_.empty() ? std::string(key) : tables_.back().path + "." + std::string(key), {}, {}});
  }

  void end_table() override {
    const Table table = tables_.back();
    tables_.pop_back();
    std::string printed = table.keys.empty() ? "" : "\n[" + table.path + "]\n" + table.keys;
    printed += table.below;
    (tables_.empty() ? text_ : tables_.back().below) += printed;
  }

  void text(std::string_view key, std::string& now, const TextRule&) override { line(key, toml_text(now)); }
  void boolean(std::string_view key, bool& now) override { line(key, now ? "true" : "false"); }
  void integer(std::string_view key, std::int64_t& now, std::int64_t, std::int64_t) override {
    line(key, std::to_string(now));
  }
  void duration(std::string_view key, Duration& now, Duration unit, std::int64_t, std::int64_t) override {
    line(key, std::to_string(now.micros / unit.micros));
  }
  void fraction(std::string_view key, Decimal& now) override { line(key, now.to_string()); }
  void path(std::string_view key, std::filesystem::path& now) override { line(key, toml_text(now.string())); }
  void secret(std::string_view key, std::optional<Secret>& now, const Assign&,
              const std::string& printed) override {
    line(key, toml_text(!printed.empty() ? printed : now ? now->masked() : ""));
  }
  void parsed(std::string_view key, const std::string& now, const Assign&) override {
    line(key, toml_text(now));
  }
  void list(std::string_view key, const std::vector<std::string>& now, const std::string&,
            const std::function<void()>&, const Assign&) override {
    std::string value;
    for (const std::string& element : now) value += (value.empty() ? "" : ", ") + toml_text(element);
    line(key, "[" + value + "]");
  }

 private:
  struct Table {
    std::string path, keys, below;
  };

  void line(std::string_view key, const std::string& value) {
    tables_.back().keys += std::string(key) + " = " + value + "\n";
  }

  std::string text_;
  std::vector<Table> tables_;
};

class NameCollector : public SettingsVisitor {
 public:
  std::vector<std::string> names;

  void begin_table(std::string_view key) override { prefix_ += std::string(key) + "."; }
  void end_table() override {
    prefix_.pop_back();
    prefix_.resize(prefix_.rfind('.') + 1);  // to nothing where there is none
  }
  void text(std::string_view key, std::string&, const TextRule&) override { add(key); }
  void boolean(std::string_view key, bool&) override { add(key); }
  void integer(std::string_view key, std::int64_t&, std::int64_t, std::int64_t) override { add(key); }
  void duration(std::string_view key, Duration&, Duration, std::int64_t, std::int64_t) override { add(key); }
  void fraction(std::string_view key, Decimal&) override { add(key); }
  void path(std::string_view key, std::filesystem::path&) override { add(key); }
  void secret(std::string_view key, std::optional<Secret>&, const Assign&, const std::string&) override {
    add(key);
  }
  void parsed(std::string_view key, const std::string&, const Assign&) override { add(key); }
  void list(std::string_view key, const std::vector<std::string>&, const std::string&,
            const std::function<void()>&, const Assign&) override {
    add(key);
  }

 private:
  void add(std::string_view key) { names.push_back(prefix_ + std::string(key)); }
  std::string prefix_;
};

}  // namespace

std::string Settings::to_string() const {
  Settings copy = *this;
  SettingsPrinter printer;
  describe(printer, copy);
  const std::string text = printer.result();
  return text.empty() ? text : text.substr(1);
}

std::vector<std::string> setting_names() {
  Settings settings;
  NameCollector collector;
  describe(collector, settings);
  return collector.names;
}

}  // namespace plenary::config
