#include "i18n/languages.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <unicode/locid.h>
#include <unicode/stringoptions.h>
#include <unicode/unistr.h>

#include "base/amounts.hpp"
#include "base/embedded.hpp"
#include "i18n/formats.hpp"
#include "i18n/pseudo.hpp"

namespace plenary {
const EmbeddedTree& embedded_locale();  // CODE.mo; made by cmake/locale.cmake
}

namespace plenary::i18n {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? '-' : c;
}

bool is_same_code(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

Language of_code(std::string_view code) {
  Language language;
  language.code = code;
  const icu::Locale locale = icu::Locale::createFromName(language.code.c_str());
  icu::UnicodeString name;
  locale.getDisplayName(locale, name);
  name.toTitle(nullptr, locale, U_TITLECASE_SENTENCES | U_TITLECASE_NO_LOWERCASE);
  name.toUTF8String(language.name);
  language.is_right_to_left = locale.isRightToLeft();
  return language;
}

std::string file_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::invalid_argument(fmt::format("{} cannot be read", file.string()));
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

std::atomic<const Languages*> in_force{nullptr};
std::mutex making;

// Never destroyed: pages may still hold codes and messages of an older set.
const Languages& keep(std::unique_ptr<const Languages> made) {
  static auto* kept = new std::vector<std::unique_ptr<const Languages>>();
  kept->push_back(std::move(made));
  in_force.store(kept->back().get(), std::memory_order_release);
  return *kept->back();
}

}  // namespace

std::string Language::text(std::string_view context, std::string_view message) const {
  if (is_pseudo) return pseudo_text(message);
  const auto found = catalogue.find(context, message);
  return std::string(found ? *found : message);
}

std::string Language::text(std::string_view context, std::string_view singular, std::string_view plural,
                           std::int64_t n) const {
  if (is_pseudo) return pseudo_text(n == 1 ? singular : plural);
  const auto found = catalogue.find_plural(context, singular, n);
  return std::string(found ? *found : n == 1 ? singular : plural);
}

Languages::Languages() {
  Language english = of_code("en");
  english.is_source = true;
  all_.push_back(std::move(english));
  for (const EmbeddedFile& file : embedded_locale().files()) {
    constexpr std::string_view end = ".mo";
    if (!file.path.ends_with(end)) continue;
    Language language = of_code(file.path.substr(0, file.path.size() - end.size()));
    language.catalogue = Catalogue::from_mo(file.bytes);
    all_.push_back(std::move(language));
  }
  Language pseudo;
  pseudo.code = "en-XA";
  pseudo.name = "[Þšéüđö ~~]";
  pseudo.is_pseudo = true;
  all_.push_back(std::move(pseudo));
}

const Language* Languages::find(std::string_view code) const {
  for (const Language& language : all_) {
    if (is_same_code(language.code, code)) return &language;
  }
  return nullptr;
}

std::vector<std::string> Languages::add_own_words(const std::filesystem::path& folder) {
  std::vector<std::string> faults;
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return {fmt::format("{} is no folder; expected one with files such as de.po", folder.string())};
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".po") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    const std::string code = file.stem().string();
    const auto at = std::find_if(all_.begin(), all_.end(), [&](const Language& language) {
      return !language.is_pseudo && is_same_code(language.code, code);
    });
    try {
      const Catalogue own = Catalogue::from_po(file_text(file), file.string());
      if (at != all_.end()) {
        at->catalogue.put_before(own);
        continue;
      }
      Language language = of_code(code);
      language.catalogue = own;
      all_.insert(all_.end() - 1, std::move(language));
    } catch (const std::invalid_argument& fault) {
      faults.emplace_back(fault.what());
    }
  }
  return faults;
}

const Languages& languages() {
  if (const Languages* found = in_force.load(std::memory_order_acquire)) return *found;
  const std::lock_guard lock(making);
  if (const Languages* found = in_force.load(std::memory_order_acquire)) return *found;
  return keep(std::make_unique<const Languages>());
}

std::vector<std::string> use_own_words(const std::filesystem::path& folder) {
  static std::atomic<bool> has_own_words{false};
  if (folder.empty() && !has_own_words) return {};
  auto made = std::make_unique<Languages>();
  std::vector<std::string> faults;
  if (!folder.empty()) faults = made->add_own_words(folder);
  if (!faults.empty()) return faults;
  has_own_words = !folder.empty();
  const std::lock_guard lock(making);
  keep(std::move(made));
  return {};
}

