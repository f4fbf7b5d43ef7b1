#include "admin/actions.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "admin/deletion.hpp"
#include "admin/desk.hpp"
#include "admin/list_query.hpp"
#include "admin/list_state.hpp"
#include "admin/pages.hpp"
#include "admin/told.hpp"
#include "base/codes.hpp"
#include "db/errors.hpp"
#include "domain/accounts/submissions.hpp"
#include "i18n/formats.hpp"
#include "site/proof.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

using templating::Value;
using Kind = OfferedAction::Kind;
using To = OfferedAction::To;

// A deletion looks at all that depends on the row, in the lane that sells.
constexpr std::size_t rows_a_removal = 25;
constexpr std::size_t rows_a_write = 500, marked_at_most = 1'500, shown_rows = 20, told_refusals = 5;
constexpr std::int64_t rows_at_most = 100'000;

// What is to be done to which rows.
struct Asked {
  const Model* model = nullptr;
  OfferedAction action;
  ListState state;
  std::string query;  // of the list, with its question mark
  bool across = false;
  std::vector<std::string> keys;
};

struct Marked {
  std::vector<std::string> keys;                           // those that are there
  std::vector<std::pair<std::string, std::string>> first;  // key and label
  std::optional<Deletion> deletion;
};

Marked choose(db::Tx& tx, const Person& person, const Asked& asked) {
  const Model& model = *asked.model;
  Marked chosen;
  if (asked.across) {
    ListState state = asked.state;
    const ListQuery query = make_query(tx, person, model, state);
    chosen.keys = matching_keys(tx, query, rows_at_most + 1);
  } else {
    const Reach seen = Access(person, model).reach(Right::view);
    for (const ListRow& row : rows_of(tx, model, {}, asked.keys)) {
      if (seen.has(row.conference_id)) chosen.keys.push_back(row.key);
    }
  }
  std::vector<std::string> first(
      chosen.keys.begin(),
      chosen.keys.begin() + static_cast<std::ptrdiff_t>(std::min(chosen.keys.size(), shown_rows)));
  chosen.first = labels_of(tx, model, std::move(first));
  if (asked.action.kind == Kind::remove && !chosen.keys.empty()) {
    std::vector<db::Param> keys;
    for (const std::string& key : chosen.keys) {
      if (keys.size() < rows_a_write) keys.push_back(key_param(model, key).value());
    }
    chosen.deletion = preview_deletion(tx, person, model, keys);
  }
  return chosen;
}

// What a confirmation was given for: the very rows, and what goes along with them.
std::string fingerprint(const Marked& chosen) {
  std::string text;
  for (const std::string& key : chosen.keys) text += fmt::format("{}:{} ", key.size(), key);
  if (chosen.deletion) text += chosen.deletion->fingerprint();
  return token_hash(text);
}

// ---- doing it

struct Outcome {
  std::int64_t done = 0, unchanged = 0;
  std::vector<std::pair<std::string, Refused>> refused;  // what the row is called, and why not

  void add(Outcome other) {
    done += other.done;
    unchanged += other.unchanged;
    for (auto& one : other.refused) refused.push_back(std::move(one));
  }
};

const db::Column* version_column(const Model& model) {
  for (const db::Column& column : model.table->columns()) {
    if (column.is_version) return &column;
  }
  return nullptr;
}

void set_flag(void* row, const db::Column& column, To to) {
  db::Field field;
  field.is_null = to == To::usual;
  field.integer = to == To::on ? 1 : 0;
  column.set(row, field);
}

// A refusal that came after the row was written: what was written has to be undone.
struct RefusedLate : std::runtime_error {
  RefusedLate(std::string name, Refused reason)
      : std::runtime_error(reason.what()), label(std::move(name)), why(std::move(reason)) {}
  std::string label;
  Refused why;
};

