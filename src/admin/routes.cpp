#include "admin/routes.hpp"

#include <string>

#include "admin/account_door.hpp"
#include "admin/answers.hpp"
#include "admin/api_tokens.hpp"
#include "admin/order_actions.hpp"
#include "admin/pages.hpp"
#include "admin/tools.hpp"

namespace plenary::admin {

void add_pages(site::PageTable& table) {
  constexpr web::Methods get = web::Method::get;
  constexpr web::Methods form = web::Method::get | web::Method::post;
  constexpr std::size_t largest_form = 2 * 1024 * 1024;  // many inline rows, long texts
  // Any role comes this far; what it opens is asked by each handler, see access.hpp.
  const web::Guard all = web::any_role();
  const std::string entity = "/admin/{area:slug}/{entity:slug}/";
  table.add("admin:index", "/admin/", get, web::signed_in(), show_index);
  table.add("admin:area", "/admin/{area:slug}/", get, all, show_area);
  table.add("admin:list", entity, get, all, show_list);
  table.add("admin:action", entity + "action/", web::Method::post, all, act_on_list).max_fields = 2000;
  table.add("admin:export", entity + "export/", get, all, export_list);
  table.add("admin:choices", entity + "choices/", get, all, choices);
  const std::string answers = "/admin/program_registration/answer/";
  table.add("admin:answer-exports", answers + "by-ticket/", get, all, show_answer_exports);
  table.add("admin:answer-export", answers + "by-ticket/{conference_id:int}/", get, all, export_answers);
  table.add("admin:answer-file", answers + "files/{file:int}/", get, all, send_answer_file);
  const auto typed = [&](web::Route& route) {
    route.max_body = largest_form;
    route.restores = true;  // what was typed survives a sign-out
  };
  typed(table.add("admin:add", entity + "add/", form, all, add));
  typed(table.add("admin:change", entity + "{key}/change/", form, all, change));
  table.add("admin:delete", entity + "{key}/delete/", form, all, remove);
  add_account_door(table);
  add_api_tokens(table);
  add_tools(table);
  add_order_actions(table);
  table.add("admin:undo", entity + "{key}/undo/", form, all, undo);
  table.add("admin:history", entity + "{key}/history/", get, all, show_history);
}

}  // namespace plenary::admin
