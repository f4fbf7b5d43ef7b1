#include "admin/form_values.hpp"

#include <fmt/format.h>

#include "admin/secrets.hpp"
#include "admin/told.hpp"
#include "i18n/formats.hpp"
#include "site/forms.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

using templating::Value;

constexpr std::string_view conference_table = "conference";

std::string moment_text(const web::Request& request, Instant at, const Terms& terms) {
  return i18n::moment(site::language_of(request), at, terms.zone);
}

// "is now Berlin, changed by ada at 14 May 2027, 12:00 CEST"
std::string now_text(const web::Request& request, const Model& model, const Meanwhile& now,
                     const Terms& terms) {
  const std::string value = now.new_text.empty() ? site::tr(request, message("(empty)"))
                                                 : told_value(request, model, now.field, now.new_text);
  if (now.actor.empty() && now.at.micros == 0)
    return site::tr(request, message("Stored now: {value}. It was changed while you were editing."),
                    {{"value", value}});
  return site::tr(request, message("Stored now: {value}, changed by {who} at {when}."),
                  {{"value", value}, {"who", now.actor}, {"when", moment_text(request, now.at, terms)}});
}

std::string meanwhile_text(const web::Request& request, const Model& model, const Meanwhile& change,
                           const Terms& terms) {
  const auto or_empty = [&](const std::string& text) {
    return text.empty() ? site::tr(request, message("(empty)"))
                        : told_value(request, model, change.field, text);
  };
  if (change.label.empty())
    return site::tr(request, message("{who} deleted it at {when}."),
                    {{"who", change.actor}, {"when", moment_text(request, change.at, terms)}});
  const std::string label = told_label(request, change.field, change.label);
  if (change.actor.empty() && change.at.micros == 0)
    return site::tr(request, message("{label} is now {new}."),
                    {{"label", label}, {"new", or_empty(change.new_text)}});
  return site::tr(request, message("{label}: {old} → {new}, by {who} at {when}."),
                  {{"label", label},
                   {"old", or_empty(change.old_text)},
                   {"new", or_empty(change.new_text)},
                   {"who", change.actor},
                   {"when", moment_text(request, change.at, terms)}});
}

Value texts(std::vector<std::string> list) {
  std::vector<Value> values;
  for (std::string& text : list) values.push_back(Value(text));
  return Value::list(std::move(values));
}

Value changes_value(const web::Request& request, const RowState& row, const Terms& terms) {
  std::vector<std::string> list;
  for (const Meanwhile& change : row.changes)
    list.push_back(meanwhile_text(request, *row.model, change, terms));
  return texts(std::move(list));
}

Value errors_value(const web::Request& request, const std::vector<db::FieldError>& errors) {
  std::vector<std::string> list;
  for (const db::FieldError& error : errors) list.push_back(text_of(request, error));
  return texts(std::move(list));
}

class Shaping {
 public:
  Shaping(const Site& site, const web::Request& request, const FormState& form)
      : site_(site), request_(request), form_(form) {}

  Value form() const {
    std::vector<Value> inlines;
    for (const InlineState& inlined : form_.inlines) {
      if (!inlined.rows.empty() || inlined.may_add) inlines.push_back(inline_value(inlined));
    }
    return Value::dict({{"groups", groups(form_.main, "")},
                        {"hidden", Value::safe(hidden(form_.main, ""))},
                        {"inlines", Value::list(std::move(inlines))},
                        {"changes", changes_value(request_, form_.main, form_.terms)},
                        {"errors", errors_value(request_, form_.main.errors)},
                        {"is_stale", Value(form_.is_stale())},
                        {"is_gone", Value(form_.main.is_gone)},
                        {"zone", Value(form_.terms.zone_name)}});
  }

 private:
  std::string tr(std::string_view text) const { return site::tr(request_, text); }

  // What the page shows now, to tell later what was touched and whether anything moved.
  std::string hidden(const RowState& row, const std::string& prefix) const {
    std::string was;
    for (const FieldState& field : row.fields) {
      if (!field.plan.editable || field.plan.secret) continue;
      was +=
          fmt::format("{}{}={}", was.empty() ? "" : " ", field.plan.name, digest(field.plan, field.stored));
    }
    std::string out = fmt::format("<input type=\"hidden\" name=\"{}_was\" value=\"{}\">", prefix, was);
    if (!row.version.empty())
      out += fmt::format("<input type=\"hidden\" name=\"{}_version\" value=\"{}\">", prefix, row.version);
    if (!prefix.empty())
      out += fmt::format("<input type=\"hidden\" name=\"{}_key\" value=\"{}\">", prefix, row.key);
    return out;
  }