// One row; nothing when it was so already.
std::optional<std::vector<conference::AuditChange>> act(db::Tx& tx, const Site& site, const Person& person,
                                                        const Asked& asked, const db::Param& key, void* row) {
  const Model& model = *asked.model;
  if (asked.action.kind == Kind::own) return asked.action.own->apply(tx, row);
  const db::Column& flag = *asked.action.flag;
  const std::shared_ptr<void> before = model.table->find_row(tx, key);
  set_flag(row, flag, asked.action.to);
  if (flag.text(before.get()) == flag.text(row)) return std::nullopt;
  if (std::find(model.superusers_only.begin(), model.superusers_only.end(), flag.name) !=
          model.superusers_only.end() &&
      !person.rights.is_superuser())
    throw Refused("forbidden", message("Only superusers change this."));
  if (model.guard && !person.rights.is_superuser()) model.guard(tx, person, before.get(), row);
  db::refuse_first(model.table->validate_row(row));
  if (model.check) db::refuse_first(model.check(tx, before.get(), row));
  const std::string_view only[] = {flag.name};
  const bool was_stored =
      model.update ? model.update(tx, before.get(), row) : model.table->update_row(tx, row, only);
  if (!was_stored) throw Refused("changed_meanwhile", message("It was changed by somebody else meanwhile."));
  try {
    if (model.written) model.written(tx, row);
  } catch (const Refused& refused) {
    throw RefusedLate(label_of(tx, model, key).value_or(""), refused);
  }
  const Terms terms = default_terms(site);
  return std::vector<conference::AuditChange>{
      {std::string(flag.name), flag.label, plain(flag, before.get(), terms), plain(flag, row, terms),
       conference::audit_value(flag.text(before.get())), conference::audit_value(flag.text(row))}};
}

void act_on_row(db::Tx& tx, const Site& site, const Person& person, const Asked& asked,
                const conference::Actor& actor, const std::string& key_text, Outcome& outcome) {
  const Model& model = *asked.model;
  const db::Param key = key_param(model, key_text).value();
  const std::shared_ptr<void> row = model.table->find_row(tx, key);
  if (!row) return;  // gone meanwhile
  const std::string label = label_of(tx, model, key).value_or(key_text);
  // Refusals come before the first writing statement, so the other rows go on.
  try {
    if (!Access(person, model).may(Right::change, conference_of_row(tx, model, key)))
      throw Refused("forbidden", message("You do not have the right to change this."));
    const auto changes = act(tx, site, person, asked, key, row.get());
    if (!changes) {
      ++outcome.unchanged;
      return;
    }
    const std::shared_ptr<void> after = model.table->find_row(tx, key);
    const db::Column* version = version_column(model);
    conference::AuditObject object;
    object.conference_id = conference_of_row(tx, model, key);
    object.entity = model.table->name();
    object.id = key_text;
    object.name = label;
    if (version && after) {
      std::string scratch;
      object.version = version->get(after.get(), scratch).integer;
    }
    conference::record(tx, actor, conference::AuditAction::change, object, *changes);
    ++outcome.done;
  } catch (const Refused& refused) {
    outcome.refused.emplace_back(label, refused);
  }
}

void delete_row(db::Tx& tx, const Site& site, const Person& person, const Asked& asked,
                const conference::Actor& actor, const std::string& key_text, Outcome& outcome) {
  const db::Param key[] = {key_param(*asked.model, key_text).value()};
  const auto label = label_of(tx, *asked.model, key[0]);
  if (!label) return;
  try {
    outcome.done += delete_rows(tx, site, person, *asked.model, key, actor);
  } catch (const Refused& refused) {
    outcome.refused.emplace_back(*label, refused);
  }
}

Outcome act_on_piece(db::Tx& tx, const Site& site, const Asked& asked, const conference::Actor& actor,
                     std::span<const std::string> keys) {
  Outcome outcome;
  // As it is now: a role may have ended since the guard looked.
  const Person person = person_now(tx, actor.user_id);
  for (const std::string& key : keys) {
    if (asked.action.kind == Kind::remove) {
      delete_row(tx, site, person, asked, actor, key, outcome);
    } else {
      act_on_row(tx, site, person, asked, actor, key, outcome);
    }
  }
  return outcome;
}

// The rows of one conference after the other, in pieces that one write can bear.
struct Piece {
  db::Lane lane = db::global_lane;
  std::vector<std::string> keys;
};

