#include "admin/fields.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/codes.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"

namespace plenary::admin {
namespace {

using db::Column;
using db::ColumnType;
using db::FieldError;
using db::TextFormat;

constexpr std::string_view flags_table = "feature_flags";

Widget widget_of(const Model& model, const Column& column) {
  if (!column.references.empty()) return Widget::reference;
  if (!column.choices.empty()) return Widget::choice;
  if (column.is_money) return Widget::money;
  switch (column.type) {
    case ColumnType::flag:
      if (!column.nullable) return Widget::flag;
      return model.table->name() == flags_table ? Widget::toggle : Widget::optional_flag;
    case ColumnType::integer:
      return Widget::integer;
    case ColumnType::real:
    case ColumnType::decimal:
      return Widget::decimal;
    case ColumnType::date:
      return Widget::date;
    case ColumnType::instant:
      return Widget::instant;
    default:
      break;
  }
  switch (column.format) {
    case TextFormat::paragraph:
    case TextFormat::json:
      return Widget::paragraph;
    case TextFormat::slug:
      return Widget::slug;
    case TextFormat::email:
      return Widget::email;
    case TextFormat::url:
      return Widget::url;
    default:
      return Widget::text;
  }
}

// A value that a row has only once somebody chose it.
bool begins_empty(const Column& column) {
  return !column.nullable && (column.type == ColumnType::date || column.type == ColumnType::instant ||
                              (column.type == ColumnType::integer && !column.references.empty()));
}

std::string local_text(Instant at, TimeZone zone) {
  const LocalTime local = zone.local(at);
  std::string text = fmt::format("{}T{:02}:{:02}", local.date.to_string(), local.hour, local.minute);
  if (local.second != 0) text += fmt::format(":{:02}", local.second);
  return text;
}

struct Typed {
  Date day;
  int hour = 0, minute = 0, second = 0;
};

bool two_digits(std::string_view text, std::size_t at, int most, int& value) {
  if (at + 2 > text.size() || !std::isdigit(static_cast<unsigned char>(text[at])) ||
      !std::isdigit(static_cast<unsigned char>(text[at + 1])))
    return false;
  value = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return value <= most;
}

// "2027-05-14T09:00", also with a blank, with seconds, with a fraction of only zeros.
std::optional<Typed> read_moment(std::string_view text) {
  constexpr std::size_t day_size = 10, short_size = 16, long_size = 19;
  if (text.size() < short_size || (text[day_size] != 'T' && text[day_size] != ' ')) return std::nullopt;
  const std::optional<Date> day = Date::parse(text.substr(0, day_size));
  Typed typed;
  if (!day || !two_digits(text, 11, 23, typed.hour) || text[13] != ':' ||
      !two_digits(text, 14, 59, typed.minute))
    return std::nullopt;
  typed.day = *day;
  if (text.size() == short_size) return typed;
  if (text.size() < long_size || text[short_size] != ':' || !two_digits(text, 17, 59, typed.second))
    return std::nullopt;
  const std::string_view fraction = text.substr(long_size);
  if (fraction.empty()) return typed;
  const bool zeros = fraction[0] == '.' && fraction.size() > 1 &&
                     fraction.find_first_not_of('0', 1) == std::string_view::npos;
  return zeros ? std::optional(typed) : std::nullopt;
}

bool is_plain_number(std::string_view text) {
  const std::string_view digits = text.substr(!text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0);
  bool point = false, any = false;
  for (char c : digits) {
    if (c == '.' && !point) {
      point = true;
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      any = true;
    } else {
      return false;
    }
  }
  return any && digits.front() != '.' && digits.back() != '.';
}

std::optional<FieldError> put_money(const FieldPlan& plan, void* row, std::string_view typed,
                                    const Terms& terms) {
  const Refused::Arguments arguments{{"example", Money(123450, terms.currency).to_string()},
                                     {"currency", std::string(terms.currency.code())},
                                     {"digits", std::to_string(terms.currency.exponent())}};
  if (!is_plain_number(typed))
    return fault(plan, "format",
                 message("Write the amount in digits alone, such as 12.50, without blanks and symbol."));
  const std::optional<Decimal> amount = Decimal::parse(typed);
  const bool may_be_more = terms.currency.exponent() < 3 && may_be_thousands(typed);
  if (amount && (!amount->fits_scale(terms.currency.exponent()) || may_be_more)) {
    return terms.currency.exponent() == 0
               ? fault(plan, "format", message("{currency} has no decimals. Write, for example, {example}."),
                       arguments)
               : fault(plan, "format", message("{currency} has at most {digits} decimals."), arguments);
  }
  // Far beyond any price, far below what sums overflow at.
  constexpr std::int64_t most = 100'000'000'000'000;
  if (!amount || amount->coefficient() > most || amount->coefficient() < -most)
    return fault(plan, "range", message("This amount is too large."));
  const Money money = Money::exact(*amount, terms.currency);
  if (money.minor() > most || money.minor() < -most)
    return fault(plan, "range", message("This amount is too large."));
  db::Field field;
  field.integer = money.minor();
  plan.column->set(row, field);
  return std::nullopt;
}

std::optional<FieldError> put_moment(const FieldPlan& plan, void* row, std::string_view typed,
                                     const Terms& terms) {
  const std::optional<Typed> moment = read_moment(typed);
  if (!moment) return fault(plan, "format", message("Write a day and a time, such as 2027-05-14T09:00."));
  const Instant at = terms.zone.instant(moment->day, moment->hour, moment->minute, moment->second);
  const LocalTime local = terms.zone.local(at);
  if (local.date != moment->day || local.hour != moment->hour || local.minute != moment->minute)
    return fault(plan, "format",
                 message("There is no such time on that day in {zone}: the clocks go forward. Choose an "
                         "earlier or a later one."),
                 {{"zone", terms.zone_name}});
  db::Field field;
  field.integer = at.micros;
  plan.column->set(row, field);
  return std::nullopt;
}

const char* allowed(const FieldPlan& plan) {
  switch (plan.widget) {
    case Widget::integer:
      return message("Write a whole number, such as 12.");
    case Widget::decimal:
      return message("Write a number in digits, such as 12.5.");
    case Widget::date:
      return message("Write a day that exists as year, month and day, such as 2027-05-14.");
    default:
      return message("Choose one of the offered values.");
  }
}

bool is_hidden(const Column& column, bool is_new) {
  if (column.is_managed || column.is_version || column.is_secret) return true;
  if (column.is_generated) return true;
  // What the database or a workflow fills in has nothing to show yet.
  return is_new && column.is_read_only && !column.is_key;
}

}  // namespace

FieldError fault(const FieldPlan& plan, std::string code, std::string text, Refused::Arguments arguments) {
  arguments.emplace_back("label", plan.label);
  return {plan.name, std::move(code), std::move(text), std::move(arguments)};
}

const Column* derived_slug(const Model& model) {
  if (model.slug_from.empty()) return nullptr;
  const auto& columns = model.table->columns();
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [](const Column& c) { return c.format == TextFormat::slug; });
  return found == columns.end() ? nullptr : &*found;
}

