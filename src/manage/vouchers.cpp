// Vouchers in bulk are made where the data admin lists them: one page for both.
#include <fmt/format.h>

#include "manage/pages.hpp"

namespace plenary::manage {

Task<web::Response> go_to_voucher_batches(Site&, web::Request& request) {
  const auto& conference = request.context<site::Visit>().conference;
  co_return web::Response::redirect(
      fmt::format("/admin/program_registration/voucher/batch/?conference_id={}", conference.value().id));
}

}  // namespace plenary::manage