  std::string unit(const RowState& row, const FieldState& field) const {
    const bool known = form_.terms_known || !form_.main.is_new() || !row.is_new();
    if (field.plan.widget == Widget::money)
      return known ? std::string(form_.terms.currency.code())
                   : tr(message("in the currency of the conference"));
    if (field.plan.widget == Widget::instant)
      return known ? site::tr(request_, message("Time in {zone}"), {{"zone", form_.terms.zone_name}})
                   : tr(message("in the time zone of the conference"));
    return {};
  }

  Value field_value(const RowState& row, const FieldState& field, const std::string& prefix,
                    bool keeps_blank) const {
    const std::string name = prefix + field.plan.name, id = control_id(name);
    const std::string label = tr(field.plan.label);
    std::string help = field.plan.help.empty() ? "" : tr(field.plan.help);
    if (field.plan.derived && help.empty()) help = tr(message("Left empty, it is made from the name."));
    const std::string unit_text = field.plan.editable ? unit(row, field) : "";
    std::string described;
    const auto describe = [&](const std::string& end) {
      described += (described.empty() ? "" : " ") + id + end;
    };
    if (!field.errors.empty()) describe("_error");
    if (field.now) describe("_now");
    if (!unit_text.empty()) describe("_unit");
    if (!help.empty() && !keeps_blank) describe("_help");
    ControlPlace place{.name = name,
                       .described_by = described,
                       .model = row.model,
                       .conference = form_.conference,
                       .terms = &form_.terms,
                       .is_new = row.is_new(),
                       .source_id = {}};
    if (field.plan.derived && row.find(row.model->slug_from))
      place.source_id = control_id(prefix + row.model->slug_from);
    const char* kind = "field";
    if (!field.plan.editable) {
      kind = "plain";
    } else if (field.plan.widget == Widget::flag) {
      kind = "check";
    } else if (field.plan.widget == Widget::link) {
      kind = "set";
    }
    return Value::dict(
        {{"kind", Value(kind)},
         {"name", Value(field.plan.name)},
         {"id", Value(id)},
         {"label", Value(label)},
         {"required", Value(field.plan.required && !field.plan.derived)},
         {"help", Value(help)},
         {"unit", Value(unit_text)},
         {"errors", errors_value(request_, field.errors)},
         {"now", Value(field.now ? now_text(request_, *row.model, *field.now, form_.terms) : std::string())},
         {"text", Value(field.as_text)},
         {"is_long", Value(field.plan.widget == Widget::paragraph)},
         {"control",
          field.plan.editable ? Value::safe(control_html(site_, request_, field, place)) : Value("")}});
  }

  Value groups(const RowState& row, const std::string& prefix) const {
    std::vector<Value> list;
    for (std::size_t i = 0; i < row.groups.size(); ++i) {
      std::vector<Value> fields;
      bool holds_fault = false;
      for (const FieldState& field : row.fields) {
        if (field.group != i) continue;
        holds_fault |= !field.errors.empty() || field.now.has_value();
        fields.push_back(field_value(row, field, prefix, false));
      }
      if (fields.empty()) continue;
      const FieldGroup& group = row.groups[i];
      list.push_back(
          Value::dict({{"title", Value(group.title.empty() ? "" : tr(group.title))},
                       {"description", Value(group.description.empty() ? "" : tr(group.description))},
                       {"collapsed", Value(group.collapsed && !group.title.empty())},
                       {"open", Value(holds_fault)},
                       {"fields", Value::list(std::move(fields))}}));
    }
    return Value::list(std::move(list));
  }

