#include "base/sealing_keys.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace plenary {

using Ring = std::vector<SealingKey>;

struct SealingKeys::State {
  KeySource source;
  std::mutex reading;  // held while the source is asked
  std::string stamp;   // of what is in `ring`; guarded by `reading`
  std::mutex mutex;    // guards the pointer alone
  std::shared_ptr<const Ring> ring;

  std::shared_ptr<const Ring> get() {
    const std::lock_guard lock(mutex);
    return ring;
  }
  void set(const std::vector<Secret>& secrets) {
    if (secrets.empty()) throw std::invalid_argument("there is no key to seal with");
    auto made = std::make_shared<Ring>();
    for (const Secret& secret : secrets) {
      SealingKey key(secret);
      if (std::any_of(made->begin(), made->end(), [&](const SealingKey& k) { return k.id() == key.id(); }))
        throw std::invalid_argument("the sealing key " + key.id() + " is there twice");
      made->push_back(std::move(key));
    }
    const std::lock_guard lock(mutex);
    ring = std::move(made);
  }
  // The stamp is taken first: what changes in between is seen the next time.
  void read() {
    std::string before = source.stamp();
    set(source.load());
    stamp = std::move(before);
  }
  // True when the ring is another one now. A source that cannot be read just now leaves what is there.
  bool read_if_new() {
    if (!source.stamp) return false;
    const std::lock_guard lock(reading);
    if (source.stamp() == stamp) return false;
    try {
      read();
    } catch (const std::exception&) {
      return false;
    }
    return true;
  }
};

SealingKeys::SealingKeys(const Secret& only) : SealingKeys(std::vector<Secret>{only}) {}

SealingKeys::SealingKeys(const std::vector<Secret>& newest_first) : state_(std::make_shared<State>()) {
  state_->set(newest_first);
}

SealingKeys::SealingKeys(KeySource source) : state_(std::make_shared<State>()) {
  state_->source = std::move(source);
  state_->read();
}

std::string SealingKeys::seal(const Secret& value, std::string_view place, Random& random) const {
  state_->read_if_new();
  return state_->get()->front().seal(value, place, random);
}

Secret SealingKeys::open(std::string_view token, std::string_view place) const {
  const auto id = key_id_of(token);
  if (!id)
    throw SealBroken("the stored secret " + std::string(place) +
                     " is not sealed: it stands there readable, or is damaged");
  const auto find = [&](const Ring& ring) {
    return std::find_if(ring.begin(), ring.end(), [&](const SealingKey& key) { return key.id() == *id; });
  };
  std::shared_ptr<const Ring> ring = state_->get();
  auto key = find(*ring);
  if (key == ring->end()) {
    state_->read_if_new();
    ring = state_->get();  // another thread may have read it meanwhile
    key = find(*ring);
  }
  if (key == ring->end())
    throw SealBroken("the stored secret " + std::string(place) + " was sealed with the key " +
                     std::string(*id) + ", which is not in the key file");
  return key->open(token, place);
}

void SealingKeys::reload() const {
  if (!state_->source.load) return;
  const std::lock_guard lock(state_->reading);
  state_->read();
}

std::vector<std::string> SealingKeys::ids() const {
  std::vector<std::string> ids;
  for (const SealingKey& key : *state_->get()) ids.push_back(key.id());
  return ids;
}

}  // namespace plenary
