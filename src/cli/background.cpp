#include "cli/background.hpp"

#include <chrono>
#include <span>

#include <spdlog/spdlog.h>

#include "domain/accounts/submissions.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payments.hpp"

namespace plenary::cli {
namespace {

constexpr int sweep_seconds = 30;  // carts and orders
constexpr int housekeeping_seconds = 600;
constexpr auto seen_every = std::chrono::seconds(60);
constexpr std::size_t piece = 500;  // rows a write. source: docs/transactions.md, section 3

void sweep_holds(db::Database& database, const registration::Shop& shop) {
  auto find = [](db::Tx& tx) { return registration::conferences_to_sweep(tx); };
  for (const registration::Id conference : database.read_now(find)) {
    auto sweep = [&](db::Tx& tx) {
      return registration::sweep_expired(tx, shop, conference, static_cast<int>(piece));
    };
    while (database.write_now(conference, "sweep expired", sweep) > 0) {
    }
  }
}

void sweep_accounts(db::Database& database) {
  auto sessions = [](db::Tx& tx) { return accounts::sweep_sessions(tx, piece); };
  while (database.write_now(db::global_lane, "sweep sessions", sessions) > 0) {
  }
  auto submissions = [](db::Tx& tx) { return accounts::sweep_submissions(tx, piece); };
  while (database.write_now(db::global_lane, "sweep submissions", submissions) > 0) {
  }
}

}  // namespace

void register_jobs(jobs::Worker& worker, db::Database& database, const registration::Shop& shop) {
  worker.every("sweep_expired", sweep_seconds, [&database, &shop] { sweep_holds(database, shop); });
  worker.every("sweep_accounts", housekeeping_seconds, [&database] { sweep_accounts(database); });
  worker.on(registration::late_answer_kind, [&database, &shop](const jobs::Delivery& delivery) {
    auto settle = [&](db::Tx& tx) {
      registration::settle(tx, shop, delivery.integer("payment"), delivery.flag("success"),
                           {"sandbox", "system", "late answer"});
      if (!jobs::complete(tx, delivery)) throw std::runtime_error("the lease was lost to another worker");
    };
    database.write_now(delivery.conference_id, "late answer", settle);
  });
}

Background::Background(db::Database& database, const registration::Shop& shop, site::SeenSessions& seen)
    : database_(database), seen_(seen), worker_(database) {
  register_jobs(worker_, database, shop);
  worker_.start();
  writer_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, seen_every, [this] { return stopping_; })) {
      lock.unlock();
      write_seen_sessions();
      lock.lock();
    }
  });
}

Background::~Background() {
  stop();
}

void Background::stop() {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  changed_.notify_all();
  writer_.join();
  worker_.stop();
  write_seen_sessions();
}

void Background::write_seen_sessions() {
  const std::vector<accounts::SessionVisit> visits = seen_.take();
  try {
    for (std::size_t at = 0; at < visits.size(); at += piece) {
      const std::span some(visits.data() + at, std::min(piece, visits.size() - at));
      auto touch = [&](db::Tx& tx) { accounts::touch_sessions(tx, some); };
      database_.write_now(db::global_lane, "touch sessions", touch);
    }
  } catch (const std::exception& error) {
    // Nothing is lost but freshness: the next requests collect them again.
    spdlog::warn("the last visits of {} sessions were not written: {}", visits.size(), error.what());
  }
}

}  // namespace plenary::cli
