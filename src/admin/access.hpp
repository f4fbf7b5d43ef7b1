// What one person may do with the rows of one model: superusers everything; full access in a conference all
// of that conference's rows; else the entity's own permission, or the page permission that means the same
// rows (Model::view_code, change_code). Rows of no conference need the entity's permission held everywhere.
// Handlers get their model here and nowhere else, so that none can forget to ask; writes ask again with the
// rights read in their own transaction. Plain values and functions of a transaction: one thread at a time.
// Errors: NotFound for what must not be known, HttpError 403. source: configuration 10, 5, 8 and Do better 3,
// 27 and 28.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/model.hpp"
#include "base/task.hpp"
#include "db/tx.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::admin {

enum class Right : unsigned char {
  view,
  add,
  change,
  remove,
  take_out,  // as a file: who changes the rows anyway, or holds export_reports
};

// Rows that a right reaches.
struct Reach {
  bool every_conference = false;
  bool none = false;                      // rows of no conference
  std::vector<std::int64_t> conferences;  // where not every
  bool is_all() const { return every_conference && none; }
  bool is_empty() const { return !every_conference && !none && conferences.empty(); }
  bool has(std::optional<std::int64_t> conference) const;
};

class Access {
 public:
  Access(const Person& person, const Model& model) : rights_(person.rights), model_(model) {}
  bool may(Right right, std::optional<std::int64_t> conference) const;
  bool somewhere(Right right) const { return !reach(right).is_empty(); }
  Reach reach(Right right) const;
  // Stored keys and passwords: set, replaced, cleared.
  bool may_secrets(std::optional<std::int64_t> conference) const;

 private:
  bool everywhere(Right right) const;  // every conference
  const accounts::Rights& rights_;
  const Model& model_;
};

// With the rights as the request's guard found them, and as they are in this transaction.
Person person_of(const web::Request& request);
Person person_now(db::Tx& tx, std::optional<std::int64_t> user_id);

[[noreturn]] void forbid();
// Throws where the right is not held: 404 in a conference without any role, else 403.
void require(const Person& person, const Model& model, Right right, std::optional<std::int64_t> conference);
// The same for a stored row; nothing happens where there is none.
void require_row(db::Tx& tx, const Person& person, const Model& model, Right right, const db::Param& key);
bool may_see_row(db::Tx& tx, const Person& person, const Model& model, const db::Param& key);

// The model that the address names, for whoever holds this right on some of its rows.
const Model& model_for(const web::Request& request, Right right);
// The same with the row that the address names: it may be gone, then only the model was looked at.
struct Opened {
  const Model& model;
  std::string key;
  bool is_there = false;
  std::optional<std::int64_t> conference = {};
};
Task<Opened> row_for(site::Site& site, web::Request& request, Right right);

// The question who it is, once more, before roles, groups, accounts and stored keys are written; nothing: go
// on. Asked before anything else is done with what was posted. source: ground rules 15, 5.2.
Task<std::optional<web::Response>> proof_of_write(site::Site& site, web::Request& request,
                                                  const Model& model);

// Rows of `other` that somebody may put into a field of a row of `model`; `right`: add or change.
Reach choosable(const Person& person, const Model& model, Right right, const Model& other);
// Whether a change that was recorded of a row of `model` may be seen: inline rows and secrets go by their
// own.
bool may_see_change(const Person& person, const Model& model, std::optional<std::int64_t> conference,
                    std::string_view field);

}  // namespace plenary::admin