std::vector<Piece> pieces_of(db::Tx& tx, const Asked& asked, std::span<const std::string> keys) {
  const Model& model = *asked.model;
  const std::size_t size = asked.action.kind == Kind::remove ? rows_a_removal : rows_a_write;
  std::map<db::Lane, std::vector<std::string>> by_lane;
  for (ListRow& row : rows_of(tx, model, {}, keys))
    by_lane[row.conference_id.value_or(db::global_lane)].push_back(std::move(row.key));
  std::vector<Piece> pieces;
  for (auto& [lane, all] : by_lane) {
    for (std::size_t at = 0; at < all.size(); at += size) {
      const auto from = all.begin() + static_cast<std::ptrdiff_t>(at);
      const auto to = all.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, all.size()));
      pieces.push_back({lane, {from, to}});
    }
  }
  return pieces;
}

// A piece that the database itself did not let pass, or that was refused late, is tried row by row, so that
// only those stay behind.
Task<Outcome> act_on_each(Site& site, const Asked& asked, const conference::Actor& actor,
                          const Piece& piece) {
  Outcome outcome;
  for (const std::string& key : piece.keys) {
    bool was_refused = false;
    auto fn = [&](db::Tx& tx) { return act_on_piece(tx, site, asked, actor, std::span(&key, 1)); };
    try {
      Outcome one = co_await site.db.write(piece.lane, "admin action", fn);
      outcome.add(std::move(one));
    } catch (const RefusedLate& late) {
      outcome.refused.emplace_back(late.label, late.why);
    } catch (const db::DatabaseError& error) {
      if (error.kind() != db::ErrorKind::foreign_key && error.kind() != db::ErrorKind::unique &&
          error.kind() != db::ErrorKind::check)
        throw;
      was_refused = true;
    }
    if (was_refused) {
      outcome.refused.emplace_back(
          key, Refused("refused", message("the database does not allow it, other rows depend on this one")));
    }
  }
  co_return outcome;
}

Task<Outcome> act_on_all(Site& site, const Asked& asked, const conference::Actor& actor,
                         const std::vector<Piece>& pieces) {
  Outcome outcome;
  for (const Piece& piece : pieces) {
    bool one_by_one = false;
    auto fn = [&](db::Tx& tx) { return act_on_piece(tx, site, asked, actor, piece.keys); };
    try {
      Outcome some = co_await site.db.write(piece.lane, "admin action", fn);
      outcome.add(std::move(some));
    } catch (const RefusedLate&) {
      one_by_one = true;
    } catch (const db::DatabaseError&) {
      one_by_one = true;
    }
    if (one_by_one) {
      Outcome some = co_await act_on_each(site, asked, actor, piece);
      outcome.add(std::move(some));
    }
  }
  co_return outcome;
}

void tell(web::Request& request, const Asked& asked, const Outcome& outcome) {
  const std::string_view language = site::language_of(request);
  const std::string label = asked.action.label(request);
  const auto number = [&](std::int64_t n) { return i18n::number(language, n); };
  if (outcome.done > 0 && asked.action.kind == Kind::remove) {
    web::flash(request, "success",
               site::tr_n(request, "{count} row was deleted.", "{count} rows were deleted.", outcome.done,
                          {{"count", number(outcome.done)}}));
  } else if (outcome.done > 0) {
    web::flash(
        request, "success",
        site::tr_n(request, "{action}: {count} row was changed.", "{action}: {count} rows were changed.",
                   outcome.done, {{"action", label}, {"count", number(outcome.done)}}));
  }
  if (outcome.unchanged > 0) {
    web::flash(request, "info",
               site::tr_n(request, "{count} row needed no change.", "{count} rows needed no change.",
                          outcome.unchanged, {{"count", number(outcome.unchanged)}}));
  }
  if (outcome.done + outcome.unchanged == 0 && outcome.refused.empty())
    web::flash(request, "info", site::tr(request, message("These rows are gone.")));
  for (std::size_t i = 0; i < std::min(outcome.refused.size(), told_refusals); ++i) {
    web::flash(request, "error",
               site::tr(request, message("{name}: {why}"),
                        {{"name", outcome.refused[i].first},
                         {"why", told_refusal(request, outcome.refused[i].second)}}));
  }
  if (outcome.refused.size() > told_refusals) {
    const auto more = static_cast<std::int64_t>(outcome.refused.size() - told_refusals);
    web::flash(request, "error",
               site::tr_n(request, "{count} more row was left as it is.",
                          "{count} more rows were left as they are.", more, {{"count", number(more)}}));
  }
}

