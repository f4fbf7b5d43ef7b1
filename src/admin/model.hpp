// What the data admin knows of an entity beyond its table description: where its pages are, what its list
// shows, how its form is laid out, what belongs to it, and which domain functions write it. One file a
// subject fills this in (models_*.cpp); everything else in this room is generated from it. Constant after the
// first use, any thread. source: configuration 10, 5; registration 20, 13; sponsors 50, 12; programs 60, 10.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/entity_table.hpp"
#include "db/tx.hpp"
#include "domain/accounts/rights.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::web {
class Request;
}

namespace plenary::admin {

// Who asks, and what they may do at this moment; see access.hpp.
struct Person {
  accounts::Rights rights;
  std::optional<std::int64_t> user_id;
};

// Which rows of a model a field of another one may name: those that the person sees; beside them any whose
// whole name is typed, but no list of them (people); all (names that are no secret).
enum class Chosen : unsigned char { seen, by_name, by_all };

// A column of a list. SQL is over alias `t` of the entity's table; nothing in it comes from a request.
// An address is a path below this server's own ("/fair/register/"), told whole.
enum class Shown { automatic, money, flag, instant, text, integer, address };
struct ListColumn {
  std::string name;                // of a table column, or a name of its own with `sql`
  std::string label = {};          // empty: the column's
  std::string sql = {};            // "(SELECT c.name FROM conference c WHERE c.id = t.conference_id)"
  Shown shown = Shown::automatic;  // automatic: as the table column says; text for `sql`
  bool sorts = true;
  // How its texts are told people ("ticket_type" -> "Ticket type"); empty: as they are.
  std::function<std::string(const web::Request& request, const std::string& text)> told = {};
  // It leads to the history of the row whose table and key are in these two columns of the list.
  std::string entity_column = {}, key_column = {};
};

// Fields stand in the order given; a name is a column, a link or a secret of the model.
struct FieldGroup {
  std::string title;  // empty: none
  std::vector<std::string> fields;
  bool collapsed = false;
  std::string description = {};
};

// A set of other rows, kept in a table of two columns; chosen in a picker.
struct Link {
  std::string name, label, help;
  std::string table, own_column, other_column;
  std::string other_table;  // its model gives labels and choices; empty with `permissions`
  // Only rows of the same conference can be chosen, where both have one.
  bool permissions = false;  // of other_column: ids of permissions, see permissions.hpp
};

// An encrypted column that is no member of the entity: write-only, with keep, replace and clear.
struct SecretField {
  std::string column, label, help;
  std::size_t max_length = 200;
};

// Rows of another model edited on this one's page. Their `column` holds this row's key.
struct Inline {
  std::string table;
  std::string column;
  std::vector<std::string> fields;      // the columns of a table; ignored with `groups`
  std::vector<FieldGroup> groups = {};  // for the only row of a one-to-one: laid out as a form
  int blank_rows = 1;
  int at_most = 0;  // 0: any number
  bool read_only = false;
  std::string title = {};  // empty: the model's titles
};

// What can be done to marked rows of a list, after a confirmation. Runs in one write a piece of 500 rows;
// Refused ends it for that row alone and is reported.
struct Action {
  std::string name, label;   // "deactivate", "Deactivate"
  std::string confirmation;  // "Deactivate these ticket types?"
  std::function<std::vector<conference::AuditChange>(db::Tx& tx, void* row)> apply;
};

struct Model {
  const db::Table* table = nullptr;
  std::string area, name;  // "program_registration", "tickettype"; the address
  // Empty: the table's own.
  std::string title = {}, titles = {};
  // SQL over `t` for the conference a row belongs to; empty: to none. "t.conference_id".
  std::string conference_sql = {};
  // SQL over `t` for what a row is called, and for the currency of its money (empty: its conference's).
  std::string label_sql = "t.name";
  std::string currency_sql = {};
  std::string zone_sql = {};  // empty: its conference's

