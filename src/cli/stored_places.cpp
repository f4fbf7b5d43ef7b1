#include "cli/stored_places.hpp"

#include <fmt/format.h>

#include "base/slug.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/payments/disputes.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/stock.hpp"
#include "embed/key_file.hpp"

namespace plenary::cli {

std::filesystem::path uploads_folder(const config::Settings& settings) {
  return settings.base_directory / settings.server.media_dir;
}

std::vector<backup::NamedFile> key_files(const config::Settings& settings) {
  return {{"key_file", embed::key_file_path(settings)}};
}

backup::Progress StagedProgress::callback() {
  return [this](const char* things, std::uint64_t done, std::uint64_t total) {
    if (things_ != things) {
      things_ = things;
      bar_ = std::make_unique<Progress>(context_, things_);
    }
    bar_->show(static_cast<std::size_t>(done), static_cast<std::size_t>(total));
  };
}

namespace {

struct Found {
  std::vector<std::string> faults, remarks = {};
};
using Count = Found (*)(db::Tx& tx, std::int64_t conference_id);

Recount recount(db::Database& database, const std::string& slug, Count count) {
  Recount all;
  auto list = [](db::Tx& tx) { return conference::list_keys(tx); };
  for (const conference::ConferenceKey& key : database.read_now(list)) {
    if (!slug.empty() && slug_key(slug) != slug_key(key.slug)) continue;
    ++all.conferences;
    auto look = [&](db::Tx& tx) { return count(tx, key.id); };
    const Found found = database.read_now(look);
    for (const std::string& fault : found.faults)
      all.faults.push_back(fmt::format("{}: {}", key.slug, fault));
    for (const std::string& remark : found.remarks)
      all.remarks.push_back(fmt::format("{}: {}", key.slug, remark));
  }
  return all;
}

}  // namespace

Recount recount_stock(db::Database& database, const std::string& slug) {
  return recount(database, slug, [](db::Tx& tx, std::int64_t conference_id) {
    Found found;
    for (const registration::StockFault& fault : registration::verify_stock(tx, conference_id))
      (fault.is_remark ? found.remarks : found.faults).push_back(fault.what);
    return found;
  });
}

Recount recount_ledger(db::Database& database, const std::string& slug) {
  return recount(database, slug, [](db::Tx& tx, std::int64_t conference_id) {
    std::vector<std::string> faults = registration::verify_ledger(tx, conference_id);
    for (std::string& fault : payments::verify_disputes(tx, conference_id))
      faults.push_back(std::move(fault));
    return Found{std::move(faults)};
  });
}

}  // namespace plenary::cli
