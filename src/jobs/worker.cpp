#include "jobs/worker.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "jobs/leases.hpp"
#include "jobs/wakeup.hpp"

namespace plenary::jobs {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t longest_error = 2000;  // bytes kept of a failure's text
constexpr std::size_t longest_logged = 200;
// Outcomes are written together, but not kept back longer than this while other handlers run.
constexpr milliseconds settle_after{250};
// After a wake-up the commit may be under way still (another lane on PostgreSQL): looks at these distances.
constexpr std::array look_again{milliseconds(5), milliseconds(20), milliseconds(80), milliseconds(320)};
constexpr std::string_view prune_name = "outbox_prune";
constexpr int prune_pieces = 20;

milliseconds in_milliseconds(Duration duration) {
  return milliseconds(duration.micros / 1000);
}

std::string error_text(const std::exception& error) {
  std::string text = error.what();
  if (!is_valid_utf8(text)) text = "an error whose text is not valid UTF-8";
  std::size_t length = std::min(text.size(), longest_error);
  while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
    --length;
  text.resize(length);
  return text.empty() ? "an error without a text" : text;
}

}  // namespace

struct Worker::State {
  db::Database& database;
  WorkerOptions options;
  std::map<std::string, Handler, std::less<>> handlers;
  std::map<std::string, std::pair<int, std::function<void()>>, std::less<>> periodic;

  std::mutex mutex;  // guards the members below
  std::unique_ptr<Leases> leases;
  bool announced = false;
  std::mt19937_64 random{std::random_device{}()};
  // Leases at work, kept alive by the heartbeat: by their token.
  struct Held {
    std::vector<std::int64_t> ids;  // of outbox rows, or
    std::optional<Turn> turn;
    Steady::time_point good_until;
  };
  std::map<std::string, Held> held;

  Wakeup wakeup;
  std::vector<std::thread> threads;
  std::thread heartbeat;
  std::condition_variable heartbeat_stop;  // with wakeup.mutex

  State(db::Database& d, WorkerOptions o) : database(d), options(std::move(o)) {}

  double jitter() {
    if (options.jitter) return options.jitter();
    const std::lock_guard lock(mutex);
    return std::uniform_real_distribution<double>(0.0, 1.0)(random);
  }

  // Doubles with each attempt, a quarter more or less.
  Duration delay_after(int attempt) {
    Duration delay = options.first_delay;
    for (int i = 1; i < attempt && delay < options.longest_delay; ++i) delay = delay * 2;
    delay = std::min(delay, options.longest_delay);
    return Duration::microseconds(
        static_cast<std::int64_t>(static_cast<double>(delay.micros) * (0.75 + jitter() / 2)));
  }

  void prepare(std::optional<Instant> at) {
    const std::lock_guard lock(mutex);
    if (leases && announced) return;
    std::vector<std::string> kinds, names;
    std::vector<std::pair<std::string, int>> jobs;
    for (const auto& [kind, handler] : handlers) kinds.push_back(kind);
    for (const auto& [name, job] : periodic) {
      names.push_back(name);
      jobs.emplace_back(name, job.first);
    }
    leases = std::make_unique<Leases>(database, kinds, names);
    leases->announce(jobs, at);
    announced = true;
  }

  bool stopping() {
    const std::lock_guard lock(wakeup.mutex);
    return wakeup.stopping;
  }

  // Whether a lease can still be relied on; the heartbeat moves its end.
  bool is_good(const std::string& token) {
    const std::lock_guard lock(mutex);
    const auto found = held.find(token);
    return found != held.end() && Steady::now() < found->second.good_until;
  }
  void hold(const std::string& token, Held entry) {
    const std::lock_guard lock(mutex);
    held.emplace(token, std::move(entry));
  }
  void let_go(const std::string& token, std::span<const Outcome> outcomes) {
    const std::lock_guard lock(mutex);
    const auto found = held.find(token);
    if (found == held.end()) return;
    std::erase_if(found->second.ids, [&](std::int64_t id) {
      return std::any_of(outcomes.begin(), outcomes.end(), [&](const Outcome& o) { return o.id == id; });
    });
    if (found->second.ids.empty()) held.erase(found);
  }