  std::vector<ListColumn> columns;        // the first one leads to the row's page
  std::vector<std::string> filters = {};  // columns: flag, choice, reference, date or instant
  // What a filter by a text offers; of the columns left out, the different texts that there are.
  std::vector<std::pair<std::string, std::vector<std::string>>> filter_texts = {};
  std::vector<std::string> search = {};  // SQL over `t` giving texts, looked for without regard to case
  std::string search_help = {};          // "Searches reference, buyer and e-mail."
  // A page beside the list's own exports: what it is called, and its address below the list's.
  std::pair<std::string, std::string> more_exports = {};
  std::string date_column = {};           // drill-down by year, month, day
  std::string order = {};                 // SQL; empty: the table's. Ends with the key
  std::vector<ListColumn> exported = {};  // columns of the list's files behind its own
  std::vector<ListColumn> figures = {};   // above the form of a row: what others counted, as in a list
  std::vector<FieldGroup> groups = {};    // empty: every column that may be edited, then the read-only ones
  std::vector<Link> links = {};
  std::vector<SecretField> secrets = {};
  std::vector<Inline> inlines = {};
  std::vector<std::string> read_only = {};  // columns that workflows own, beyond the table's
  std::string slug_from = {};               // column whose text proposes the slug of a new row
  bool may_add = true, may_change = true, may_delete = true;  // by anybody; see access.hpp for who
  std::string locked_because = {};                            // shown where something may not be done
  // Tables whose rows keep this row from being deleted although the database would let go: money.
  std::vector<std::string> kept_by = {};

  // Page permissions that mean the same rows: the first lets see them, the second add, change and delete them
  // too. Empty: only full access and the entity's own permissions do.
  std::string view_code = {}, change_code = {};
  // False: full access in a conference does not add or delete such rows, as they are not of one alone.
  bool full_access_makes = true;
  Chosen chosen = Chosen::seen;
  std::vector<std::string> superusers_only = {};  // fields that others only look at
  // Fields that say where stored keys are sent, or whose they are: for whoever may set the keys themselves.
  std::vector<std::string> key_places = {};
  bool asks_proof = false;         // every write of it asks who it is once more
  std::string author_column = {};  // gets the account of whoever writes the row
  // What somebody who may write the row must not do with it, throwing Refused. Nobody asks it about
  // superusers. `before` null: a new row; `after` null: it is to be deleted.
  std::function<void(db::Tx& tx, const Person& person, const void* before, const void* after)> guard = {};

  // How rows are written; empty: through the table. Run inside the write, before them the row has been
  // validated by the table and by `check`. They throw Refused.
  std::function<void(db::Tx& tx, void* row)> insert = {};                      // sets the key
  std::function<bool(db::Tx& tx, const void* before, void* row)> update = {};  // false: changed meanwhile
  std::function<void(db::Tx& tx, const void* row)> remove = {};
  // Rules that need other rows. `before` null: a new row.
  std::function<std::vector<db::FieldError>(db::Tx& tx, const void* before, const void* row)> check = {};
  // After the row, its links and its inline rows were written.
  std::function<void(db::Tx& tx, const void* row)> written = {};
  std::vector<Action> actions = {};  // beside "delete" and those for each flag column of the list
  std::function<std::string(std::string_view site_base, const void* row)> view_on_site = {};
  // Further pages below the list's address, for whoever adds rows: label and path ("import/").
  std::vector<std::pair<std::string, std::string>> tools = {};
  bool has_preview = false;  // a button beside save shows what its row would do (preview.hpp)

  const std::string& one() const { return title.empty() ? table->rules().title : title; }
  const std::string& many() const { return titles.empty() ? table->rules().titles : titles; }
  const db::Column& key() const;  // the only key column
  bool is_read_only(const db::Column& column) const;
  const Link* find_link(std::string_view name) const;
  const SecretField* find_secret(std::string_view column) const;
};

struct Area {
  std::string name, title;  // "program_registration", "Registration"
  std::vector<const Model*> models;
};

// In the order of the index.
const std::vector<Area>& areas();
const Model* find_model(std::string_view area, std::string_view name);  // nullptr: none
const Model* model_of_table(std::string_view table);                    // nullptr: not administered

// What is sold or held already cannot be taken out of stock again: faults of `field` where `quantity` (0:
// unlimited) is below that.
std::vector<db::FieldError> stock_faults(const char* field, std::int64_t quantity, std::int64_t before,
                                         std::int64_t sold, std::int64_t held);

// How the only row of targets is laid out, on its own page and on its conference's.
const std::vector<FieldGroup>& kpi_groups();

// "ticket_type" as people call such rows; "admin" as where a change was made. For the record of changes.
std::string entity_words(const web::Request& request, const std::string& table);
std::string source_words(const web::Request& request, const std::string& source);

// One function a subject, in models_NAME.cpp.
std::vector<Model> conference_models();
std::vector<Model> budget_models();
std::vector<Model> registration_models();
std::vector<Model> selling_models();
std::vector<Model> discount_models();
std::vector<Model> order_models();
std::vector<Model> waiting_models();
std::vector<Model> question_models();
std::vector<Model> invoice_models();
std::vector<Model> sponsor_models();
std::vector<Model> program_models();
std::vector<Model> onsite_models();
std::vector<Model> account_models();
std::vector<Model> operation_models();

}  // namespace plenary::admin
