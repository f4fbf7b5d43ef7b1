// What a field is edited with, as HTML. Every text from outside goes through html_escape.
#include <algorithm>

#include <fmt/format.h>

#include "admin/form_values.hpp"
#include "admin/links.hpp"
#include "admin/permissions.hpp"
#include "admin/secrets.hpp"
#include "base/text.hpp"
#include "domain/conference/features.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, html_escape(value));
}

class Control {
 public:
  Control(const Site& site, const web::Request& request, const FieldState& field, const ControlPlace& place)
      : site_(site), request_(request), field_(field), place_(place) {}

  std::string html() const {
    switch (field_.plan.widget) {
      case Widget::paragraph:
        return paragraph();
      case Widget::flag:
        return checkbox();
      case Widget::optional_flag:
        return select({{"", tr(message("Not said"))}, {"1", tr(message("Yes"))}, {"0", tr(message("No"))}});
      case Widget::toggle:
        return toggle();
      case Widget::choice:
        return select(choices());
      case Widget::reference:
        return field_.searches ? search(field_.typed) : select(references());
      case Widget::link:
        return links();
      case Widget::secret:
        return secret();
      default:
        return input();
    }
  }

 private:
  std::string tr(std::string_view text) const { return site::tr(request_, text); }

  // Name, id and what a screen reader tells with it.
  std::string attributes(std::string_view id = {}) const {
    std::string out = attribute("name", place_.name);
    out += attribute("id", id.empty() ? control_id(place_.name) : std::string(id));
    if (field_.plan.required && !field_.plan.derived) out += " aria-required=\"true\"";
    if (!field_.errors.empty()) out += " aria-invalid=\"true\"";
    if (!place_.described_by.empty()) out += attribute("aria-describedby", place_.described_by);
    return out;
  }

  std::string paragraph() const {
    const int limit = field_.plan.column->max_length;
    std::string out = "<textarea class=\"form-control\" rows=\"5\"" + attributes();
    if (limit > 0) out += attribute("maxlength", std::to_string(limit));
    return out + ">\n" + html_escape(field_.typed) + "</textarea>";
  }

  // The hidden value says that the box was there: unticked is something else than left out.
  std::string checkbox() const {
    return "<input type=\"hidden\"" + attribute("name", place_.name) + " value=\"0\">" +
           "<input class=\"form-check-input\" type=\"checkbox\" value=\"1\"" + attributes() +
           (field_.typed == "1" ? " checked>" : ">");
  }

  std::string toggle() const {
    const bool inherited = site_.features[feature()];
    return select({{"", inherited ? tr(message("Default (enabled)")) : tr(message("Default (disabled)"))},
                   {"1", tr(message("Yes – force ON"))},
                   {"0", tr(message("No – force OFF"))}});
  }
  conference::Feature feature() const {
    for (const conference::Feature one : conference::all_features()) {
      if (conference::feature_key(one) == field_.plan.name) return one;
    }
    throw std::logic_error("no feature " + field_.plan.name);
  }

  std::vector<Option> choices() const {
    const db::Column& column = *field_.plan.column;
    std::vector<Option> options;
    if (column.nullable || (column.type == db::ColumnType::text && !column.is_required))
      options.push_back({"", "—"});
    for (const db::Choice& choice : column.choices)
      options.push_back({std::string(choice.value), choice_label(request_, choice)});
    return options;
  }

  std::vector<Option> references() const {
    std::vector<Option> options;
    if (field_.plan.column->nullable || field_.typed.empty())
      options.push_back({"", field_.plan.required ? tr(message("Choose …")) : "—"});
    options.insert(options.end(), field_.options.begin(), field_.options.end());
    return options;
  }

  std::string select(const std::vector<Option>& options) const {
    std::string out = "<select class=\"form-select\"" + attributes() + ">";
    bool found = false;
    for (const Option& option : options) {
      const bool chosen = option.value == field_.typed && !found;
      found |= chosen;
      out += "<option" + attribute("value", option.value) + (chosen ? " selected>" : ">") +
             html_escape(option.label) + "</option>";
    }
    // What was typed and is no choice stays in sight.
    if (!found && !field_.typed.empty())
      out += "<option selected" + attribute("value", field_.typed) + ">" + html_escape(field_.typed) +
             "</option>";
    return out + "</select>";
  }

