#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "db/sqlite_database.hpp"

namespace plenary::db {

namespace {
constexpr std::chrono::seconds kPassiveTime{1};
}  // namespace

SqliteCheckpointer::SqliteCheckpointer(const SqliteConnection::Options& options, int passive_pages,
                                       int restart_pages)
    : options_(options),
      passive_pages_(passive_pages),
      restart_pages_(restart_pages),
      connection_(options),
      writers_(options.path),
      thread_([this] { work(); }) {}

SqliteCheckpointer::~SqliteCheckpointer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void SqliteCheckpointer::committed(int wal_pages) {
  std::lock_guard lock(mutex_);
  // The log began again: nothing of it has been moved.
  if (wal_pages < wal_pages_) moved_ = 0;
  wal_pages_ = wal_pages;
  if (wal_pages_ - moved_ >= passive_pages_) changed_.notify_one();
}

void SqliteCheckpointer::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, kPassiveTime, [&] { return stopping_ || wal_pages_ - moved_ >= passive_pages_; });
    if (stopping_ || wal_pages_ <= moved_) continue;
    const int pages = wal_pages_;
    lock.unlock();
    checkpoint(pages);
    lock.lock();
    // When readers hold pages back, the same ones are not tried again before 1,000 more or a second.
    if (wal_pages_ >= pages) moved_ = pages;
  }
}

void SqliteCheckpointer::checkpoint(int wal_pages) {
  try {
    connection_.checkpoint(false);
    if (wal_pages < restart_pages_) return;
    // Writers of all processes wait at their own lock, not in SQLite's busy loop.
    writers_.lock();
    const auto result = connection_.checkpoint(true);
    writers_.unlock();
    if (result.busy)
      spdlog::info("db: the log of {} stays long: a reader is still on its old part", options_.path);
  } catch (const std::exception& error) {
    writers_.unlock();
    spdlog::error("db: checkpoint of {} failed: {}", options_.path, error.what());
  }
}

}  // namespace plenary::db