// ---- the pages

web::Response back(const Asked& asked) {
  return web::Response::redirect(list_url(*asked.model) + asked.query);
}

web::Response back(web::Request& request, const Asked& asked, std::string_view why) {
  web::flash(request, "error", site::tr(request, why));
  return back(asked);
}

web::Response confirmation(Site& site, web::Request& request, const Asked& asked, const Marked& chosen,
                           bool changed_meanwhile) {
  const Model& model = *asked.model;
  site::Page page(site, request, "admin/action.html");
  frame(page, asked.action.label(request), {crumb(request, model)});
  const auto count = static_cast<std::int64_t>(chosen.keys.size());
  std::vector<Value> keys, rows;
  if (!asked.across) {
    for (const std::string& key : chosen.keys) keys.push_back(Value(key));
  }
  for (const std::string& key : chosen.keys) {
    const auto label = std::find_if(chosen.first.begin(), chosen.first.end(),
                                    [&](const auto& pair) { return pair.first == key; });
    if (label == chosen.first.end()) break;
    rows.push_back(Value::dict({{"label", Value(label->second.empty() ? key : label->second)},
                                {"url", Value(change_url(model, key))}}));
  }
  const std::int64_t more = count - static_cast<std::int64_t>(rows.size());
  const std::string_view language = site::language_of(request);
  page.set("question", Value(asked.action.question(request, model)))
      .set("label", Value(asked.action.label(request)))
      .set("is_removal", asked.action.kind == Kind::remove)
      .set("is_allowed", !chosen.deletion || chosen.deletion->locked.empty())
      .set("deletion", chosen.deletion ? deletion_value(request, *chosen.deletion) : Value())
      .set("preview_is_partial", count > static_cast<std::int64_t>(rows_a_write))
      .set("count", Value(site::tr_n(request, "{count} row", "{count} rows", count,
                                     {{"count", i18n::number(language, count)}})))
      .set("rows", Value::list(std::move(rows)))
      .set("more", more > 0 ? Value(i18n::number(language, more)) : Value())
      .set("keys", Value::list(std::move(keys)))
      .set("expected", Value(fingerprint(chosen)))
      .set("across", asked.across)
      .set("action", Value(asked.action.name))
      .set("query", Value(asked.query))
      .set("changed_meanwhile", changed_meanwhile)
      .set("action_url", Value(list_url(model) + "action/"))
      .set("back_url", Value(list_url(model) + asked.query))
      .set("submission", Value(site::new_submission(request)));
  return std::move(page.html().personal());
}

// With an empty action where the form names none that there is.
Asked read_asked(const Model& model, web::Request& request) {
  Asked asked;
  asked.model = &model;
  const web::FormData& form = request.form();
  std::string_view query = form["query"];
  if (query.starts_with('?')) query.remove_prefix(1);
  asked.state = read_state(model, query);
  asked.query = asked.state.query();
  asked.across = form["across"] == "1";
  std::set<std::string_view> seen;
  for (const std::string_view key : form.all("key")) {
    if (asked.keys.size() < marked_at_most && key_param(model, key) && seen.insert(key).second)
      asked.keys.emplace_back(key);
  }
  for (const OfferedAction& action : offered_actions(model)) {
    if (action.name == form["action"]) asked.action = action;
  }
  return asked;
}

}  // namespace

std::vector<OfferedAction> offered_actions(const Model& model) {
  std::vector<OfferedAction> actions;
  for (const Action& own : model.actions) actions.push_back({Kind::own, own.name, &own, nullptr, To::off});
  for (const ShownColumn& column : shown_columns(model)) {
    if (!column.is_flag || !column.column || column.column->is_fixed || model.is_read_only(*column.column))
      continue;
    const auto add = [&](std::string_view ending, To to) {
      actions.push_back({Kind::flag, fmt::format("{}.{}", column.name, ending), nullptr, column.column, to});
    };
    add("on", To::on);
    add("off", To::off);
    if (column.column->nullable) add("usual", To::usual);
  }
  if (model.may_delete) actions.push_back({Kind::remove, "delete", nullptr, nullptr, To::off});
  return actions;
}