  Value inline_value(const InlineState& inlined) const {
    const bool single = inlined.is_single();
    std::vector<Value> rows, headings;
    bool editable = inlined.may_add;
    for (std::size_t i = 0; i < inlined.rows.size(); ++i) {
      const RowState& row = inlined.rows[i];
      const std::string prefix = field_prefix(inlined, i);
      std::vector<Value> fields;
      if (!single) {
        for (const FieldState& field : row.fields) fields.push_back(field_value(row, field, prefix, true));
      }
      editable |= inlined.may_change;
      const Value url = row.is_new() ? Value("") : Value(change_url(*inlined.model, row.key));
      rows.push_back(
          Value::dict({{"hidden", Value::safe(inlined.may_change || row.is_new() ? hidden(row, prefix) : "")},
                       {"groups", single ? groups(row, prefix) : Value("")},
                       {"fields", Value::list(std::move(fields))},
                       {"label", Value(row.label)},
                       {"number", Value(static_cast<std::int64_t>(i + 1))},
                       {"prefix", Value(prefix)},
                       {"url", url},
                       {"is_new", Value(row.is_new())},
                       {"is_gone", Value(row.is_gone)},
                       {"is_stale", Value(row.is_stale)},
                       {"changes", changes_value(request_, row, form_.terms)},
                       {"errors", errors_value(request_, row.errors)},
                       {"may_delete", Value(inlined.may_delete && !row.is_new())},
                       {"is_deleted", Value(row.remove)}}));
    }
    if (!single && !inlined.rows.empty()) {
      for (const FieldState& field : inlined.rows.back().fields)
        headings.push_back(Value::dict({{"label", Value(tr(field.plan.label))},
                                        {"help", Value(field.plan.help.empty() ? "" : tr(field.plan.help))},
                                        {"required", Value(field.plan.required && !field.plan.derived)}}));
    }
    const std::string title = inlined.spec->title.empty()
                                  ? (single ? inlined.model->one() : inlined.model->many())
                                  : inlined.spec->title;
    const bool may_grow =
        inlined.may_add && !single &&
        (inlined.spec->at_most == 0 || inlined.rows.size() < static_cast<std::size_t>(inlined.spec->at_most));
    return Value::dict(
        {{"table", Value(inlined.spec->table)},
         {"title", Value(tr(title))},
         {"one", Value(tr(inlined.model->one()))},
         {"single", Value(single)},
         {"editable", Value(editable)},
         {"may_delete", Value(inlined.may_delete)},
         {"may_grow", Value(may_grow && !inlined.rows.empty())},
         {"at_most", Value(static_cast<std::int64_t>(inlined.spec->at_most))},
         {"rows", Value::list(std::move(rows))},
         {"count", Value(static_cast<std::int64_t>(inlined.rows.size()))},
         {"headings", Value::list(std::move(headings))},
         {"more", Value(inlined.more)},
         {"list_url", Value(list_url(*inlined.model) + "?" + inlined.spec->column + "=" + form_.main.key)}});
  }

  const Site& site_;
  const web::Request& request_;
  const FormState& form_;
};

// "Name and Slug", as the description of an entity joins them.
std::string all_labels(const web::Request& request, std::string_view labels) {
  constexpr std::string_view between = " and ";
  const auto at = labels.rfind(between);
  if (at == std::string_view::npos) return site::tr(request, labels);
  return site::tr(request, message("{first} and {second}"),
                  {{"first", all_labels(request, labels.substr(0, at))},
                   {"second", site::tr(request, labels.substr(at + between.size()))}});
}

// Messages that begin with the field's label need it no second time.
std::string summary_text(const web::Request& request, const FieldPlan& plan, const db::FieldError& error) {
  const std::string text = text_of(request, error);
  if (error.text.starts_with("{label}")) return text;
  return site::field_fault(request, site::tr(request, plan.label), text);
}

}  // namespace

std::string text_of(const web::Request& request, const db::FieldError& error) {
  Refused::Arguments arguments = error.arguments;
  for (auto& [name, value] : arguments) {
    if (name == "label") value = site::tr(request, value);
    if (name == "labels") value = all_labels(request, value);
    if (name == "what") value = told_entries(request, value);
  }
  return site::tr(request, error.text, arguments);
}

std::vector<site::Fault> faults_of(const web::Request& request, const FormState& form) {
  std::vector<site::Fault> faults;
  const auto add_row = [&](const RowState& row, const std::string& prefix, const std::string& before) {
    for (const db::FieldError& error : row.errors) faults.push_back({"", before + text_of(request, error)});
    for (const FieldState& field : row.fields) {
      for (const db::FieldError& error : field.errors)
        faults.push_back({prefix + field.plan.name, before + summary_text(request, field.plan, error)});
    }
  };
  add_row(form.main, "", "");
  for (const InlineState& inlined : form.inlines) {
    for (std::size_t i = 0; i < inlined.rows.size(); ++i) {
      const std::string title =
          site::tr(request, inlined.is_single() ? inlined.model->one() : inlined.model->many());
      const std::string before = inlined.is_single()
                                     ? title + ": "
                                     : site::tr(request, message("{title}, row {n}: "),
                                                {{"title", title}, {"n", std::to_string(i + 1)}});
      add_row(inlined.rows[i], field_prefix(inlined, i), before);
    }
  }
  return faults;
}

Value form_value(const Site& site, const web::Request& request, const FormState& form) {
  return Shaping(site, request, form).form();
}

}  // namespace plenary::admin
