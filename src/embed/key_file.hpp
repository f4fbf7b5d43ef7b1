// The key file on disk: what signs cookies and derives secret links, and what seals secrets at rest.
// Development makes the file at the first start; production refuses without one, since a new key would void
// every link that was handed out, and refuses one that others can read. Any thread. Errors: KeyFileFault and
// std::runtime_error with how to mend it, never with a key. source: design 6; ground rules 15, 2.4 and 8.1;
// docs/keys.md.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/codes.hpp"
#include "base/key_ring.hpp"
#include "base/sealing_keys.hpp"
#include "base/secret.hpp"
#include "config/settings.hpp"

namespace plenary::embed {

Date today();  // in UTC, by the system's clock

using Notice = std::function<void(std::string_view)>;

std::filesystem::path key_file_path(const config::Settings& settings);

// Reads it, in development makes it. `notice` is told when it made the file, and what should be mended.
KeyRing load_keys(const config::Settings& settings, Random& random, const Notice& notice);
// What signs alone.
Secret load_key(const config::Settings& settings, Random& random, const Notice& notice);
// A ring that follows the file: docs/keys.md says when it is read again. The file must be there.
SealingKeys sealing_keys(const config::Settings& settings);

// Empty: only its owner can read it. Else what is wrong and how to mend it; `blocks`: production must refuse.
struct KeyFileExposure {
  bool blocks = false;
  std::string text;
};
KeyFileExposure key_file_exposure(const std::filesystem::path& file);

// Reads one; a file that is no key file throws.
KeyRing read_key_file(const std::filesystem::path& file);
// Never over an existing file, for the owner's eyes only. False: somebody else was faster.
bool create_key_file(const std::filesystem::path& file, const KeyRing& ring);

// Holds the key file for one command that changes it; others wait. Changing is atomic: whoever reads sees the
// file before or after, also when the power fails; owner and mode stay.
class KeyFileEdit {
 public:
  explicit KeyFileEdit(const std::filesystem::path& file);
  ~KeyFileEdit();
  KeyFileEdit(const KeyFileEdit&) = delete;
  KeyFileEdit& operator=(const KeyFileEdit&) = delete;

  const KeyRing& ring() const { return ring_; }  // as it stands in the file
  void replace(KeyRing ring);

 private:
  std::filesystem::path file_;  // without symbolic links
  int folder_ = -1;
  KeyRing ring_;
};

}  // namespace plenary::embed
