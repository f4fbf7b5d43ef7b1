#include "buyer.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace plenary::onsale {
namespace {

constexpr std::size_t max_complaints = 8;
constexpr std::string_view test_card = "4242424242424242";  // the sandbox's number for success

bool contains(std::string_view text, std::string_view what) {
  return memmem(text.data(), text.size(), what.data(), what.size()) != nullptr;
}

}  // namespace

std::string_view to_text(Step step) {
  static constexpr std::string_view names[] = {"page",  "add",      "cart", "checkout",     "review",
                                               "order", "pay page", "pay",  "confirmation", "voucher"};
  return names[static_cast<std::size_t>(step)];
}

class Buyer : public Handler {
 public:
  Buyer(Sale& sale, Loop& loop, const Endpoint& endpoint, const Endpoint& other)
      : sale_(sale), connection_(loop, *this, endpoint), second_click_(loop, *this, other) {
    connection_.check_close = sale.options_.park_on_loss;
  }

  void connect() { connection_.connect_now(); }
  bool connected() const { return connection_.connected(); }
  bool parked() const { return parked_; }

  void begin() {
    active_ = true;
    ++sale_.active_;
    next_buyer();
  }

  void resume() {
    parked_ = false;
    --sale_.parked_;
    ++sale_.tally_.resent;
    send();
  }

  void on_response(Connection&, const Response& response) override {
    const auto now = now_micros();
    auto& tally = sale_.tally_;
    tally.last_answer_at = now;
    response.store_cookies(cookies_);
    if (answers_due_ > 0) return on_click_answered(response, now);
    if (repeating_) {
      repeating_ = false;
      if (response.status != 303 || response.location != first_location_) {
        ++tally.repeats_wrong;
        sale_.complain(step_, "the same post again did not show the first result", &response);
      }
      return after_post(response);
    }
    tally.latency[static_cast<std::size_t>(step_)].record(now - connection_.sent_at());
    go_on(response, now);
  }

  void on_lost(Connection& connection, Loss loss) override {
    ++sale_.losses_.by_kind[static_cast<std::size_t>(loss)];
    const bool was_out = loss != Loss::refused && loss != Loss::before_request;
    const bool accepted = connection.connected_at() <= sale_.accepted_until;
    if ((was_out && accepted) || loss == Loss::partial || loss == Loss::malformed)
      ++sale_.losses_.failed_requests;
    if (sale_.options_.park_on_loss) {
      parked_ = true;
      ++sale_.parked_;
      return;
    }
    if (loss == Loss::refused) throw std::runtime_error("no server answers at " + connection.endpoint().host);
    // A server may close an idle connection at the moment it is used: asking again once is what browsers do.
    if (loss == Loss::before_request && !asked_again_) {
      asked_again_ = true;
      return connection.send();
    }
    if (answers_due_ > 1) {
      --answers_due_;
      first_status_ = 0;  // the other click decides; that they differ is counted there
      return;
    }
    answers_due_ = 0;
    fail(to_text(loss), nullptr);
  }

 private:
  enum class Plan { buy, leave_cart, leave_unpaid };