std::string OfferedAction::label(const web::Request& request) const {
  if (kind == Kind::own) return site::tr(request, own->label);
  if (kind == Kind::remove) return site::tr(request, message("Delete"));
  const bool is_activity = flag->name == "is_active";
  if (is_activity && to == To::on) return site::tr(request, message("Activate"));
  if (is_activity && to == To::off) return site::tr(request, message("Deactivate"));
  const Refused::Arguments label{{"flag", site::tr(request, flag->label)}};
  if (to == To::usual) return site::tr(request, message("Set “{flag}” to the default"), label);
  if (to == To::on) return site::tr(request, message("Switch “{flag}” on"), label);
  return site::tr(request, message("Switch “{flag}” off"), label);
}

std::string OfferedAction::question(const web::Request& request, const Model& model) const {
  if (kind == Kind::own && !own->confirmation.empty()) return site::tr(request, own->confirmation);
  if (kind == Kind::remove) {
    return site::tr(request, message("Delete these rows of “{entity}”?"),
                    {{"entity", site::tr(request, model.many())}});
  }
  return site::tr(request, message("{action}: do this to these rows of “{entity}”?"),
                  {{"action", label(request)}, {"entity", site::tr(request, model.many())}});
}

Task<web::Response> act_on_list(Site& site, web::Request& request) {
  const Model& model = model_for(request, Right::view);
  const bool is_answered = request.form()["confirmed"] == "1" || request.form().has(site::proof_kept_field);
  if (is_answered) {
    std::optional<web::Response> question = co_await proof_of_write(site, request, model);
    if (question) co_return std::move(*question);
  }
  const Person person = person_of(request);
  const Asked asked = read_asked(model, request);
  if (!asked.action.name.empty() && !Access(person, model).somewhere(asked.action.right())) forbid();
  if (asked.action.name.empty())
    co_return back(request, asked, message("Choose what is to be done with the marked rows."));
  if (!asked.across && asked.keys.empty())
    co_return back(request, asked, message("Mark at least one row first."));

  auto look = [&](db::Tx& tx) { return choose(tx, person, asked); };
  const Marked chosen = co_await read(site, request, look);
  if (chosen.keys.empty()) co_return back(request, asked, message("These rows are gone."));
  if (static_cast<std::int64_t>(chosen.keys.size()) > rows_at_most)
    co_return back(request, asked, message("More than 100,000 rows at once are too many. Narrow the list."));

  const web::FormData& form = request.form();
  const std::optional<site::Submission> submission = site::Submission::of(request, site.link_key);
  const bool is_confirmed = form["confirmed"] == "1" && submission;
  const bool has_changed = form["expected"] != fingerprint(chosen);
  if (!is_confirmed) co_return confirmation(site, request, asked, chosen, false);
  // A repeat of a submit finds fewer rows than the first did: it is recognised before anything else.
  auto was_done = [&](db::Tx& tx) { return accounts::first_result(tx, submission->hash()).has_value(); };
  bool is_repeat = co_await site.db.read(was_done);
  if (!is_repeat && has_changed) co_return confirmation(site, request, asked, chosen, true);

  auto claim = [&](db::Tx& tx) {
    if (accounts::first_result(tx, submission->hash())) return false;
    accounts::record_result(tx, submission->hash(), std::nullopt, "admin_action", "begun",
                            tx.now() + accounts::submission_life);
    return true;
  };
  if (!is_repeat) {
    const bool was_claimed = co_await site.db.write(db::global_lane, "admin action", claim);
    is_repeat = !was_claimed;
  }
  if (is_repeat) {
    web::flash(request, "info", site::tr(request, message("This was sent twice and done once.")));
    co_return back(asked);
  }
  auto split = [&](db::Tx& tx) { return pieces_of(tx, asked, chosen.keys); };
  const std::vector<Piece> pieces = co_await read(site, request, split);
  const conference::Actor actor = actor_of(request);
  const Outcome outcome = co_await act_on_all(site, asked, actor, pieces);
  tell(request, asked, outcome);
  co_return back(asked);
}

}  // namespace plenary::admin
