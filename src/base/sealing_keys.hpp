// The keys of secrets at rest, newest first: the first seals, all open. A copy is another handle of the same
// ring. Any thread. Where the ring comes from a file, it is read again when somebody has replaced the file:
// before something is sealed, so that no value is sealed with a key that was rotated away, and when a token
// names a key that is not in the ring. Errors: SealBroken with the place, never the token. source:
// configuration 10, 4.5; Do better 8 and 31.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/sealing.hpp"

namespace plenary {

// Where a ring is read from. Both are called by whichever thread needs it, one at a time.
struct KeySource {
  std::function<std::vector<Secret>()> load;  // newest first; throws when they cannot be read
  std::function<std::string()> stamp;         // changes when there is something new to load; never throws
};

class SealingKeys {
 public:
  explicit SealingKeys(const Secret& only);
  explicit SealingKeys(const std::vector<Secret>& newest_first);  // std::invalid_argument: none, or one twice
  explicit SealingKeys(KeySource source);                         // throws what `load` throws

  // As SealingKey's; with the newest key.
  std::string seal(const Secret& value, std::string_view place, Random& random) const;
  Secret open(std::string_view token, std::string_view place) const;  // throws SealBroken

  // Reads again now; throws what `load` throws, and then what was there stays.
  void reload() const;
  std::vector<std::string> ids() const;  // newest first

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace plenary