  Outcome deliver(const Delivery& delivery) {
    Outcome outcome{delivery.id, delivery.lease, Outcome::Kind::done, {}, {}};
    if (delivery.attempt > options.max_attempts) {
      // Its last attempt was begun and never ended.
      outcome.kind = Outcome::Kind::dead;
      outcome.error = "the process that worked on it ended before the work did, too many times";
      return outcome;
    }
    try {
      handlers.find(delivery.kind)->second(delivery);
      return outcome;
    } catch (const Undeliverable& error) {
      outcome.kind = Outcome::Kind::dead;
      outcome.error = error_text(error);
    } catch (const std::exception& error) {
      outcome.kind = delivery.attempt >= options.max_attempts ? Outcome::Kind::dead : Outcome::Kind::retry;
      outcome.error = error_text(error);
    } catch (...) {
      outcome.kind = delivery.attempt >= options.max_attempts ? Outcome::Kind::dead : Outcome::Kind::retry;
      outcome.error = "an error that is no exception of the standard library";
    }
    outcome.delay = delay_after(delivery.attempt);
    if (outcome.kind == Outcome::Kind::dead) {
      spdlog::error("outbox row {} ({}) is a dead letter after {} attempts: {}", delivery.id, delivery.kind,
                    delivery.attempt, std::string_view(outcome.error).substr(0, longest_logged));
    } else {
      spdlog::warn("outbox row {} ({}), attempt {} failed, again in {} s: {}", delivery.id, delivery.kind,
                   delivery.attempt, outcome.delay.micros / 1'000'000,
                   std::string_view(outcome.error).substr(0, longest_logged));
    }
    return outcome;
  }

  int deliver_batch(std::optional<Instant> at) {
    const std::string token = random_token(Random::system());
    const auto good_until = Steady::now() + in_milliseconds(options.lease);
    const std::vector<Delivery> batch = leases->take(options.batch, token, options.lease, at);
    if (batch.empty()) return 0;
    if (batch.size() == static_cast<std::size_t>(options.batch))
      wakeup.notify();  // there is more: for another thread
    Held entry;
    entry.good_until = good_until;
    for (const Delivery& delivery : batch) entry.ids.push_back(delivery.id);
    hold(token, std::move(entry));

    std::vector<Outcome> outcomes;
    auto settled_at = Steady::now();
    const auto settle = [&] {
      // Let go first: a row that is settled must not be extended. Should the write fail, its lease elapses.
      let_go(token, outcomes);
      leases->settle(outcomes, at);
      outcomes.clear();
      settled_at = Steady::now();
    };
    int count = 0;
    try {
      for (const Delivery& delivery : batch) {
        if (stopping()) {
          outcomes.push_back({delivery.id, token, Outcome::Kind::returned, {}, {}});
          continue;
        }
        if (!is_good(token)) {
          spdlog::warn("outbox: a lease ended before its row {} was begun; another worker takes it",
                       delivery.id);
          continue;
        }
        outcomes.push_back(deliver(delivery));
        ++count;
        if (Steady::now() - settled_at > settle_after) settle();
      }
      settle();
    } catch (...) {
      const std::lock_guard lock(mutex);
      held.erase(token);
      throw;
    }
    const std::lock_guard lock(mutex);
    held.erase(token);
    return count;
  }

  // Returns whether a job's turn came, and counts it unless it is our own housekeeping.
  bool run_turn(std::optional<Instant> at, int& count) {
    const std::string token = random_token(Random::system());
    const auto good_until = Steady::now() + in_milliseconds(options.lease);
    const std::optional<Turn> turn = leases->take_turn(token, options.lease, at);
    if (!turn) return false;
    Held entry;
    entry.turn = turn;
    entry.good_until = good_until;
    hold(token, std::move(entry));
    std::string error;
    try {
      periodic.find(turn->name)->second.second();
    } catch (const std::exception& e) {
      error = error_text(e);
    } catch (...) {
      error = "an error that is no exception of the standard library";
    }
    if (!error.empty())
      spdlog::warn("periodic job {} failed (attempt {}): {}", turn->name, turn->attempt, error);
    {
      const std::lock_guard lock(mutex);
      held.erase(token);
    }
    leases->settle_turn(*turn, error, error.empty() ? Duration{} : delay_after(turn->attempt), at);
    if (turn->name != prune_name) ++count;
    return true;
  }

  // One look, and what it found. False: nothing was due.
  bool step(std::optional<Instant> at, int& count) {
    const Leases::Due due = leases->look(at);
    bool any = false;
    if (due.schedule) any = run_turn(at, count) || any;
    if (due.outbox) {
      const int delivered = deliver_batch(at);
      count += delivered;
      any = delivered > 0 || any;
    }
    return any;
  }

