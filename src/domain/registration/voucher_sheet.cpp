#include "domain/registration/voucher_sheet.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <utility>

#include "base/slug.hpp"
#include "base/text.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/sheet_cells.hpp"
#include "domain/registration/store_discounts.hpp"

namespace plenary::registration {
namespace {

// Of a file, before the empty ones are left out.
constexpr std::size_t most_read_rows = 10 * most_sheet_rows;

// What stands in an export to be looked at.
const std::string looked_at[] = {"times_used", "link"};

// The entity's names of what the table calls otherwise.
constexpr std::pair<std::string_view, std::string_view> fields[] = {{"type", "voucher_type"},
                                                                    {"tickets", "ticket_scope"},
                                                                    {"addons", "addon_scope"},
                                                                    {"active", "is_active"}};

std::string column_of_field(const std::string& field) {
  for (const auto& [column, name] : fields) {
    if (field == name) return std::string(column);
  }
  const auto& known = sheet_columns();
  return std::find(known.begin(), known.end(), field) == known.end() ? std::string() : field;
}

using Slugs = std::map<std::string, Id>;  // by slug_key

struct Products {
  Slugs tickets, addons;
  std::map<Id, std::string> ticket_slugs, addon_slugs;
};

Products products_of(db::Tx& tx, Id conference_id) {
  Products products;
  for (const TicketType& type : ticket_types_of(tx, conference_id)) {
    products.tickets[slug_key(type.slug)] = type.id;
    products.ticket_slugs[type.id] = type.slug;
  }
  for (const AddOn& addon : addons_of(tx, conference_id)) {
    products.addons[slug_key(addon.slug)] = addon.id;
    products.addon_slugs[addon.id] = addon.slug;
  }
  return products;
}

std::string scope_text(Scope scope, const std::vector<Id>& ids, const std::map<Id, std::string>& slugs) {
  if (scope == Scope::all) return "all";
  if (scope == Scope::none) return "none";
  std::vector<std::string> names;
  for (const Id id : ids) {
    if (const auto found = slugs.find(id); found != slugs.end()) names.push_back(found->second);
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

// With which the code comes into the cart by itself (site/tickets.cpp).
std::string voucher_link(std::string_view shop_url, std::string_view code) {
  return std::string(shop_url) + "?voucher=" + std::string(code);  // a code needs no encoding
}

class RowReader {
 public:
  RowReader(const SheetTerms& terms, const VoucherSheet& sheet, const Products& products, const CsvRow& row,
            std::vector<SheetProblem>& problems)
      : terms_(terms), sheet_(sheet), products_(products), row_(row), problems_(problems) {}

  // The row laid over what is stored, or over a new voucher.
  void read(Voucher& v, ScopedProducts& named) {
    cell("type", [&](std::string_view t) { return read_choice(t, v.type); });
    cell("percent", [&](std::string_view t) { return read_percent(t, v.percent); });
    cell("amount", [&](std::string_view t) {
      std::optional<std::int64_t> amount = 0;
      auto problem = read_amount(t, terms_.currency, amount);
      if (!problem) v.amount = amount.value_or(0);
      return problem;
    });
    cell("tickets",
         [&](std::string_view t) { return scope(t, v.ticket_scope, named.ticket_types, products_.tickets); });
    cell("addons",
         [&](std::string_view t) { return scope(t, v.addon_scope, named.addons, products_.addons); });
    cell("max_uses", [&](std::string_view t) {
      std::optional<std::int64_t> uses;
      auto problem = read_count(t, uses);
      if (!problem) v.max_uses = uses.value_or(Voucher().max_uses);
      if (!problem && v.max_uses < 1)
        problem = CellProblem{
            message(
                "“{found}” uses are too few: write at least 1. To stop a voucher, write no below active."),
            {{"found", std::string(t)}}};
      return problem;
    });
    cell("max_units", [&](std::string_view t) { return read_count(t, v.max_units); });
    cell("budget", [&](std::string_view t) { return read_amount(t, terms_.currency, v.budget); });
    cell("reserves", [&](std::string_view t) { return read_flag(t, false, v.reserves); });
    cell("unlocks_hidden_tickets",
         [&](std::string_view t) { return read_flag(t, false, v.unlocks_hidden_tickets); });
    cell("valid_from", [&](std::string_view t) { return read_moment(t, terms_.zone, false, v.valid_from); });
    cell("valid_until", [&](std::string_view t) { return read_moment(t, terms_.zone, true, v.valid_until); });
    cell("active", [&](std::string_view t) { return read_flag(t, true, v.is_active); });
    cell("note", [&](std::string_view t) {
      v.note = std::string(t);
      return std::optional<CellProblem>();
    });
  }

  std::string_view text_of(std::string_view column) const {
    for (std::size_t i = 0; i < sheet_.columns.size() && i < row_.cells.size(); ++i) {
      if (sheet_.columns[i] == column) return trimmed(formula_restored(row_.cells[i]));
    }
    return {};
  }

  void add(std::string column, std::string text, Refused::Arguments arguments = {}) {
    faulty_.insert(column);
    problems_.push_back({row_.line, std::move(column), std::move(text), std::move(arguments)});
  }
  // One problem a cell: what follows from it is not said again.
  bool is_faulty(const std::string& column) const { return faulty_.contains(column); }
  bool has_fault() const { return !faulty_.empty(); }

 private:
  template <class F>
  void cell(const std::string& column, F read) {
    const bool is_there =
        std::find(sheet_.columns.begin(), sheet_.columns.end(), column) != sheet_.columns.end();
    if (!is_there) return;
    if (auto problem = read(text_of(column)))
      add(column, std::move(problem->text), std::move(problem->arguments));
  }

  std::optional<CellProblem> scope(std::string_view text, Scope& scope, std::vector<Id>& ids,
                                   const Slugs& slugs) {
    const std::string word = ascii_lower(text);
    if (word.empty() || word == "all" || word == "none") {
      scope = word == "none" ? Scope::none : Scope::all;
      ids.clear();
      return std::nullopt;
    }
    std::vector<Id> chosen;
    std::string unknown;
    for (const std::string& slug : words_of(text)) {
      if (const auto found = slugs.find(slug_key(slug)); found != slugs.end())
        chosen.push_back(found->second);
      else
        unknown += (unknown.empty() ? "" : ", ") + slug;
    }
    if (!unknown.empty())
      return CellProblem{
          message("“{found}” is not the slug of a product: write all, none, or slugs with blanks between."),
          {{"found", unknown}}};
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    scope = Scope::selected;
    ids = std::move(chosen);
    return std::nullopt;
  }

  const SheetTerms& terms_;
  const VoucherSheet& sheet_;
  const Products& products_;
  const CsvRow& row_;
  std::vector<SheetProblem>& problems_;
  std::set<std::string> faulty_;
};

// The cells of a voucher, for an export and to tell what differs.
std::vector<std::string> cells_of(const SheetTerms& terms, const Products& products, const Voucher& v,
                                  const ScopedProducts& named) {
  const auto amount = [&](std::int64_t minor) { return Money(minor, terms.currency).to_string(); };
  const auto flag = [](bool value) { return std::string(value ? "yes" : "no"); };
  return {v.code,
          std::string(to_text(v.type)),
          v.type == VoucherType::percentage ? v.percent.to_string() : "",
          v.type == VoucherType::fixed_amount ? amount(v.amount) : "",
          scope_text(v.ticket_scope, named.ticket_types, products.ticket_slugs),
          scope_text(v.addon_scope, named.addons, products.addon_slugs),
          std::to_string(v.max_uses),
          v.max_units ? std::to_string(*v.max_units) : "",
          v.budget ? amount(*v.budget) : "",
          flag(v.reserves),
          flag(v.unlocks_hidden_tickets),
          moment_cell(v.valid_from, terms.zone, false),
          moment_cell(v.valid_until, terms.zone, true),
          flag(v.is_active),
          v.note};
}

std::vector<conference::AuditChange> differences(const std::vector<std::string>& before,
                                                 const std::vector<std::string>& after) {
  std::vector<conference::AuditChange> changes;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    std::string field = sheet_columns()[i];
    for (const auto& [column, name] : fields) {
      if (field == column) field = name;
    }
    const db::Column* column = voucher_table().find_column(field);
    changes.push_back({field, column ? column->label : field, before[i], after[i]});
  }
  return changes;
}

std::optional<PlannedVoucher> plan_row(db::Tx& tx, const SheetTerms& terms, const VoucherSheet& sheet,
                                       const Products& products, const CsvRow& row, ExistingCodes existing,
                                       std::vector<SheetProblem>& problems) {
  RowReader reader(terms, sheet, products, row, problems);
  const std::string code = normal_code(reader.text_of("code"));
  PlannedVoucher planned;
  planned.line = row.line;
  planned.voucher.conference_id = terms.conference_id;
  planned.voucher.code = code;
  if (row.cells.size() > sheet.columns.size()) {
    reader.add(
        "", message("The row has {found} cells, the head {expected}."),
        {{"found", std::to_string(row.cells.size())}, {"expected", std::to_string(sheet.columns.size())}});
    return std::nullopt;
  }
  if (code.empty()) {
    reader.add("code", message("The code is missing."));
  } else if (!is_code(code)) {
    reader.add("code", message("“{found}” is no code: use letters, digits, - and _ only."),
               {{"found", code}});
  } else if (auto stored = find_voucher(tx, terms.conference_id, code)) {
    if (existing == ExistingCodes::refuse)
      reader.add("code", message("There is a voucher with the code {code} already."), {{"code", code}});
    planned.voucher = std::move(*stored);
    planned.products = products_of_voucher(tx, planned.voucher.id);
  }
  const std::vector<std::string> before = cells_of(terms, products, planned.voucher, planned.products);
  reader.read(planned.voucher, planned.products);
  for (const db::FieldError& error : voucher_table().validate(planned.voucher)) {
    const std::string column = column_of_field(error.field);
    if (!reader.is_faulty(column)) reader.add(column, error.text, error.arguments);
  }
  if (!reader.has_fault()) {
    try {
      check_model(tx, planned.voucher, planned.products);
    } catch (const Refused& refused) {
      reader.add(column_of_field(refused.field()), refused.text(), refused.arguments());
    }
  }
  if (reader.has_fault()) return std::nullopt;
  if (planned.voucher.id != 0)
    planned.changes = differences(before, cells_of(terms, products, planned.voucher, planned.products));
  return planned;
}

void record(db::Tx& tx, const conference::Actor& actor, const Voucher& voucher, Id id,
            const std::vector<conference::AuditChange>& changes) {
  const bool is_new = voucher.id == 0;
  conference::AuditObject object;
  object.conference_id = voucher.conference_id;
  object.entity = "voucher";
  object.id = std::to_string(id);
  object.name = voucher.code;
  object.version = is_new ? 1 : voucher.version + 1;
  conference::record(tx, actor, is_new ? conference::AuditAction::add : conference::AuditAction::change,
                     object, changes);
}

}  // namespace

const std::vector<std::string>& sheet_columns() {
  static const std::vector<std::string> columns{"code",
                                                "type",
                                                "percent",
                                                "amount",
                                                "tickets",
                                                "addons",
                                                "max_uses",
                                                "max_units",
                                                "budget",
                                                "reserves",
                                                "unlocks_hidden_tickets",
                                                "valid_from",
                                                "valid_until",
                                                "active",
                                                "note"};
  return columns;
}

VoucherSheet read_sheet(std::string_view bytes) {
  VoucherSheet sheet;
  try {
    DecodedText decoded = decoded_text(bytes);
    sheet.encoding = decoded.encoding;
    sheet.separator = csv_separator(decoded.text);
    sheet.rows = parse_csv(decoded.text, sheet.separator, most_read_rows);
  } catch (const CsvError& error) {
    sheet.problems.push_back(
        {error.line, "", message("This is no table: {problem}."), {{"problem", error.what()}}});
    return sheet;
  }
  // Spreadsheets write the empty rows below a table, too.
  std::erase_if(sheet.rows, [](const CsvRow& row) {
    return std::all_of(row.cells.begin(), row.cells.end(),
                       [](const std::string& cell) { return is_blank(cell); });
  });
  if (sheet.rows.empty()) {
    sheet.problems.push_back({1, "", message("The file is empty: its first line names the columns."), {}});
    return sheet;
  }
  if (const std::size_t found = sheet.rows.size() - 1; found > most_sheet_rows) {
    sheet.problems.push_back({sheet.rows[most_sheet_rows + 1].line,
                              "",
                              message("The file has {found} vouchers, at most {most} come in at once: make "
                                      "several files of it, each with the head."),
                              {{"found", std::to_string(found)}, {"most", std::to_string(most_sheet_rows)}}});
    sheet.rows.clear();
    return sheet;
  }
  const CsvRow head = std::move(sheet.rows.front());
  sheet.rows.erase(sheet.rows.begin());
  const auto& known = sheet_columns();
  for (const std::string& cell : head.cells) {
    const std::string name = ascii_lower(trimmed(cell));
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    if (is_known && std::find(sheet.columns.begin(), sheet.columns.end(), name) != sheet.columns.end())
      sheet.problems.push_back({head.line, name, message("This column stands there twice."), {}});
    const bool is_looked_at =
        std::find(std::begin(looked_at), std::end(looked_at), name) != std::end(looked_at);
    if (!is_known && !name.empty() && !is_looked_at) {
      std::string all;
      for (const std::string& column : known) all += (all.empty() ? "" : ", ") + column;
      sheet.problems.push_back(
          {head.line, name, message("There is no such column. Known are: {columns}."), {{"columns", all}}});
    }
    sheet.columns.push_back(is_known ? name : "");
  }
  const auto code = std::find(sheet.columns.begin(), sheet.columns.end(), "code");
  if (code == sheet.columns.end()) {
    sheet.problems.push_back({head.line, "code", message("The column code is missing."), {}});
    return sheet;
  }
  if (sheet.rows.empty())
    sheet.problems.push_back({head.line, "", message("There is no voucher below the head."), {}});
  const auto place = static_cast<std::size_t>(code - sheet.columns.begin());
  std::map<std::string, std::size_t> lines;
  for (const CsvRow& row : sheet.rows) {
    if (row.cells.size() <= place) continue;
    const std::string normal = normal_code(formula_restored(row.cells[place]));
    const auto [first, is_first] = lines.emplace(normal, row.line);
    if (!is_first && !normal.empty())
      sheet.problems.push_back({row.line,
                                "code",
                                message("The code {code} stands in line {line} already."),
                                {{"code", normal}, {"line", std::to_string(first->second)}}});
  }
  return sheet;
}

void SheetPlan::add(SheetPlan other) {
  std::move(other.vouchers.begin(), other.vouchers.end(), std::back_inserter(vouchers));
  std::move(other.problems.begin(), other.problems.end(), std::back_inserter(problems));
  added += other.added;
  changed += other.changed;
  unchanged += other.unchanged;
}

SheetPlan plan_rows(db::Tx& tx, const SheetTerms& terms, const VoucherSheet& sheet,
                    std::span<const CsvRow> rows, ExistingCodes existing) {
  SheetPlan plan;
  const Products products = products_of(tx, terms.conference_id);
  for (const CsvRow& row : rows) {
    auto planned = plan_row(tx, terms, sheet, products, row, existing, plan.problems);
    if (!planned) continue;
    ++(planned->voucher.id == 0 ? plan.added : planned->changes.empty() ? plan.unchanged : plan.changed);
    plan.vouchers.push_back(std::move(*planned));
  }
  return plan;
}

SheetPlan write_rows(db::Tx& tx, const SheetTerms& terms, const VoucherSheet& sheet,
                     std::span<const CsvRow> rows, ExistingCodes existing, const conference::Actor& actor) {
  SheetPlan plan = plan_rows(tx, terms, sheet, rows, existing);
  if (!sheet.problems.empty() || !plan.problems.empty()) {
    const SheetProblem& first = sheet.problems.empty() ? plan.problems.front() : sheet.problems.front();
    throw Refused("sheet", message("Line {line}: {problem}"),
                  {{"line", std::to_string(first.line)}, {"problem", first.message()}});
  }
  for (const PlannedVoucher& planned : plan.vouchers) {
    if (planned.voucher.id != 0 && planned.changes.empty()) continue;
    const Id id = save(tx, planned.voucher, planned.products);
    record(tx, actor, planned.voucher, id, planned.changes);
  }
  return plan;
}

std::string sheet_head() {
  std::vector<std::string> cells = sheet_columns();
  cells.insert(cells.end(), std::begin(looked_at), std::end(looked_at));
  return csv_line(cells);
}

SheetLines sheet_lines(db::Tx& tx, const SheetTerms& terms, Id after, std::int64_t limit,
                       std::optional<Id> batch_id) {
  SheetLines lines;
  const std::vector<Voucher> vouchers =
      batch_id ? voucher_table().select(
                     tx, "WHERE conference_id = $1 AND batch_id = $4 AND id > $2 ORDER BY id LIMIT $3",
                     terms.conference_id, after, limit, *batch_id)
               : voucher_table().select(tx, "WHERE conference_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                                        terms.conference_id, after, limit);
  if (vouchers.empty()) return lines;
  lines.last = vouchers.back().id;
  const Products products = products_of(tx, terms.conference_id);
  std::map<Id, ScopedProducts> named;
  for (const auto& [voucher, id] : store::ticket_types_between(tx, terms.conference_id, after, lines.last))
    named[voucher].ticket_types.push_back(id);
  for (const auto& [voucher, id] : store::addons_between(tx, terms.conference_id, after, lines.last))
    named[voucher].addons.push_back(id);
  std::map<Id, std::int64_t> used;
  for (const auto& [voucher, times] : store::uses_between(tx, terms.conference_id, after, lines.last))
    used[voucher] = times;
  for (const Voucher& voucher : vouchers) {
    std::vector<std::string> cells = cells_of(terms, products, voucher, named[voucher.id]);
    cells.push_back(std::to_string(used[voucher.id]));
    cells.push_back(terms.shop_url.empty() ? "" : voucher_link(terms.shop_url, voucher.code));
    lines.text += csv_line(cells);
  }
  return lines;
}

}  // namespace plenary::registration
