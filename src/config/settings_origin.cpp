#include "config/settings_origin.hpp"

#include <algorithm>
#include <optional>

#include "config/document.hpp"
#include "config/settings_schema.hpp"
#include "config/toml_text.hpp"

namespace plenary::config {
namespace {

using Kind = EffectiveSetting::Kind;
using Source = EffectiveSetting::Source;

class Collector : public SettingsVisitor {
 public:
  // `document` may be null: everything is a default.
  explicit Collector(const Document* document) : document_(document) {
    tables_.push_back({document ? &document->root() : nullptr, ""});
  }
  std::vector<EffectiveSetting> take() { return std::move(settings_); }

  void begin_table(std::string_view key) override {
    const toml::table* below = now().table ? now().table->get_as<toml::table>(key) : nullptr;
    tables_.push_back({below, path_of(key) + "."});
  }
  void end_table() override { tables_.pop_back(); }

  void text(std::string_view key, std::string& value, const TextRule&) override {
    add(key, Kind::text, value);
  }
  void boolean(std::string_view key, bool& value) override {
    add(key, Kind::literal, value ? "true" : "false");
  }
  void integer(std::string_view key, std::int64_t& value, std::int64_t, std::int64_t) override {
    add(key, Kind::literal, std::to_string(value));
  }
  void duration(std::string_view key, Duration& value, Duration unit, std::int64_t, std::int64_t) override {
    add(key, Kind::literal, std::to_string(value.micros / unit.micros));
  }
  void fraction(std::string_view key, Decimal& value) override { add(key, Kind::literal, value.to_string()); }
  void path(std::string_view key, std::filesystem::path& value) override {
    add(key, Kind::text, value.string());
  }
  void parsed(std::string_view key, const std::string& value, const Assign&) override {
    add(key, Kind::text, value);
  }
  void list(std::string_view key, const std::vector<std::string>& value, const std::string&,
            const std::function<void()>&, const Assign&) override {
    add(key, Kind::list, "").items = value;
  }
  void secret(std::string_view key, std::optional<Secret>& value, const Assign&,
              const std::string& printed) override {
    EffectiveSetting& setting = add(key, Kind::secret,
                                    !printed.empty() ? printed
                                    : value          ? value->masked()
                                                     : "");
    setting.is_set = value.has_value() || !printed.empty();
    const std::string name(key);
    if (const auto variable = given(name + "_env")) {
      setting.source = Source::environment;
      setting.origin = "environment variable " + variable->value + " (" + variable->place + ")";
    } else if (const auto file = given(name + "_file")) {
      setting.source = Source::secret_file;
      setting.origin = "file " + file->value + " (" + file->place + ")";
    }
  }

 private:
  struct Table {
    const toml::table* table;
    std::string prefix;
  };
  struct Given {
    std::string value, place;
  };
  const Table& now() const { return tables_.back(); }
  std::string path_of(std::string_view key) const { return now().prefix + std::string(key); }

  std::string place_text(const toml::node& node) const {
    return document_->name() + ":" + std::to_string(place_of(node).line);
  }
  std::optional<Given> given(const std::string& key) const {
    const toml::node* node = now().table ? now().table->get(key) : nullptr;
    if (!node) return std::nullopt;
    const auto* text = node->as_string();
    return Given{text ? text->get() : "", place_text(*node)};
  }
  EffectiveSetting& add(std::string_view key, Kind kind, std::string text) {
    EffectiveSetting setting;
    setting.path = path_of(key);
    setting.kind = kind;
    setting.text = std::move(text);
    setting.origin = "default";
    if (const auto found = given(std::string(key))) {
      setting.source = Source::file;
      setting.origin = found->place;
    }
    settings_.push_back(std::move(setting));
    return settings_.back();
  }

  const Document* document_;
  std::vector<Table> tables_;
  std::vector<EffectiveSetting> settings_;
};

std::string value_text(const EffectiveSetting& setting) {
  if (setting.kind == Kind::literal) return setting.text;
  if (setting.kind != Kind::list) return toml_line(setting.text);
  std::string list;
  for (const std::string& item : setting.items) list += (list.empty() ? "" : ", ") + toml_line(item);
  return "[" + list + "]";
}

std::string table_of(const std::string& path) {
  return path.substr(0, path.rfind('.'));
}

}  // namespace

std::vector<EffectiveSetting> effective_settings(const Settings& settings) {
  std::optional<Document> document;
  if (!settings.file.empty()) document.emplace(Document::read(settings.file));
  Settings copy = settings;
  Collector collector(document ? &*document : nullptr);
  describe(collector, copy);
  return collector.take();
}

std::string effective_toml(const std::vector<EffectiveSetting>& settings) {
  // The keys of a table stand before the tables below it, whatever their order in the description.
  std::vector<std::string> tables;
  for (const EffectiveSetting& setting : settings) {
    const std::string table = table_of(setting.path);
    for (std::size_t dot = table.find('.'); dot != std::string::npos; dot = table.find('.', dot + 1)) {
      const std::string above = table.substr(0, dot);
      if (std::find(tables.begin(), tables.end(), above) == tables.end()) tables.push_back(above);
    }
    if (std::find(tables.begin(), tables.end(), table) == tables.end()) tables.push_back(table);
  }
  std::string out;
  for (const std::string& table : tables) {
    std::string keys;
    for (const EffectiveSetting& setting : settings) {
      if (table_of(setting.path) != table) continue;
      const std::string line = setting.path.substr(table.size() + 1) + " = " + value_text(setting);
      keys += line + std::string(line.size() < 44 ? 44 - line.size() : 1, ' ') + "# " + setting.origin +
              (setting.is_set ? "" : ", not given") + "\n";
    }
    if (keys.empty()) continue;
    out += (out.empty() ? "[" : "\n[") + table + "]\n" + keys;
  }
  return out;
}

}  // namespace plenary::config
