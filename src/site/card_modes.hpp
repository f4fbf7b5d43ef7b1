// Whether a conference takes cards, and whether with keys of the provider's test mode: asked on every page (a
// banner) and for every order (marked TEST), so it is kept in memory for each version of the conference,
// which counts up when its keys change. Any thread. source: payments 21, P33; ground rules 15, 1.5.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "db/tx.hpp"

namespace plenary::payments {
class CardPayments;
}

namespace plenary::site {

struct CardMode {
  bool is_offered = false;  // the provider's keys are complete
  bool is_test = false;     // and they are of its test mode
};

class CardModes {
 public:
  // `cards` null: nobody takes cards here.
  CardMode at(db::Tx& tx, const payments::CardPayments* cards, std::int64_t conference_id,
              std::int64_t catalogue_version) const;

 private:
  struct Kept {
    std::int64_t version = 0;
    CardMode mode;
  };
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::int64_t, Kept> kept_;
};

}  // namespace plenary::site
