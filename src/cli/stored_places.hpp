// What the commands of backup and restore share: where things lie that are no rows, a progress bar over
// several stages, and the checks of a restored database. One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backup/backup.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace plenary::cli {

std::filesystem::path uploads_folder(const config::Settings& settings);
// By what they are, never empty.
std::vector<backup::NamedFile> key_files(const config::Settings& settings);

// A bar for each thing that is counted.
class StagedProgress {
 public:
  explicit StagedProgress(Context& context) : context_(context) {}
  backup::Progress callback();
  void finish() { bar_.reset(); }

 private:
  Context& context_;
  std::string things_;
  std::unique_ptr<Progress> bar_;
};

struct Recount {
  int conferences = 0;
  std::vector<std::string> faults;   // "fair: ticket individual: 3 sold by the row, 4 by the orders"
  std::vector<std::string> remarks;  // what is right and yet worth knowing: a limit below what is sold
};
// Of every conference, or of the one with this slug.
Recount recount_stock(db::Database& database, const std::string& slug = {});
// Likewise the ledger, from orders, payments, refunds and credits.
Recount recount_ledger(db::Database& database, const std::string& slug = {});

}  // namespace plenary::cli