  void next_buyer() {
    if (!sale_.may_begin()) {
      active_ = false;
      --sale_.active_;
      return;
    }
    auto& tally = sale_.tally_;
    ++tally.begun;
    const auto dice = sale_.random();
    const auto percent = static_cast<int>(dice % 100);
    plan_ = percent >= sale_.options_.abandon_percent ? Plan::buy
            : (dice >> 32) % 2 == 0                   ? Plan::leave_cart
                                                      : Plan::leave_unpaid;
    twice_ = static_cast<int>((dice >> 16) % 100) < sale_.options_.twice_percent;
    double_click_ = twice_ && (dice >> 33) % 2 == 0 && !sale_.options_.park_on_loss;
    cookies_.clear();
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, tally.begun).ptr;
    const std::string_view number(digits, static_cast<std::size_t>(end - digits));
    name_ = "Buyer ";
    name_ += number;
    email_ = "buyer";
    email_ += number;
    email_ += "@example.org";
    asked_again_ = typed_voucher_ = false;
    get(Step::page, sale_.page_path_);
  }

  void send() {
    auto& tally = sale_.tally_;
    ++tally.requests;
    if (tally.first_request_at == 0) tally.first_request_at = now_micros();
    connection_.send();
  }

  void get(Step step, std::string_view path) {
    step_ = step;
    write_get(connection_.request, connection_.endpoint().host, path, cookies_);
    send();
  }

  // What a buyer does with an answer.
  void go_on(const Response& response, std::int64_t now) {
    auto& tally = sale_.tally_;
    switch (step_) {
      case Step::page:
        return on_page(response);
      case Step::add:
        return on_added(response, now);
      case Step::order:
        return on_ordered(response);
      case Step::pay:
        return on_paid(response, now);
      case Step::voucher:
        if (response.status != 303 || response.outcome != "voucher_applied")
          return fail("expected voucher_applied", &response);
        return done_post(response);
      case Step::cart:
        if (response.status != 200) return fail("expected 200", &response);
        if (plan_ == Plan::leave_cart) return leave(tally.left_cart);
        if (sale_.options_.is_voucher_typed && !typed_voucher_) {
          typed_voucher_ = true;
          const FieldValue code[] = {{"voucher_code", sale_.options_.voucher}};
          return submit(Step::voucher, response, sale_.cart_path_, {"action", "apply_voucher"}, code);
        }
        if (!contains(response.body, sale_.options_.voucher))
          return fail("expected the voucher in the cart", &response);
        return get(Step::checkout, sale_.checkout_path_);
      case Step::checkout: {
        const FieldValue billing[] = {
            {"billing_name", name_}, {"billing_email", email_}, {"billing_company", ""}};
        return submit(Step::review, response, sale_.review_path_, {}, billing);
      }
      case Step::review:
        return submit(Step::order, response, sale_.checkout_path_, {}, {});
      case Step::pay_page: {
        if (plan_ == Plan::leave_unpaid && response.status == 200) {
          return leave(tally.left_unpaid);
        }
        const FieldValue card[] = {{"card_number", test_card}, {"card_expiry", "12/39"}, {"card_cvc", "123"}};
        path_ = next_path_;
        return submit(Step::pay, response, path_, {}, card);
      }
      case Step::confirmation:
        if (response.status != 200 || !contains(response.body, reference_)) {
          return fail("expected the reference on the confirmation", &response);
        }
        return leave(tally.completed);
    }
  }

  // Both answers of a double click are waited for; they must say the same, whichever came first.
  void on_click_answered(const Response& response, std::int64_t now) {
    if (--answers_due_ > 0) {
      sale_.tally_.latency[static_cast<std::size_t>(step_)].record(now - connection_.sent_at());
      first_status_ = response.status;
      first_location_.assign(response.location);
      first_outcome_.assign(response.outcome);
      return;
    }
    if (response.status != first_status_ || response.location != first_location_) {
      ++sale_.tally_.repeats_wrong;
      sale_.complain(step_, "a double click has two results", &response);
      // With one of them the buyer can go on.
      if (first_status_ == 303) {
        Response first;
        first.status = first_status_;
        first.location = first_location_;
        first.outcome = first_outcome_;
        return go_on(first, now);
      }
    }
    go_on(response, now);
  }

  // Fills in the form of the page just received and sends it.
  void submit(Step step, const Response& page, std::string_view action, FieldValue marker,
              std::span<const FieldValue> typed) {
    if (page.status != 200) return fail("expected 200", &page);
    const auto form = find_form(page.body, action, marker);
    if (!form) return fail("no form to go on with", &page);
    body_.clear();
    encode_form(*form, typed, body_);
    step_ = step;
    write_post(connection_.request, connection_.endpoint().host, action, cookies_, body_);
    if (double_click_ && step != Step::review) {
      // The same bytes at the same moment, to another server process where there is one.
      second_click_.request = connection_.request;
      answers_due_ = 2;
      ++sale_.tally_.repeats;
      ++sale_.tally_.requests;
      second_click_.send();
    }
    send();
  }

  void on_page(const Response& page) {
    if (page.status != 200) return fail("expected 200", &page);
    const FieldValue one[] = {{"quantity", "1"}};
    const FieldValue ticket{"ticket_type", sale_.options_.ticket};
    if (!find_form(page.body, sale_.cart_path_, ticket)) {
      // Only the words tell a sold-out page from a broken one.
      if (contains(page.body, "old out")) return turned_away();
      return fail("neither a form for the ticket nor \"sold out\"", &page);
    }
    submit(Step::add, page, sale_.cart_path_, ticket, one);
  }

  void on_added(const Response& response, std::int64_t now) {
    if (response.outcome == "sold_out") return turned_away();
    if (response.status != 303 || response.outcome != "added")
      return fail("expected added or sold_out", &response);
    ++sale_.tally_.added;
    sale_.tally_.last_added_at = now;
    done_post(response);
  }

  void on_ordered(const Response& response) {
    if (response.status != 303 || (response.outcome != "ordered" && response.outcome != "paid")) {
      return fail("expected ordered", &response);
    }
    const auto path = path_of(response.location);
    const auto orders = path.find("/orders/");
    const auto reference_end = orders == path.npos ? path.npos : path.find('/', orders + 8);
    const auto token_end = reference_end == path.npos ? path.npos : path.find('/', reference_end + 1);
    if (token_end == path.npos) return fail("expected the order's address", &response);
    reference_.assign(path.substr(orders + 8, reference_end - orders - 8));
    sale_.told_.push_back(
        {reference_, std::string(path.substr(0, token_end + 1)), response.outcome == "paid"});
    told_ = sale_.told_.size() - 1;
    done_post(response);
  }

  void on_paid(const Response& response, std::int64_t now) {
    if (response.status != 303 || response.outcome != "paid") return fail("expected paid", &response);
    sale_.told_[told_].paid = true;
    ++sale_.tally_.paid;
    sale_.tally_.last_paid_at = now;
    done_post(response);
  }

  // A post was answered for the first time: who submits twice sends the same bytes again and goes on with the
  // second answer, as a browser does after a double click.
  void done_post(const Response& response) {
    if (!twice_ || double_click_) return after_post(response);
    first_location_.assign(response.location);
    repeating_ = true;
    ++sale_.tally_.repeats;
    send();
  }

  void after_post(const Response& response) {
    if (response.location.empty()) return fail("expected a Location", &response);
    next_path_.assign(path_of(response.location));
    switch (step_) {
      case Step::add:
      case Step::voucher:
        return get(Step::cart, next_path_);
      case Step::order:
        return get(next_path_.ends_with("/confirmation/") ? Step::confirmation : Step::pay_page, next_path_);
      default:
        return get(Step::confirmation, next_path_);
    }
  }

  void turned_away() {
    auto& tally = sale_.tally_;
    if (tally.first_sold_out_at == 0) tally.first_sold_out_at = now_micros();
    leave(tally.sold_out);
  }

  void leave(std::int64_t& counter) {
    ++counter;
    next_buyer();
  }

  void fail(std::string_view what, const Response* response) {
    ++sale_.tally_.failed;
    sale_.complain(step_, what, response);
    next_buyer();
  }

  Sale& sale_;
  Connection connection_, second_click_;
  CookieJar cookies_;
  Step step_ = Step::page;
  Plan plan_ = Plan::buy;
  bool twice_ = false, double_click_ = false, repeating_ = false, active_ = false, parked_ = false,
       asked_again_ = false, typed_voucher_ = false;
  int answers_due_ = 0, first_status_ = 0;  // of a double click
  std::size_t told_ = 0;
  std::string name_, email_, reference_, next_path_, path_, first_location_, first_outcome_, body_;
};

