#include "admin/tools.hpp"

#include <charconv>

#include "admin/desk.hpp"
#include "base/errors.hpp"

namespace plenary::admin {

void add_tools(site::PageTable& table) {
  constexpr web::Methods get = web::Method::get;
  constexpr web::Methods form = web::Method::get | web::Method::post;
  constexpr std::size_t largest_form = 2 * 1024 * 1024, largest_sheet = 16 * 1024 * 1024;
  const web::Guard all = web::any_role();
  const std::string vouchers = "/admin/program_registration/voucher/";
  table.add("admin:voucher-batch-add", vouchers + "batch/", form, all, make_batch).max_body = largest_form;
  table.add("admin:voucher-batch", vouchers + "batch/{id:int}/", form, all, show_batch);
  table.add("admin:voucher-batch-progress", vouchers + "batch/{id:int}/progress/", get, all, stream_batch);
  table.add("admin:voucher-import", vouchers + "import/", form, all, import_vouchers).max_body =
      largest_sheet;
  table.add("admin:voucher-sheet", vouchers + "sheet/", get, all, download_vouchers);
  const std::string entity = "/admin/{area:slug}/{entity:slug}/";
  table.add("admin:preview-new", entity + "preview/", web::Method::post, all, preview_row).max_body =
      largest_form;
  table.add("admin:preview", entity + "{key}/preview/", form, all, preview_row).max_body = largest_form;
}

const Model& voucher_model() {
  return *find_model("program_registration", "voucher");
}

std::vector<std::pair<std::int64_t, std::string>> conferences_for(db::Tx& tx, const Person& person,
                                                                  Right right) {
  const Reach reach = Access(person, voucher_model()).reach(right);
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (auto& [id, name] :
       tx.query<std::int64_t, std::string>("SELECT id, name FROM conference ORDER BY id DESC")) {
    if (reach.has(id)) found.emplace_back(id, std::move(name));
  }
  return found;
}

registration::SheetTerms sheet_terms(db::Tx& tx, const Site& site, std::int64_t conference_id) {
  const auto slug = tx.maybe<std::string>("SELECT slug FROM conference WHERE id = $1", conference_id);
  if (!slug) throw NotFound("no such conference");
  const Terms terms = terms_of(tx, site, conference_id);
  return {conference_id, terms.currency, terms.zone,
          site.settings.server.base_url() + site.router->url("registration:ticket-select", {*slug})};
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || text.empty() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace plenary::admin