  std::string search(std::string_view value, bool adds = false) const {
    const std::string id = control_id(place_.name);
    if (!Access(person_of(request_), *field_.other).somewhere(Right::view))
      return "<input class=\"form-control\" type=\"text\" autocomplete=\"off\"" + attribute("value", value) +
             (adds ? attribute("data-adds", place_.name) : "") +
             attribute("placeholder", tr(message("The whole name or address"))) +
             attributes(adds ? id + "_add" : std::string()) + ">";
    std::string url = choices_url(*field_.other);
    if (place_.conference) url += fmt::format("?conference={}", *place_.conference);
    return "<input class=\"form-control\" type=\"text\" autocomplete=\"off\"" + attribute("value", value) +
           attribute("list", id + "_list") + attribute("data-choices", url) +
           (adds ? attribute("data-adds", place_.name) : "") +
           attribute("placeholder", tr(message("Number or name"))) +
           attributes(adds ? id + "_add" : std::string()) + "><datalist" + attribute("id", id + "_list") +
           "></datalist>";
  }

  // Rights by subject, those of pages first; every one of them stands there, without script.
  std::string permissions() const {
    const std::vector<std::string> chosen = keys_in(field_.typed);
    std::vector<std::string> left = chosen;
    std::string out = "<input type=\"hidden\"" + attribute("name", place_.name) + " value=\"\">";
    bool first = true;
    const auto box = [&](const std::string& id, bool is_chosen) {
      const std::string control = first ? control_id(place_.name) : control_id(place_.name) + "_" + id;
      first = false;
      out += "<div class=\"form-check\"><input class=\"form-check-input\" type=\"checkbox\"" +
             attribute("name", place_.name) + attribute("value", id) + attribute("id", control) +
             (is_chosen ? " checked> " : "> ") + "<label class=\"form-check-label\"" +
             attribute("for", control) + ">" + html_escape(permission_label(request_, id)) + "</label></div>";
    };
    for (const PermissionArea& area : permission_areas()) {
      out += "<fieldset class=\"permissions\"><legend>" + html_escape(tr(area.title)) +
             "</legend><div class=\"picks\">";
      for (const KnownPermission& known : area.permissions) {
        const bool is_chosen = std::find(chosen.begin(), chosen.end(), known.id) != chosen.end();
        box(known.id, is_chosen);
        std::erase(left, known.id);
      }
      out += "</div></fieldset>";
    }
    // Of a build that knew more.
    if (left.empty()) return out;
    out += "<fieldset class=\"permissions\"><legend>" + html_escape(tr(message("Unknown here"))) +
           "</legend><div class=\"picks\">";
    for (const std::string& id : left) box(id, true);
    return out + "</div></fieldset>";
  }

  std::string links() const {
    if (field_.plan.link->permissions) return permissions();
    const std::vector<std::string> chosen = keys_in(field_.typed);
    std::string out = "<input type=\"hidden\"" + attribute("name", place_.name) + " value=\"\">";
    bool first = true;
    out += "<div class=\"picks\">";
    for (const Option& option : field_.options) {
      const std::string id = first ? control_id(place_.name) : control_id(place_.name) + "_" + option.value;
      first = false;
      const bool is_chosen = std::find(chosen.begin(), chosen.end(), option.value) != chosen.end();
      out += "<div class=\"form-check\"><input class=\"form-check-input\" type=\"checkbox\"" +
             attribute("name", place_.name) + attribute("value", option.value) + attribute("id", id) +
             (is_chosen ? " checked> " : "> ") + "<label class=\"form-check-label\"" + attribute("for", id) +
             ">" + html_escape(option.label) + "</label></div>";
    }
    out += "</div>";
    if (field_.searches) {
      out += "<label class=\"form-label\"" + attribute("for", control_id(place_.name) + "_add") + ">" +
             html_escape(tr(message("Add another"))) + "</label>" + search("", true);
    } else if (field_.options.empty()) {
      out += "<p class=\"text-soft\">" + html_escape(tr(message("There is nothing to choose from yet."))) +
             "</p>";
    }
    return out;
  }

