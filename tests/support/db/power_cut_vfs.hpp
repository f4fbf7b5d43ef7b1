// A file system for SQLite, in memory, whose power can be cut: what was not synced is kept aside, and at the
// cut each piece of it survives or not at random, torn and out of order; so do files made or deleted since.
// It can also fail single operations (disk full, I/O error). Any thread; one object at a time is registered
// under one name. Model: a sync makes one file durable with its name; bytes outside of a write are never
// harmed by it (SQLite's POWERSAFE_OVERWRITE, as its own unix file system claims).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace plenary::test {

class PowerCutVfs {
 public:
  explicit PowerCutVfs(std::uint32_t seed);
  ~PowerCutVfs();
  PowerCutVfs(const PowerCutVfs&) = delete;
  PowerCutVfs& operator=(const PowerCutVfs&) = delete;

  const char* name() const;  // for DatabaseOptions::sqlite_vfs

  // The power goes at the n-th changing operation (write, sync, truncate, delete) from now; everything fails
  // then.
  void cut_after(int operations);
  void cut_now();
  bool is_off() const;
  // Decides what survived and turns the power on. All connections must be closed.
  void restore();

  // The n-th changing operation from now fails once with this SQLite code.
  void fail_once(int operations, int code);
  void fail_never();
  bool failed() const;  // since fail_once

  std::uint64_t operations() const;
  std::uint64_t syncs() const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace plenary::test
