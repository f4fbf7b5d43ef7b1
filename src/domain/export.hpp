// A stored conference written as the conference file that would recreate it: export, bootstrap into an empty
// database, export again is the same text to the byte. Keys stand in a fixed order and no time is written, so
// two exports of the same data do not differ. Reads in one transaction; any thread. source: configuration 10,
// 6.2 and 6.6; docs/configuration.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"

namespace plenary::config {
struct ProgramSettings;
}

namespace plenary::domain {

struct ConferenceExport {
  std::string toml;
  // What the database holds of this conference and the file cannot say, one line each; also as comments at
  // the end of `toml`. Secrets are named here, never shown.
  std::vector<std::string> left_out;
  // What bootstrap_conference would refuse in this file, should the stored data break its rules.
  std::vector<std::string> problems;
};

// NotFound when there is no such conference. `head`: lines for the comment at the top, beside the usual ones.
ConferenceExport export_conference(db::Tx& tx, std::string_view slug, const config::ProgramSettings& settings,
                                   const std::vector<std::string>& reserved_slugs,
                                   const std::string& head = {});

}  // namespace plenary::domain