std::optional<FieldPlan> plan_of(const Model& model, const Column& column, bool is_new) {
  if (is_hidden(column, is_new)) return std::nullopt;
  FieldPlan plan;
  plan.name = column.name;
  plan.label = column.label;
  plan.help = column.help;
  plan.column = &column;
  plan.widget = widget_of(model, column);
  const bool workflows =
      std::find(model.read_only.begin(), model.read_only.end(), column.name) != model.read_only.end();
  plan.editable = is_new ? model.may_add && !workflows && (!column.is_read_only || column.is_key)
                         : !model.is_read_only(column) && !column.is_fixed;
  if (is_new && !plan.editable) return std::nullopt;
  plan.derived = is_new && &column == derived_slug(model);
  const bool is_text = column.type == ColumnType::text;
  plan.required =
      plan.editable && plan.widget != Widget::flag &&
      (column.is_required || (!column.nullable && (!is_text || plan.widget == Widget::reference)));
  return plan;
}

std::optional<FieldPlan> plan_of(const Model& model, std::string_view name, bool is_new) {
  const bool writable = is_new ? model.may_add : model.may_change;
  if (const Link* link = model.find_link(name)) {
    if (is_new && !writable) return std::nullopt;
    return FieldPlan{link->name, link->label, link->help, Widget::link, nullptr, link, nullptr, writable};
  }
  if (const SecretField* secret = model.find_secret(name)) {
    if (is_new && !writable) return std::nullopt;
    return FieldPlan{secret->column, secret->label, secret->help, Widget::secret,
                     nullptr,        nullptr,       secret,       writable};
  }
  const Column* column = model.table->find_column(name);
  if (!column)
    throw std::logic_error(fmt::format("the form of {} has no field {}", model.table->name(), name));
  return plan_of(model, *column, is_new);
}