namespace {

constexpr std::size_t longest_header = 1000;
constexpr std::size_t most_ranges = 32;

struct Range {
  std::string_view tag;
  int quality = 1000;  // thousandths
};

std::string_view trimmed_part(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > 35) return false;
  return std::all_of(tag.begin(), tag.end(), [](char c) {
    c = lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// "0.7" as 700; -1 for anything that is no quality.
int quality_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return -1;
  int value = text[0] == '1' ? 1000 : 0;
  if (text.size() == 1) return value;
  if (text[1] != '.') return -1;
  int weight = 100;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return -1;
    value += weight * (c - '0');
    weight /= 10;
  }
  return value > 1000 ? -1 : value;
}

std::size_t read_ranges(std::string_view header, std::array<Range, most_ranges>& ranges) {
  header = header.substr(0, longest_header);
  std::size_t count = 0;
  while (!header.empty() && count < most_ranges) {
    const std::size_t comma = header.find(',');
    std::string_view part = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
    const std::size_t semicolon = part.find(';');
    Range range{trimmed_part(part.substr(0, semicolon))};
    if (semicolon != std::string_view::npos) {
      const std::string_view parameter = trimmed_part(part.substr(semicolon + 1));
      if (parameter.size() < 2 || lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
      range.quality = quality_of(trimmed_part(parameter.substr(2)));
    }
    // "*" stands for whatever is there anyway.
    if (range.quality >= 0 && is_tag(range.tag)) ranges[count++] = range;
  }
  return count;
}

const Language* offered(std::string_view code, bool development) {
  const Language* language = code.empty() ? nullptr : languages().find(code);
  return language && is_offered(*language, development) ? language : nullptr;
}

// The range, then without its last parts; a single letter goes together with what it introduces.
const Language* looked_up(std::string_view tag, bool development) {
  while (!tag.empty()) {
    if (const Language* language = offered(tag, development)) return language;
    const std::size_t dash = tag.rfind('-');
    if (dash == std::string_view::npos) return nullptr;
    tag = tag.substr(0, dash);
    if (tag.size() >= 2 && tag[tag.size() - 2] == '-') tag.remove_suffix(2);
  }
  return nullptr;
}

}  // namespace

std::string_view choose(std::string_view cookie, std::string_view account, std::string_view accept_language,
                        bool development) {
  if (const Language* language = offered(cookie, development)) return language->code;
  if (const Language* language = offered(account, development)) return language->code;
  std::array<Range, most_ranges> ranges;
  const std::size_t count = read_ranges(accept_language, ranges);
  std::stable_sort(ranges.begin(), ranges.begin() + static_cast<std::ptrdiff_t>(count),
                   [](const Range& a, const Range& b) { return a.quality > b.quality; });
  const auto refused = [&](const Language& language) {
    return std::any_of(
        ranges.begin(), ranges.begin() + static_cast<std::ptrdiff_t>(count),
        [&](const Range& range) { return range.quality == 0 && is_same_code(range.tag, language.code); });
  };
  for (std::size_t i = 0; i < count && ranges[i].quality > 0; ++i) {
    const Language* language = looked_up(ranges[i].tag, development);
    if (language && !refused(*language)) return language->code;
  }
  return "en";
}

namespace {

// The arguments with the amounts that they mark.
std::optional<Refused::Arguments> with_amounts_of(std::string_view language,
                                                  const Refused::Arguments& arguments) {
  std::optional<Refused::Arguments> written;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!has_marks(arguments[i].second)) continue;
    if (!written) written = arguments;
    (*written)[i].second = amounts_in(language, arguments[i].second);
  }
  return written;
}

}  // namespace

std::string amounts_in(std::string_view language, std::string_view text) {
  return with_amounts(
      text, [&](const Money& amount, std::string_view symbol) { return money(language, amount, symbol); });
}

std::string translated(std::string_view language, std::string_view message, const Refused::Arguments& given) {
  if (message.empty()) return {};
  const std::optional<Refused::Arguments> written = with_amounts_of(language, given);
  const Refused::Arguments& arguments = written ? *written : given;
  const Language* found = languages().find(language);
  if (!found || (found->is_source && found->catalogue.size() == 0)) return fill(message, arguments);
  return fill(found->text({}, message), arguments);
}

std::string translated(std::string_view language, const Refused& refused) {
  return translated(language, refused.text(), refused.arguments());
}

std::string translated_n(std::string_view language, std::string_view singular, std::string_view plural,
                         std::int64_t n, Refused::Arguments arguments) {
  if (auto written = with_amounts_of(language, arguments)) arguments = std::move(*written);
  arguments.emplace_back("n", number(language, n));
  const Language* found = languages().find(language);
  if (!found) return fill(n == 1 ? singular : plural, arguments);
  return fill(found->text({}, singular, plural, n), arguments);
}

}  // namespace plenary::i18n
