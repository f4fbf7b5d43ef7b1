// The form of a page as a browser holds it: every control with its value, what is ticked, what is chosen.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "admin/back_office.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::admin::testing {

inline std::string without_entities(std::string text) {
  for (const auto& [from, to] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#x27;", "'"}, {"&amp;", "&"}}) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at)
      text.replace(at, std::string_view(from).size(), to);
  }
  return text;
}

inline std::string attribute_of(std::string_view tag, std::string_view name) {
  const std::string start = " " + std::string(name) + "=\"";
  const std::size_t at = tag.find(start);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + start.size();
  return without_entities(std::string(tag.substr(from, tag.find('"', from) - from)));
}

class PageForm {
 public:
  // The form that is sent to `action`. A test failure when there is none.
  PageForm(const HttpResponse& page, std::string_view action) {
    const std::string& html = page.body;
    for (std::size_t at = 0; (at = html.find("<form", at)) != std::string::npos; ++at) {
      const std::size_t end = html.find("</form>", at);
      if (attribute_of(tag_at(html, at), "action") != action) continue;
      read(std::string_view(html).substr(at, end - at));
      found_ = true;
      return;
    }
    ADD_FAILURE() << page.status << ": no form for " << action << " in\n" << html.substr(0, 4000);
  }

  bool found() const { return found_; }
  bool has(std::string_view name) const {
    return std::any_of(fields_.begin(), fields_.end(), [&](const auto& f) { return f.first == name; });
  }
  // The last one counts, as on the server.
  std::string get(std::string_view name) const {
    const auto last =
        std::find_if(fields_.rbegin(), fields_.rend(), [&](const auto& f) { return f.first == name; });
    return last == fields_.rend() ? "(none)" : last->second;
  }
  PageForm& set(const std::string& name, std::string value) {
    clear(name);
    fields_.emplace_back(name, std::move(value));
    return *this;
  }
  PageForm& add(const std::string& name, std::string value) {
    fields_.emplace_back(name, std::move(value));
    return *this;
  }
  PageForm& clear(std::string_view name) {
    std::erase_if(fields_, [&](const auto& f) { return f.first == name; });
    return *this;
  }
  const Fields& fields() const { return fields_; }

 private:
  static std::string_view tag_at(std::string_view html, std::size_t at) {
    return html.substr(at, html.find('>', at) - at);
  }

  void read(std::string_view html) {
    for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
      const std::string_view tag = tag_at(html, at);
      const std::string name = attribute_of(tag, "name");
      if (name.empty()) continue;
      if (tag.starts_with("<input")) {
        const bool ticks = attribute_of(tag, "type") == "checkbox" || attribute_of(tag, "type") == "radio";
        if (!ticks || tag.find(" checked") != std::string_view::npos)
          fields_.emplace_back(name, attribute_of(tag, "value"));
      } else if (tag.starts_with("<textarea")) {
        // The first line break belongs to the markup.
        const std::size_t from = at + tag.size() + 2;
        fields_.emplace_back(
            name, without_entities(std::string(html.substr(from, html.find("</textarea>", at) - from))));
      } else if (tag.starts_with("<select")) {
        const std::string_view inside = html.substr(at, html.find("</select>", at) - at);
        std::string chosen;
        bool first = true;
        for (std::size_t o = 0; (o = inside.find("<option", o)) != std::string_view::npos; ++o) {
          const std::string_view option = tag_at(inside, o);
          if (first || option.find(" selected") != std::string_view::npos)
            chosen = attribute_of(option, "value");
          first = false;
        }
        fields_.emplace_back(name, chosen);
      }
    }
  }

  Fields fields_;
  bool found_ = false;
};

// Opening, filling in and sending the forms of one browser.
class FormTest : public AdminTest {
 protected:
  static std::string add_address(std::string_view entity) {
    return "/admin/" + std::string(entity) + "/add/";
  }
  PageForm open_add(Buyer& who, std::string_view entity, const std::string& query = {}) {
    return PageForm(who.get(add_address(entity) + query), add_address(entity));
  }
  PageForm open_change(Buyer& who, std::string_view entity, std::int64_t id) {
    const std::string path = address(entity, id, "change");
    return PageForm(who.get(path), path);
  }
  static HttpResponse send(Buyer& who, const std::string& path, const PageForm& form) {
    return who.post(path, form.fields());
  }
  HttpResponse send_change(Buyer& who, std::string_view entity, std::int64_t id, const PageForm& form) {
    return send(who, address(entity, id, "change"), form);
  }
  HttpResponse send_add(Buyer& who, std::string_view entity, const PageForm& form) {
    return send(who, add_address(entity), form);
  }
  std::string text(const char* sql) {
    return db().read_now([&](db::Tx& tx) { return tx.one<std::string>(sql); });
  }
  // "Price: $100.00 → $12.00; …" of the newest entry about a row of that table.
  std::string recorded(const std::string& table) {
    return db().read_now([&](db::Tx& tx) {
      const auto entries =
          conference::audit_entry_table().select(tx, "WHERE entity = $1 ORDER BY id DESC LIMIT 1", table);
      std::string line;
      if (entries.empty()) return std::string("nothing");
      const auto entry = conference::find_entry(tx, entries[0].id).value();
      for (const auto& change : conference::changes_of(entry))
        line += change.label + ": " + change.old_text + " → " + change.new_text + "; ";
      return entry.actor + ": " + line;
    });
  }
};

inline const std::string conferences = "program_conference/conference";
inline const std::string sections = "program_conference/section";
inline const std::string flags = "program_conference/featureflags";
inline const std::string consents = "program_conference/consenttext";
inline const std::string ticket_types = "program_registration/tickettype";
inline const std::string addons = "program_registration/addon";

}  // namespace plenary::admin::testing
