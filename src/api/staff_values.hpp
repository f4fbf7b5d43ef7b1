// What the operations of staff share: positions of lists, products as slugs, versions, and the record of
// changes. Functions of a transaction where they take one. source: docs/audit.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/operations.hpp"
#include "api/rows.hpp"
#include "domain/registration/discounts.hpp"

namespace plenary::api {

// `after` of a list by id. Problem when it is no number.
std::int64_t after_id(const Call& call);
// The rows beyond the page were asked for with one more than `limit`: cuts them and sets `next`.
template <class Row>
void cut_page(const Call& call, std::vector<Row>& rows, Answer& answer) {
  const auto limit = static_cast<std::size_t>(call.limit());
  if (rows.size() <= limit) return;
  rows.resize(limit);
  answer.next = std::to_string(rows.back().id);
}
Shape page_shape(const std::string& name, const std::string& list, Shape item);

// The catalogue as this write sees it.
void refresh_catalogue(Call& call, db::Tx& tx);

// The two lists of slugs that scopes of `selected` name.
std::vector<Field> scope_fields();
void add_scopes(Json& object, const registration::Catalogue& catalogue,
                const registration::ScopedProducts& products);
// Those of the body, else `products` as they were; a list that is given without its scope means `selected`.
registration::ScopedProducts scopes_of(const Call& call, registration::ScopedProducts products,
                                       registration::Scope& ticket_scope, registration::Scope& addon_scope,
                                       Faults& faults);
std::vector<registration::Id> ticket_types_of(const Call& call, const Json& slugs, const std::string& pointer,
                                              Faults& faults);
Json ticket_type_slugs(const registration::Catalogue& catalogue, const std::vector<registration::Id>& ids);

// A version in the body that is not the row's: 409.
Field version_field();
void require_version(const Call& call, std::int64_t version);

struct Recorded {
  const char* entity = "";
  std::int64_t id = 0;
  std::string name;
  std::int64_t version = 0;
};
void record(const Call& call, db::Tx& tx, conference::AuditAction action, const Recorded& object,
            const std::vector<conference::AuditChange>& changes);
// In whatever order, however often.
bool same_ids(std::vector<registration::Id> a, std::vector<registration::Id> b);
// A change of a set of products.
void add_set_change(std::vector<conference::AuditChange>& changes, const char* field, const char* label,
                    const Json& before, const Json& after);

}  // namespace plenary::api
