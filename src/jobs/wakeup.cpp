#include "jobs/wakeup.hpp"

#include <algorithm>
#include <vector>

namespace plenary::jobs {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<Wakeup*> all;
};
Registry& registry() {
  static auto* registry = new Registry();  // workers may outlive static destruction
  return *registry;
}

}  // namespace

Wakeup::Wakeup() {
  const std::lock_guard lock(registry().mutex);
  registry().all.push_back(this);
}

Wakeup::~Wakeup() {
  const std::lock_guard lock(registry().mutex);
  std::erase(registry().all, this);
}

void Wakeup::notify() {
  {
    const std::lock_guard lock(mutex);
    if (pending) return;
    pending = true;
  }
  changed.notify_one();
}

void Wakeup::notify_all() {
  const std::lock_guard lock(registry().mutex);
  for (Wakeup* one : registry().all) one->notify();
}

}  // namespace plenary::jobs
