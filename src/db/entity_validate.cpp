// What an entity's description says about the values of a row.
#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/slug.hpp"
#include "base/text.hpp"
#include "db/entity_table.hpp"

namespace plenary::db {
namespace {

bool is_url(std::string_view text) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!ascii_lower(text.substr(0, scheme.size())).starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    return !rest.empty() && rest[0] != '/' && rest[0] != ':' &&
           std::none_of(rest.begin(), rest.end(),
                        [](unsigned char c) { return c <= ' ' || c == '"' || c == '<'; });
  }
  return false;
}

bool has_forbidden_characters(std::string_view text, TextFormat format) {
  if (format != TextFormat::paragraph && format != TextFormat::json) return has_control_characters(text);
  // Line breaks and tabs belong to a paragraph; nothing else below the blank does.
  return std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
  });
}

class Checking {
 public:
  std::vector<FieldError> errors;

  void text(const Column& column, std::string_view value) {
    if (is_blank(value)) {
      if (column.is_required) add(column, "required", message("{label} is required."));
      if (value.empty()) return;
    }
    if (!is_valid_utf8(value)) return add(column, "format", message("{label} is not valid text."));
    if (has_forbidden_characters(value, column.format)) {
      add(column, "format", message("{label} must not contain control characters."));
    }
    const std::size_t length = character_count(value);
    if (column.max_length > 0 && length > static_cast<std::size_t>(column.max_length)) {
      add(column, "too_long", message("{label} has {length} characters; at most {limit} are allowed."),
          {{"length", fmt::format("{}", length)}, {"limit", fmt::format("{}", column.max_length)}});
    }
    if (!column.choices.empty() &&
        column_detail::choice_index(column, value, std::nothrow) == column_detail::no_choice) {
      std::string allowed;
      for (const Choice& choice : column.choices)
        allowed += (allowed.empty() ? "" : ", ") + std::string(choice.value);
      add(column, "choice", message("{label} must be one of: {choices}."), {{"choices", allowed}});
    }
    if (column.format == TextFormat::slug && !is_slug(value)) {
      add(column, "format", message("{label} may contain only letters, digits, hyphens and underscores."));
    } else if (column.format == TextFormat::email && !is_email(value)) {
      add(column, "format", message("{label} must be an e-mail address, like name@example.org."));
    } else if (column.format == TextFormat::url && !is_url(value)) {
      add(column, "format",
          message("{label} must be a complete web address that begins with http:// or https://."));
    }
  }

  void integer(const Column& column, std::int64_t value) {
    const std::string low = fmt::format("{}", column.minimum.value_or(0));
    const std::string high = fmt::format("{}", column.maximum.value_or(0));
    const bool too_low = column.minimum && value < *column.minimum;
    const bool too_high = column.maximum && value > *column.maximum;
    if (!too_low && !too_high) return;
    if (column.minimum && column.maximum) {
      add(column, "range", message("{label} must be between {low} and {high}."),
          {{"low", low}, {"high", high}});
    } else if (too_low) {
      add(column, "range", message("{label} must be at least {low}."), {{"low", low}});
    } else {
      add(column, "range", message("{label} must be at most {high}."), {{"high", high}});
    }
  }

  bool has(std::string_view field) const {
    return std::any_of(errors.begin(), errors.end(), [&](const FieldError& e) { return e.field == field; });
  }

  void add(const Column& column, std::string code, std::string text, Refused::Arguments arguments = {}) {
    arguments.emplace_back("label", column.label);
    errors.push_back({std::string(column.name), std::move(code), std::move(text), std::move(arguments)});
  }
};

bool exists(Tx& tx, const char* sql, std::span<const Param> in) {
  bool found = false;
  static constexpr ColumnKind kinds[] = {ColumnKind::integer};
  tx.run(
      sql, in, kinds, [](void* context, const Field*) { *static_cast<bool*>(context) = true; }, &found);
  return found;
}

// "lower(slug)" -> "slug"
std::string_view inside(std::string_view expression) {
  const auto open = expression.find('('), close = expression.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos) return expression;
  return expression.substr(open + 1, close - open - 1);
}

}  // namespace

void refuse_first(const std::vector<FieldError>& errors) {
  if (errors.empty()) return;
  const FieldError& first = errors.front();
  throw Refused(first.code, first.text, first.arguments, first.field);
}

std::vector<FieldError> Table::validate_row(const void* row) const {
  Checking checking;
  std::string scratch;
  for (const Column& column : columns_) {
    if (column.is_generated || column.is_managed || column.is_secret) continue;
    const Param value = column.get(row, scratch);
    switch (value.kind) {
      case Param::Kind::text:
        checking.text(column, value.text);
        break;
      case Param::Kind::integer:
        checking.integer(column, value.integer);
        break;
      case Param::Kind::real:
        break;
      default:
        if (column.is_required) checking.add(column, "required", message("{label} is required."));
    }
  }
  for (const RowRule& rule : rules_.rules) {
    // A field that is wrong by itself makes rules about it meaningless.
    if (checking.has(rule.field) || rule.holds(row)) continue;
    checking.errors.push_back({rule.field, "rule", rule.message, {}});
  }
  return std::move(checking.errors);
}

std::vector<FieldError> Table::validate_row(Tx& tx, const void* row) const {
  Checking checking{validate_row(row)};
  std::string scratch;
  for (const Column& column : columns_) {
    if (column.references.empty() || column.is_loose || checking.has(column.name) || column.is_null(row))
      continue;
    const Param value = column.get(row, scratch);
    const char* sql = intern_sql(
        fmt::format("SELECT 1 FROM {} WHERE {} = $1", column.references, column.referenced_column));
    if (!exists(tx, sql, {&value, 1}))
      checking.add(column, "no_such", message("{label}: there is no such entry."));
  }
  for (const Unique& unique : rules_.uniques) {
    std::vector<Param> in;
    std::vector<std::string> scratches(unique.columns.size() + keys_.size());
    std::string condition, labels;
    bool applies = true;
    const Column* last = nullptr;
    for (const std::string& expression : unique.columns) {
      const Column* column = find_column(inside(expression));
      if (!column)
        throw std::logic_error(fmt::format("table {} has no column {}", name_, inside(expression)));
      // Two nulls never clash.
      if (checking.has(column->name) || column->is_null(row)) applies = false;
      in.push_back(column->get(row, scratches[in.size()]));
      const std::string placeholder = fmt::format("${}", in.size());
      condition +=
          fmt::format("{}{} = {}", in.size() > 1 ? " AND " : "", expression,
                      expression == column->name ? placeholder : fmt::format("lower({})", placeholder));
      if (column->references.empty()) labels += (labels.empty() ? "" : " and ") + column->label;
      last = column;
    }
    if (!applies) continue;
    std::string same;
    for (std::size_t i : keys_) {
      in.push_back(columns_[i].get(row, scratches[in.size()]));
      same += fmt::format("{}{} = ${}", same.empty() ? "" : " AND ", columns_[i].name, in.size());
    }
    const char* sql =
        intern_sql(fmt::format("SELECT 1 FROM {} WHERE {} AND NOT ({}) LIMIT 1", name_, condition, same));
    if (!exists(tx, sql, in)) continue;
    checking.add(
        *last, "not_unique",
        unique.message.empty() ? message("{labels}: there is another entry with the same.") : unique.message,
        {{"labels", labels}});
  }
  return std::move(checking.errors);
}

}  // namespace plenary::db