std::vector<FieldGroup> groups_of(const Model& model, bool is_new) {
  if (!model.groups.empty()) return model.groups;
  FieldGroup editable, shown;
  for (const Column& column : model.table->columns()) {
    const auto plan = plan_of(model, column, is_new);
    if (plan) (plan->editable ? editable : shown).fields.emplace_back(column.name);
  }
  for (const Link& link : model.links) editable.fields.push_back(link.name);
  for (const SecretField& secret : model.secrets) editable.fields.push_back(secret.column);
  std::vector<FieldGroup> groups;
  if (!editable.fields.empty()) groups.push_back(std::move(editable));
  if (!shown.fields.empty()) groups.push_back(std::move(shown));
  return groups;
}

std::string control_text(const FieldPlan& plan, const void* row, const Terms& terms, bool is_new) {
  const Column& column = *plan.column;
  if (is_new && begins_empty(column)) return {};
  const std::optional<std::string> text = column.text(row);
  if (!text) return {};
  std::string scratch;
  switch (plan.widget) {
    case Widget::money:
      return Money(column.get(row, scratch).integer, terms.currency).to_string();
    case Widget::instant:
      return local_text(Instant{column.get(row, scratch).integer}, terms.zone);
    case Widget::flag:
    case Widget::optional_flag:
    case Widget::toggle:
      return *text == "true" ? "1" : "0";
    default:
      return *text;
  }
}

std::string normal(const FieldPlan& plan, std::string_view typed) {
  if (plan.widget == Widget::paragraph) {
    std::string text;
    for (std::size_t i = 0; i < typed.size(); ++i) {
      if (typed[i] == '\r' && i + 1 < typed.size() && typed[i + 1] == '\n') continue;
      text += typed[i] == '\r' ? '\n' : typed[i];
    }
    return text;
  }
  const std::string_view text = trimmed(typed);
  if (plan.widget == Widget::reference) {
    // "Ada Lovelace (#17)", as a search field holds it.
    const auto at = text.rfind("(#");
    if (at != std::string_view::npos && text.ends_with(')'))
      return std::string(text.substr(at + 2, text.size() - at - 3));
  }
  // "12,50", as others write it.
  if ((plan.widget == Widget::money || plan.widget == Widget::decimal) &&
      text.find(',') != std::string_view::npos) {
    if (const auto number = typed_decimal(text)) return number->to_string();
  }
  if (plan.widget == Widget::instant) {
    if (const auto moment = read_moment(text)) {
      std::string same = fmt::format("{}T{:02}:{:02}", moment->day.to_string(), moment->hour, moment->minute);
      if (moment->second != 0) same += fmt::format(":{:02}", moment->second);
      return same;
    }
  }
  return std::string(text);
}

std::string digest(const FieldPlan& plan, std::string_view text) {
  constexpr std::size_t enough = 12;
  return token_hash(normal(plan, text)).substr(0, enough);
}

std::optional<FieldError> put(const FieldPlan& plan, void* row, std::string_view typed, const Terms& terms) {
  const Column& column = *plan.column;
  if (typed.empty()) {
    const bool takes_empty =
        column.nullable || (column.type == ColumnType::text && plan.widget != Widget::reference);
    if (!takes_empty) return fault(plan, "required", message("{label} is required."));
    column.set_text(row, "");
    return std::nullopt;
  }
  switch (plan.widget) {
    case Widget::money:
      return put_money(plan, row, typed, terms);
    case Widget::instant:
      return put_moment(plan, row, typed, terms);
    case Widget::decimal:
      if (!is_plain_number(typed) || !column.set_text(row, typed))
        return fault(plan, "format", allowed(plan));
      return std::nullopt;
    case Widget::integer: {
      constexpr std::size_t most_digits = 15;
      const std::string_view digits = typed[0] == '+' ? typed.substr(1) : typed;
      const bool is_number = is_plain_number(typed) && digits.find('.') == std::string_view::npos;
      if (!is_number || digits.size() > most_digits || !column.set_text(row, digits))
        return fault(plan, "format", allowed(plan));
      // A smaller member would have cut it.
      if (std::stoll(column.text(row).value_or("0")) != std::stoll(std::string(digits)))
        return fault(plan, "range", message("This number is too large."));
      return std::nullopt;
    }
    case Widget::flag:
    case Widget::optional_flag:
    case Widget::toggle:
      if (typed != "0" && typed != "1") return fault(plan, "choice", allowed(plan));
      column.set_text(row, typed);
      return std::nullopt;
    case Widget::choice: {
      const bool known = std::any_of(column.choices.begin(), column.choices.end(),
                                     [&](const db::Choice& choice) { return choice.value == typed; });
      if (!known || !column.set_text(row, typed)) return fault(plan, "choice", allowed(plan));
      return std::nullopt;
    }
    default:
      if (!column.set_text(row, typed)) return fault(plan, "format", allowed(plan));
      return std::nullopt;
  }
}

}  // namespace plenary::admin
