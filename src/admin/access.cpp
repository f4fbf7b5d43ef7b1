#include "admin/access.hpp"

#include <algorithm>

#include "admin/desk.hpp"
#include "admin/form.hpp"
#include "admin/permissions.hpp"
#include "admin/secrets.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/accounts/permissions.hpp"
#include "site/proof.hpp"
#include "site/text.hpp"
#include "web/errors.hpp"

namespace plenary::admin {
namespace {

constexpr std::string_view conference_table = "conference";

bool is_conference(const Model& model) {
  return model.table->name() == conference_table;
}

// Any of these is enough, beside full access.
std::vector<std::string> codes_of(const Model& model, Right right) {
  std::vector<std::string> codes;
  const auto entity = [&](std::string_view verb) { codes.push_back(entity_permission(model, verb)); };
  const auto page = [&](const std::string& code) {
    if (!code.empty()) codes.push_back(accounts::permission_id(code));
  };
  switch (right) {
    case Right::view:
      entity("view");
      entity("change");
      entity("delete");
      page(model.view_code);
      page(model.change_code);
      break;
    case Right::add:
      entity("add");
      if (!is_conference(model)) page(model.change_code);
      break;
    case Right::change:
      entity("change");
      page(model.change_code);
      break;
    case Right::remove:
      entity("delete");
      if (!is_conference(model)) page(model.change_code);
      break;
    case Right::take_out:
      entity("change");
      page(model.change_code);
      break;
  }
  return codes;
}

// Everything of a conference but its end, which has a permission of its own.
bool full_access_gives(const Model& model, Right right) {
  if (!model.full_access_makes && (right == Right::add || right == Right::remove)) return false;
  return !is_conference(model) || right != Right::remove;
}

constexpr std::string_view export_code = "export_reports";

}  // namespace

bool Reach::has(std::optional<std::int64_t> conference) const {
  if (!conference) return none;
  return every_conference ||
         std::find(conferences.begin(), conferences.end(), *conference) != conferences.end();
}

bool Access::may(Right right, std::optional<std::int64_t> conference) const {
  if (rights_.is_superuser()) return true;
  // A conference that is still to be made belongs to none.
  if (is_conference(model_) && right == Right::add) conference.reset();
  if (!conference) {
    if (right == Right::view) {
      return rights_.may_everywhere(entity_permission(model_, "view")) ||
             rights_.may_everywhere(entity_permission(model_, "change")) ||
             rights_.may_everywhere(entity_permission(model_, "delete"));
    }
    const char* verb = right == Right::add ? "add" : right == Right::remove ? "delete" : "change";
    return rights_.may_everywhere(entity_permission(model_, verb));
  }
  if (rights_.full_access(*conference) && full_access_gives(model_, right)) return true;
  for (const std::string& code : codes_of(model_, right)) {
    if (rights_.may(code, *conference)) return true;
  }
  return right == Right::take_out && rights_.may(export_code, *conference) && may(Right::view, conference);
}

bool Access::everywhere(Right right) const {
  if (rights_.is_superuser()) return true;
  if (is_conference(model_) && right == Right::add) return may(right, std::nullopt);
  if (rights_.full_access_everywhere() && full_access_gives(model_, right)) return true;
  for (const std::string& code : codes_of(model_, right)) {
    if (rights_.may_everywhere(code)) return true;
  }
  return right == Right::take_out && rights_.may_everywhere(export_code) && everywhere(Right::view);
}

Reach Access::reach(Right right) const {
  Reach reach;
  reach.none = may(right, std::nullopt);
  if (model_.conference_sql.empty()) {
    reach.every_conference = reach.none;
    return reach;
  }
  reach.every_conference = everywhere(right);
  if (reach.every_conference) return reach;
  for (const std::int64_t conference : rights_.conferences()) {
    if (may(right, conference)) reach.conferences.push_back(conference);
  }
  return reach;
}

bool Access::may_secrets(std::optional<std::int64_t> conference) const {
  if (rights_.is_superuser()) return true;
  return conference ? rights_.full_access(*conference) : rights_.full_access_everywhere();
}

Person person_of(const web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  return {visit.rights, visit.session ? visit.session->user_id : std::nullopt};
}

Person person_now(db::Tx& tx, std::optional<std::int64_t> user_id) {
  if (!user_id) return {};
  const auto found = tx.maybe<std::int64_t>(
      "SELECT is_superuser FROM user_account WHERE id = $1 AND is_active = 1", *user_id);
  if (!found) return {};
  return {accounts::rights_of(tx, *user_id, *found != 0), user_id};
}

void forbid() {
  throw web::HttpError(
      403, message("Your account does not have the right to do this. Ask an organiser for it."), "forbidden");
}

void require(const Person& person, const Model& model, Right right, std::optional<std::int64_t> conference) {
  if (Access(person, model).may(right, conference)) return;
  if (!person.rights.any_role() || (conference && !person.rights.any_role_in(*conference)))
    throw NotFound("no role there");
  forbid();
}

void require_row(db::Tx& tx, const Person& person, const Model& model, Right right, const db::Param& key) {
  if (person.rights.is_superuser() || !model.table->find_row(tx, key)) return;
  require(person, model, right, conference_of_row(tx, model, key));
}

bool may_see_row(db::Tx& tx, const Person& person, const Model& model, const db::Param& key) {
  const Reach reach = Access(person, model).reach(Right::view);
  return reach.is_all() || (!reach.is_empty() && reach.has(conference_of_row(tx, model, key)));
}

const Model& model_for(const web::Request& request, Right right) {
  const std::string area(request.param("area")), name(request.param("entity"));
  const Model* model = find_model(area, name);
  if (!model) throw NotFound("the admin has no " + area + "/" + name);
  if (!Access(person_of(request), *model).somewhere(right)) {
    if (!request.context<site::Visit>().rights.any_role()) throw NotFound("no role");
    forbid();
  }
  return *model;
}

Task<Opened> row_for(site::Site& site, web::Request& request, Right right) {
  const std::string area(request.param("area")), name(request.param("entity"));
  const Model* model = find_model(area, name);
  if (!model) throw NotFound("the admin has no " + area + "/" + name);
  const Person person = person_of(request);
  Opened opened{*model, std::string(request.param("key"))};
  auto look = [&](db::Tx& tx) {
    const db::Param key = key_param(*model, opened.key);
    opened.is_there = model->table->find_row(tx, key) != nullptr;
    opened.conference = conference_of_row(tx, *model, key);
    return 0;
  };
  co_await read(site, request, look);
  if (opened.is_there) {
    require(person, *model, right, opened.conference);
  } else if (!Access(person, *model).somewhere(right)) {
    if (!person.rights.any_role()) throw NotFound("no role");
    forbid();
  }
  co_return opened;
}

namespace {

bool writes_secret(const Model& model, const web::FormData& posted) {
  return std::any_of(model.secrets.begin(), model.secrets.end(), [&](const SecretField& secret) {
    const std::string_view typed = trimmed(posted[secret.column]);
    return (!typed.empty() && typed != secret_placeholder) || posted[secret.column + "_do"] == "clear";
  });
}

// Where stored keys are sent, typed anew.
bool moves_keys(db::Tx& tx, const Model& model, const std::string& key, const web::FormData& posted) {
  const std::shared_ptr<void> row = key.empty() ? nullptr : model.table->find_row(tx, key_param(model, key));
  return std::any_of(model.key_places.begin(), model.key_places.end(), [&](const std::string& name) {
    const std::string stored =
        row ? model.table->find_column(name)->text(row.get()).value_or("") : std::string();
    const std::vector<std::string_view> typed = posted.all(name);  // the last one counts
    return std::any_of(typed.begin(), typed.end(),
                       [&](std::string_view one) { return trimmed(one) != stored; });
  });
}

}  // namespace

Task<std::optional<web::Response>> proof_of_write(site::Site& site, web::Request& request,
                                                  const Model& model) {
  const web::FormData& posted = request.form();
  // What comes back with the answer to the question is sealed: it is opened where it was asked.
  bool asks = model.asks_proof || posted.has(site::proof_kept_field) || writes_secret(model, posted);
  if (!asks && !model.key_places.empty()) {
    const std::string key(request.find_param("key").value_or(std::string_view()));
    auto look = [&](db::Tx& tx) { return moves_keys(tx, model, key, posted); };
    asks = co_await read(site, request, look);
  }
  if (!asks) co_return std::nullopt;
  std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
  co_return question;
}

Reach choosable(const Person& person, const Model& model, Right right, const Model& other) {
  if (other.chosen == Chosen::by_all) return {true, true, {}};
  // The conference of a row is one in which the row itself may be written.
  if (is_conference(other) && !model.conference_sql.empty() && !is_conference(model)) {
    Reach reach = Access(person, model).reach(right);
    reach.none = false;
    return reach;
  }
  return Access(person, other).reach(Right::view);
}

bool may_see_change(const Person& person, const Model& model, std::optional<std::int64_t> conference,
                    std::string_view field) {
  if (person.rights.is_superuser()) return true;
  const std::string_view table = field.substr(0, field.find('.'));
  if (const Model* inlined = model_of_table(table); inlined && inlined != &model) {
    const bool is_inline = std::any_of(model.inlines.begin(), model.inlines.end(),
                                       [&](const Inline& spec) { return spec.table == table; });
    if (is_inline && !Access(person, *inlined).may(Right::view, conference)) return false;
  }
  return !model.find_secret(field) || Access(person, model).may_secrets(conference);
}

}  // namespace plenary::admin
