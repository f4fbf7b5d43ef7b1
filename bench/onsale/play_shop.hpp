// A shop in a few hundred lines that speaks the pages' contract from memory: what the generator's own tests
// buy from. It can be told to be wrong, so that the tests know the generator notices. Threads: serves on a
// thread of its own between the constructor and the destructor; set options before.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace plenary::onsale {

struct PlayShopOptions {
  std::int64_t stock = 100;
  bool forgets_tokens = false;  // a repeated post is done again
  bool oversells = false;       // sells one ticket more than there is
  bool splits_answers = false;  // every answer comes in two pieces
  bool breaks_off = false;      // the 40th answer is cut short and the connection closed
  bool swallows = false;        // the 40th request is read and the connection closed without an answer
  int port = 0;                 // 0: any
};

class PlayShop {
 public:
  explicit PlayShop(const PlayShopOptions& options);
  ~PlayShop();
  std::string url() const;
  // Lets all holds elapse, as a moved clock would.
  void expire_holds() { expire_ = true; }

 private:
  class Desk;
  std::unique_ptr<Desk> desk_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_{false}, expire_{false};
  std::thread thread_;
};

}  // namespace plenary::onsale
