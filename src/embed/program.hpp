// A whole Plenary inside another program: database, pages, background jobs and mail, wired as `plenary serve`
// does, without its command line. The settings are those in force (config::get_settings()) when it is made; a
// test makes it inside a config::ScopedOverride. Made, started and stopped by one thread. Errors at
// construction: config::ConfigError, db::DatabaseError, templating::TemplateErrors, std::runtime_error with
// what to do, std::logic_error for a wrong route table. source: docs/embedding.md; design 2.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/database.hpp"
#include "site/extensions.hpp"
#include "site/visit.hpp"

namespace plenary::embed {

using site::Extensions;

struct ProgramOptions {
  // What time it is, for tests; null: [server] clock_file where it is set, else the usual time. Outlives the
  // program.
  const Clock* clock = nullptr;
  // Changes how the database of the settings is opened, for tests: limits, durability.
  std::function<void(db::DatabaseOptions& options)> database = [](db::DatabaseOptions&) {};
  // Told what was done to get ready: a migration applied, a key file made.
  std::function<void(std::string_view line)> notice = [](std::string_view) {};
};

class Program {
 public:
  // Opens the database and wires everything; development brings the schema up to date. One program at a time
  // serves an SQLite database.
  explicit Program(Extensions extensions = {}, ProgramOptions options = {});
  ~Program();  // stops
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Listens and works in the background; returns at once. Later threads inherit the signals blocked by then.
  void start();
  // Answers what was accepted, then ends all threads. Once.
  void stop();
  // Templates, static files, own words, the keys of stored secrets and the certificate again: what was wrong,
  // one line each; then what was there stays.
  std::vector<std::string> reload();

  std::uint16_t port() const;    // of a started program, also where the settings say 0
  std::string base_url() const;  // "https://tickets.example.org": what to open; of a started program
  const config::Settings& settings() const;
  db::Database& database();
  site::Site& site();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace plenary::embed