  std::string secret() const {
    std::string out =
        "<input class=\"form-control\" type=\"password\" autocomplete=\"off\" value=\"\"" + attributes();
    if (field_.has_secret) out += attribute("placeholder", secret_placeholder);
    out += attribute("maxlength", std::to_string(field_.plan.secret->max_length)) + ">";
    if (!field_.has_secret) return out;
    const std::string id = control_id(place_.name) + "_do";
    out += "<label class=\"visually-hidden\"" + attribute("for", id) + ">" +
           html_escape(site::tr(request_, message("What to do with {label}"),
                                {{"label", site::tr(request_, field_.plan.label)}})) +
           "</label><select class=\"form-select secret-order\"" + attribute("name", place_.name + "_do") +
           attribute("id", id) + ">";
    for (const auto& [value, label] : {std::pair{"keep", message("Keep what is stored")},
                                       std::pair{"replace", message("Replace it with what is typed")},
                                       std::pair{"clear", message("Remove what is stored")}}) {
      const bool chosen =
          field_.order == value || (field_.order == "both" && value == std::string_view("clear"));
      out += std::string("<option value=\"") + value + (chosen ? "\" selected>" : "\">") +
             html_escape(tr(label)) + "</option>";
    }
    return out + "</select>";
  }

  // A browser shows nothing of a day that is none: then it is a plain text, so that what was typed stays.
  std::string input_type() const {
    if (field_.plan.widget == Widget::email) return "email";
    if (field_.plan.widget == Widget::url) return "url";
    if (field_.plan.widget != Widget::date && field_.plan.widget != Widget::instant) return "text";
    const std::shared_ptr<void> row = place_.model->table->create();
    const bool readable = field_.typed.empty() ||
                          !put(field_.plan, row.get(), normal(field_.plan, field_.typed), *place_.terms);
    if (!readable) return "text";
    return field_.plan.widget == Widget::date ? "date" : "datetime-local";
  }

  std::string input() const {
    const Widget widget = field_.plan.widget;
    const std::string type = input_type();
    std::string out = "<input class=\"form-control" + std::string(is_short() ? " short" : "") + "\"" +
                      attribute("type", type) + attribute("value", field_.typed) + attributes();
    if (widget == Widget::integer) out += " inputmode=\"numeric\"";
    if (widget == Widget::money || widget == Widget::decimal) out += " inputmode=\"decimal\"";
    if (type == "datetime-local" && field_.typed.size() > std::string_view("2027-05-14T09:00").size())
      out += " step=\"1\"";
    const db::Column& column = *field_.plan.column;
    if (type != "date" && type != "datetime-local" && column.type == db::ColumnType::text &&
        column.max_length > 0)
      out += attribute("maxlength", std::to_string(column.max_length));
    if (widget == Widget::slug || widget == Widget::url || widget == Widget::email)
      out += " autocapitalize=\"none\" spellcheck=\"false\"";
    if (!place_.source_id.empty()) out += attribute("data-slug-from", place_.source_id);
    return out + " autocomplete=\"off\">";
  }
  bool is_short() const {
    const Widget widget = field_.plan.widget;
    return widget == Widget::integer || widget == Widget::money || widget == Widget::decimal ||
           widget == Widget::date || widget == Widget::instant;
  }

  const Site& site_;
  const web::Request& request_;
  const FieldState& field_;
  const ControlPlace& place_;
};

}  // namespace

std::string control_id(std::string_view name) {
  return "id_" + std::string(name);
}

std::string control_html(const Site& site, const web::Request& request, const FieldState& field,
                         const ControlPlace& place) {
  return Control(site, request, field, place).html();
}

}  // namespace plenary::admin