  void loop() {
    // On Linux a thread's own; a server that may not is as nice as before.
    if (options.nice > 0) ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), options.nice);
    std::size_t looks = look_again.size();  // how many of look_again are behind us
    bool ready = false;
    bool waits = false;  // others go first, since then
    Steady::time_point waiting_since{};
    for (;;) {
      bool any = false;
      if (options.gives_way && options.gives_way()) {
        const auto now = Steady::now();
        if (!std::exchange(waits, true)) waiting_since = now;
        if (now - waiting_since < in_milliseconds(options.patience)) {
          std::unique_lock lock(wakeup.mutex);
          if (wakeup.changed.wait_for(lock, in_milliseconds(options.poll), [&] { return wakeup.stopping; }))
            return;
          continue;
        }
      }
      waits = false;
      try {
        if (!ready) prepare({});
        ready = true;
        int count = 0;
        any = step({}, count);
      } catch (const std::exception& error) {
        spdlog::error("outbox worker: {}", error.what());
      }
      std::unique_lock lock(wakeup.mutex);
      if (wakeup.stopping) return;
      if (any) continue;
      const milliseconds wait = looks < look_again.size() ? look_again[looks] : in_milliseconds(options.poll);
      if (looks < look_again.size()) ++looks;
      wakeup.changed.wait_for(lock, wait, [&] { return wakeup.stopping || wakeup.pending; });
      if (wakeup.stopping) return;
      if (std::exchange(wakeup.pending, false)) looks = 0;
    }
  }

  void beat() {
    const milliseconds interval =
        options.beat > Duration{} ? in_milliseconds(options.beat) : in_milliseconds(options.lease) / 4;
    for (;;) {
      {
        std::unique_lock lock(wakeup.mutex);
        // Until the last handler has ended: stop() joins the workers before it ends the beat.
        if (heartbeat_stop.wait_for(lock, interval, [&] { return heartbeat_ends; })) return;
      }
      std::map<std::string, Held> now_held;
      {
        const std::lock_guard lock(mutex);
        now_held = held;
      }
      for (const auto& [token, entry] : now_held) {
        const auto good_until = Steady::now() + in_milliseconds(options.lease);
        try {
          const bool kept = entry.turn ? leases->extend_turn(*entry.turn, options.lease)
                                       : leases->extend(entry.ids, token, options.lease) > 0;
          const std::lock_guard lock(mutex);
          const auto found = held.find(token);
          if (kept && found != held.end()) found->second.good_until = good_until;
        } catch (const std::exception& error) {
          spdlog::warn("outbox: a lease could not be extended: {}", error.what());
        }
      }
    }
  }
  bool heartbeat_ends = false;  // under wakeup.mutex

  void prune_done() {
    for (int piece = 0; piece < prune_pieces && !stopping(); ++piece) {
      const std::int64_t removed = database.write_now(db::global_lane, "outbox prune", [&](db::Tx& tx) {
        return prune(tx, tx.now() - options.keep_done);
      });
      if (removed == 0) return;
    }
  }
};

Worker::Worker(db::Database& database, WorkerOptions options)
    : state_(std::make_unique<State>(database, std::move(options))) {
  every(prune_name, 3600, [state = state_.get()] { state->prune_done(); });
}

Worker::~Worker() {
  stop();
}

void Worker::on(std::string_view kind, Handler handler) {
  if (state_->leases) throw std::logic_error(fmt::format("outbox kind {} registered after the start", kind));
  if (!state_->handlers.emplace(kind, std::move(handler)).second) {
    throw std::logic_error(fmt::format("outbox kind {} registered twice", kind));
  }
}

void Worker::every(std::string_view name, int seconds, std::function<void()> handler) {
  if (state_->leases) throw std::logic_error(fmt::format("periodic job {} registered after the start", name));
  if (seconds < 1)
    throw std::logic_error(fmt::format("periodic job {}: a period is at least a second", name));
  if (!state_->periodic.emplace(name, std::pair(seconds, std::move(handler))).second) {
    throw std::logic_error(fmt::format("periodic job {} registered twice", name));
  }
}

void Worker::start() {
  State& state = *state_;
  if (!state.threads.empty()) throw std::logic_error("the worker runs already");
  {
    const std::lock_guard lock(state.wakeup.mutex);
    state.wakeup.stopping = state.heartbeat_ends = false;
  }
  for (int i = 0; i < std::max(1, state.options.threads); ++i) {
    state.threads.emplace_back([&state] { state.loop(); });
  }
  state.heartbeat = std::thread([&state] { state.beat(); });
}

void Worker::stop() {
  State& state = *state_;
  {
    const std::lock_guard lock(state.wakeup.mutex);
    state.wakeup.stopping = true;
  }
  state.wakeup.changed.notify_all();
  for (std::thread& thread : state.threads) thread.join();
  state.threads.clear();
  {
    const std::lock_guard lock(state.wakeup.mutex);
    state.heartbeat_ends = true;
  }
  state.heartbeat_stop.notify_all();
  if (state.heartbeat.joinable()) state.heartbeat.join();
}

bool Worker::is_stopping() const {
  return state_->stopping();
}

void Worker::wake() {
  state_->wakeup.notify();
}

int Worker::run_due() {
  state_->prepare({});
  int count = 0;
  while (state_->step({}, count)) continue;
  return count;
}

int Worker::run_due(Instant now) {
  state_->prepare(now);
  int count = 0;
  while (state_->step(now, count)) continue;
  return count;
}

}  // namespace plenary::jobs
