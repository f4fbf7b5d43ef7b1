// The text of a key file: the secret that signs cookies and links, and the keys that seal secrets at rest,
// newest first. A file of one secret alone, as they were before there were several keys, is read as the
// secret and as the only sealing key. Values; any thread. Errors: KeyFileFault with the line, never with what
// stands in it. source: configuration 10, Do better 31; docs/keys.md.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

namespace plenary {

class KeyFileFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct RingKey {
  Secret secret;
  std::string made;  // "2027-05-14"; empty: not known
  std::string id() const;
};

struct KeyRing {
  Secret signing;
  std::vector<RingKey> sealing;  // newest first; never empty
  std::vector<Secret> sealing_secrets() const;
};

// What a secret needs at least, in bytes.
inline constexpr std::size_t least_key_bytes = 32;

// `name`: of the file, for messages.
KeyRing parse_key_file(std::string_view text, std::string_view name);
std::string to_text(const KeyRing& ring);

// A new ring, and a ring with one more key before all others.
KeyRing new_key_ring(Random& random, Date made);
KeyRing with_new_key(KeyRing ring, Random& random, Date made);

}  // namespace plenary
