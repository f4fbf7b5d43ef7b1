#include "base/key_ring.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/sealing.hpp"
#include "base/signing.hpp"
#include "base/text.hpp"

namespace plenary {
namespace {

constexpr std::string_view first_word = "plenary-keys";
constexpr std::size_t longest_file = 64 * 1024;
constexpr const char* restore = "Restore the file from your copy.";

struct Line {
  int number = 0;
  std::string_view word, value, comment;
};

// Word, value and comment of a line: "sealing = AbC  # 2027-05-14".
Line parts_of(std::string_view text, int number) {
  Line line;
  line.number = number;
  const std::size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    line.comment = trimmed(text.substr(hash + 1));
    text = text.substr(0, hash);
  }
  text = trimmed(text);
  const std::size_t end = std::min(text.find_first_of(" \t="), text.size());
  line.word = text.substr(0, end);
  text = trimmed(text.substr(end));
  if (text.starts_with('=')) text = trimmed(text.substr(1));
  line.value = text;
  return line;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const Line line = parts_of(text.substr(0, end), number);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.word.empty() || !line.value.empty()) lines.push_back(line);
  }
  return lines;
}

bool is_key_line(const Line& line) {
  return (line.word == "signing" || line.word == "sealing") && !line.value.empty();
}

Secret new_secret(Random& random) {
  std::string bytes(48, '\0');
  random.fill({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
  return Secret(std::move(bytes));
}

class Reader {
 public:
  explicit Reader(std::string_view name) : name_(name) {}

  KeyRing read(const std::vector<Line>& lines) {
    bool first = true;
    for (const Line& line : lines) {
      if (std::exchange(first, false)) {
        if (line.word != first_word)
          fault(line, fmt::format("the first line must be \"{} 1\"", first_word));
        else if (line.value != "1")
          fault(line, "this program reads version 1 of the file; use the version of Plenary that wrote it");
      } else if (line.word == "signing") {
        if (has_signing_) fault(line, "a second signing secret; there is one");
        has_signing_ = true;
        ring_.signing = secret(line);
      } else if (line.word == "sealing") {
        add(line);
      } else {
        fault(line, "expected \"signing = …\", \"sealing = …\" or a comment that begins with #");
      }
    }
    if (!has_signing_) faults_.push_back(fmt::format("{}: the signing secret is missing", name_));
    if (!has_sealing_) faults_.push_back(fmt::format("{}: no sealing key is there", name_));
    if (!faults_.empty())
      throw KeyFileFault(
          fmt::format("The key file cannot be used.\n  {}\n{}", fmt::join(faults_, "\n  "), restore));
    return std::move(ring_);
  }

 private:
  void fault(const Line& line, std::string_view what) {
    faults_.push_back(fmt::format("{}:{}: {}", name_, line.number, what));
  }

  Secret secret(const Line& line) {
    const auto bytes = base64url_decode(line.value);
    if (!bytes) {
      fault(line, "the key is damaged: it is written with A-Z, a-z, 0-9, - and _ alone");
    } else if (bytes->size() < least_key_bytes) {
      fault(line,
            fmt::format("the key holds {} bytes; a key has at least {}", bytes->size(), least_key_bytes));
    } else {
      return Secret(*bytes);
    }
    return Secret();
  }

  void add(const Line& line) {
    has_sealing_ = true;
    RingKey key{secret(line), Date::parse(line.comment) ? std::string(line.comment) : std::string()};
    if (key.secret.empty()) return;
    if (!ids_.insert(key.id()).second) return fault(line, "this sealing key is there twice");
    ring_.sealing.push_back(std::move(key));
  }

  std::string_view name_;
  KeyRing ring_;
  bool has_signing_ = false, has_sealing_ = false;
  std::set<std::string> ids_;
  std::vector<std::string> faults_;
};

}  // namespace

std::string RingKey::id() const {
  return SealingKey(secret).id();
}

std::vector<Secret> KeyRing::sealing_secrets() const {
  std::vector<Secret> secrets;
  for (const RingKey& key : sealing) secrets.push_back(key.secret);
  return secrets;
}

KeyRing parse_key_file(std::string_view text, std::string_view name) {
  if (text.size() > longest_file)
    throw KeyFileFault(fmt::format("The key file {} is larger than {} KiB: it is something else. {}", name,
                                   longest_file / 1024, restore));
  const std::vector<Line> lines = lines_of(text);
  const bool has_keys = std::any_of(lines.begin(), lines.end(), is_key_line);
  if (has_keys || (!lines.empty() && lines.front().word == first_word)) return Reader(name).read(lines);
  const std::string_view only = trimmed(text);
  if (only.starts_with("# "))
    throw KeyFileFault(
        fmt::format("The key file {} holds comments and no key: its end is missing. {}", name, restore));
  if (only.size() < least_key_bytes)
    throw KeyFileFault(fmt::format("The key file {} holds {} bytes; a key has at least {}. {}", name,
                                   only.size(), least_key_bytes, restore));
  const Secret secret{std::string(only)};
  return {secret, {{secret, {}}}};
}

std::string to_text(const KeyRing& ring) {
  std::string text =
      "# The keys of this Plenary: whoever has them can open its stored secrets and sign in as anybody. Keep "
      "a\n"
      "# copy apart from the database; without it, links that were handed out and stored secrets are lost.\n"
      "# The first sealing key seals, all of them open. Changed by: plenary keys rotate, plenary keys "
      "prune.\n";
  text += fmt::format("{} 1\nsigning = {}\n", first_word, base64url_encode(ring.signing.reveal()));
  for (const RingKey& key : ring.sealing) {
    text += fmt::format("sealing = {}", base64url_encode(key.secret.reveal()));
    if (!key.made.empty()) text += fmt::format("  # {}", key.made);
    text += '\n';
  }
  return text;
}

KeyRing new_key_ring(Random& random, Date made) {
  return with_new_key({new_secret(random), {}}, random, made);
}

KeyRing with_new_key(KeyRing ring, Random& random, Date made) {
  ring.sealing.insert(ring.sealing.begin(), RingKey{new_secret(random), made.to_string()});
  return ring;
}

}  // namespace plenary