Sale::Sale(Loop& loop, const std::vector<Endpoint>& endpoints, SaleOptions options)
    : options_(std::move(options)), random_state_(options_.seed * 0x9E3779B97F4A7C15ULL + 1) {
  page_path_ = "/" + options_.conference + "/register/";
  cart_path_ = page_path_ + "cart/";
  checkout_path_ = page_path_ + "checkout/";
  if (!options_.voucher.empty() && !options_.is_voucher_typed) page_path_ += "?voucher=" + options_.voucher;
  review_path_ = checkout_path_ + "review/";
  for (std::size_t n = 0; n < static_cast<std::size_t>(options_.connections); ++n) {
    buyers_.push_back(std::make_unique<Buyer>(*this, loop, endpoints[n % endpoints.size()],
                                              endpoints[(n + 1) % endpoints.size()]));
  }
}

Sale::~Sale() = default;

void Sale::connect() {
  for (auto& buyer : buyers_) buyer->connect();
}

void Sale::begin() {
  for (auto& buyer : buyers_) buyer->begin();
}

void Sale::resume() {
  for (auto& buyer : buyers_) {
    if (buyer->parked()) buyer->resume();
  }
}

// splitmix64: repeatable from the seed.
std::uint64_t Sale::random() {
  std::uint64_t z = (random_state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

void Sale::complain(Step step, std::string_view what, const Response* response) {
  if (tally_.complaints.size() >= max_complaints) return;
  std::string text(to_text(step));
  text += ": ";
  text += what;
  if (response != nullptr) {
    text += ", found " + std::to_string(response->status);
    if (!response->outcome.empty()) text += " " + std::string(response->outcome);
    if (!response->location.empty()) text += " to " + std::string(response->location);
    if (std::getenv("ONSALE_SHOW_PAGES") != nullptr)
      text += "\n" + std::string(response->head) + std::string(response->body);
  }
  tally_.complaints.push_back(std::move(text));
}

}  // namespace plenary::onsale
