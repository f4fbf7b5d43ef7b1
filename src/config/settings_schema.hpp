// The one description of plenary.toml: each key with its type, default and check. Reading, printing and the
// list of names are visitors of it, so that none can forget a key. Private to config/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "config/table_reader.hpp"

namespace plenary::config {

// `now` is the value before (the default) and becomes the value after.
class SettingsVisitor {
 public:
  virtual ~SettingsVisitor() = default;

  virtual void begin_table(std::string_view key) = 0;
  virtual void end_table() = 0;

  virtual void text(std::string_view key, std::string& now, const TextRule& rule) = 0;
  virtual void boolean(std::string_view key, bool& now) = 0;
  virtual void integer(std::string_view key, std::int64_t& now, std::int64_t min, std::int64_t max) = 0;
  // An integer count of `unit`.
  virtual void duration(std::string_view key, Duration& now, Duration unit, std::int64_t min,
                        std::int64_t max) = 0;
  // 0 <= x <= 1, exact.
  virtual void fraction(std::string_view key, Decimal& now) = 0;
  // A path relative to the base directory. `""` means none.
  virtual void path(std::string_view key, std::filesystem::path& now) = 0;
  // A text with a meaning of its own. `assign` takes it and says what is wrong: {allowed, advice}, or
  // nothing.
  struct Fault {
    std::string allowed, advice;
  };
  using Assign = std::function<std::optional<Fault>(const std::string&)>;
  // A text, or from `<key>_file`, or from `<key>_env`; `""` means none. Messages never show it. `printed` is
  // what printing shows instead of the masked value, where given.
  virtual void secret(std::string_view key, std::optional<Secret>& now, const Assign& check,
                      const std::string& printed = {}) = 0;
  virtual void parsed(std::string_view key, const std::string& now, const Assign& assign) = 0;
  // A list of such texts. `clear` comes first when the key is given.
  virtual void list(std::string_view key, const std::vector<std::string>& now, const std::string& allowed,
                    const std::function<void()>& clear, const Assign& assign) = 0;
};

void describe(SettingsVisitor& visitor, Settings& settings);

// Every key as "program.stripe.secret_key", in the order of the description.
std::vector<std::string> setting_names();

}  // namespace plenary::config
