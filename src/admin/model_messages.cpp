#include "admin/model_messages.hpp"

#include <map>
#include <set>
#include <string_view>

#include "admin/model.hpp"

namespace plenary::admin {
namespace {

class Messages {
 public:
  // `place` says to translators where a text belongs.
  void add(std::string_view text, const std::string& place) {
    if (!text.empty()) texts_[std::string(text)].insert(place);
  }

  void add(const Model& model) {
    const std::string place = "entities/" + model.name;
    for (const std::string* text : {&model.one(), &model.many(), &model.search_help, &model.locked_because}) {
      add(*text, place);
    }
    add(*model.table, place);
    for (const ListColumn& column : model.columns) add(column.label, place);
    add(model.groups, place);
    for (const Link& link : model.links) {
      add(link.label, place);
      add(link.help, place);
    }
    for (const SecretField& secret : model.secrets) {
      add(secret.label, place);
      add(secret.help, place);
    }
    for (const Inline& inlined : model.inlines) {
      add(inlined.title, place);
      add(inlined.groups, place);
    }
    for (const Action& action : model.actions) {
      add(action.label, place);
      add(action.confirmation, place);
    }
  }

  std::string pot() const {
    std::string out;
    for (const auto& [text, places] : texts_) {
      for (const std::string& place : places) out += "#: " + place + "\n";
      out += "msgid " + quoted(text) + "\nmsgstr \"\"\n\n";
    }
    return out;
  }

 private:
  void add(const db::Table& table, const std::string& place) {
    for (const db::Column& column : table.columns()) {
      if (column.is_secret) continue;
      add(column.label, place);
      add(column.help, place);
      for (const db::Choice& choice : column.choices) add(choice.label, place);
    }
    for (const db::Unique& unique : table.rules().uniques) add(unique.message, place);
    for (const db::RowRule& rule : table.rules().rules) add(rule.message, place);
  }

  void add(const std::vector<FieldGroup>& groups, const std::string& place) {
    for (const FieldGroup& group : groups) {
      add(group.title, place);
      add(group.description, place);
    }
  }

  static std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return out + '"';
  }

  std::map<std::string, std::set<std::string>> texts_;
};

}  // namespace

std::string model_messages() {
  Messages messages;
  for (const Area& area : areas()) {
    messages.add(area.title, "entities/" + area.name);
    for (const Model* model : area.models) messages.add(*model);
  }
  return messages.pot();
}

}  // namespace plenary::admin
