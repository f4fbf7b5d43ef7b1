// One buyer after the other on one connection: ticket page, add, cart, checkout, review, order, pay page,
// payment, confirmation. A buyer has a cookie jar of its own, reads every hidden field out of the page it was
// given, may give up on the way, and may send its posts twice. What happens to buyers is counted by the Sale
// they share. Threads: a Sale and all its buyers live on one.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client.hpp"
#include "forms.hpp"
#include "histogram.hpp"

namespace plenary::onsale {

enum class Step { page, add, cart, checkout, review, order, pay_page, pay, confirmation, voucher };
inline constexpr std::size_t steps = 10;
std::string_view to_text(Step step);

struct SaleOptions {
  std::string conference = "onsale", ticket = "individual";
  std::string voucher;            // each buyer has it; empty: none
  bool is_voucher_typed = false;  // into the cart's form, instead of coming by its link
  std::int64_t buyers = 20'000;
  int connections = 256;
  int abandon_percent = 10;  // half of them with a full cart, half before paying
  // Send add, order and pay a second time, the same bytes: half of them at once on another connection (a
  // double click), half after the first answer (back, reload). Only the latter with park_on_loss.
  int twice_percent = 10;
  std::uint64_t seed = 1;
  bool stop_when_sold_out = false;  // begin no further buyer after the first that heard "sold out"
  bool park_on_loss = false;        // a lost connection is expected: the buyer waits for resume()
};

// What the server said to a buyer: held against the rows afterwards.
struct Told {
  std::string reference;
  std::string path;  // of the order, with its secret: "/c/register/orders/REF/TOKEN/"
  bool paid = false;
};

struct Tally {
  std::int64_t begun = 0, added = 0, completed = 0, paid = 0, left_cart = 0, left_unpaid = 0, sold_out = 0,
               failed = 0;
  std::int64_t repeats = 0, repeats_wrong = 0, resent = 0;
  std::uint64_t requests = 0;
  std::int64_t first_request_at = 0, last_added_at = 0, last_paid_at = 0, first_sold_out_at = 0,
               last_answer_at = 0;
  std::array<Histogram, steps> latency{};
  std::vector<std::string> complaints;  // the first few failures, in words
};

class Buyer;

class Sale {
 public:
  Sale(Loop& loop, const std::vector<Endpoint>& endpoints, SaleOptions options);
  ~Sale();

  // Opens the connections without asking for anything; run() begins when all are open.
  void connect();
  // Lets every connection begin its first buyer.
  void begin();
  // True when no buyer is on its way any more.
  bool idle() const { return active_ == 0; }
  int active() const { return active_; }
  // park_on_loss: buyers that wait for a server, and sending what they had asked again.
  int parked() const { return parked_; }
  void resume();
  // No new buyers from here on.
  void stop_beginning() { options_.buyers = tally_.begun; }
  void allow_more(std::int64_t buyers) { options_.buyers = tally_.begun + buyers; }
  // Losses by kind since the last call of clear_losses().
  struct Losses {
    std::array<std::int64_t, 5> by_kind{};
    std::int64_t failed_requests = 0;  // sent on a connection made before `accepted_until`, and not answered
  };
  const Losses& losses() const { return losses_; }
  void clear_losses() { losses_ = Losses{}; }
  // Requests on connections made before this moment count as accepted.
  std::int64_t accepted_until = INT64_MAX;

  SaleOptions& options() { return options_; }
  Tally& tally() { return tally_; }
  const std::deque<Told>& told() const { return told_; }

 private:
  friend class Buyer;
  bool may_begin() const {
    return tally_.begun < options_.buyers && !(options_.stop_when_sold_out && tally_.first_sold_out_at != 0);
  }
  std::uint64_t random();
  void complain(Step step, std::string_view what, const Response* response);

  SaleOptions options_;
  Tally tally_;
  Losses losses_;
  std::deque<Told> told_;
  std::uint64_t random_state_;
  int active_ = 0, parked_ = 0;
  std::string page_path_, cart_path_, checkout_path_, review_path_;
  std::vector<std::unique_ptr<Buyer>> buyers_;
};

}  // namespace plenary::onsale
