// The frame of every admin page: title, the way there, and the side bar.
#include <utility>
#include <vector>

#include "admin/access.hpp"
#include "admin/desk.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"

namespace plenary::admin {
namespace {

using templating::Value;

std::string_view param(const web::Request& request, std::string_view name) {
  return request.find_param(name).value_or(std::string_view());
}

// Subjects with their models; empty for whoever may open none of them.
Value areas_value(const web::Request& request) {
  std::vector<Value> list;
  const site::Visit* visit = request.find_context<site::Visit>();
  if (!visit || !visit->rights.any_role()) return Value::list({});
  const Person person = person_of(request);
  const std::string_view here_area = param(request, "area"), here = param(request, "entity");
  for (const Area& area : areas()) {
    if (area.models.empty()) continue;
    std::vector<Value> models;
    for (const Model* model : area.models) {
      const Access access(person, *model);
      if (!access.somewhere(Right::view)) continue;
      models.push_back(Value::dict(
          {{"title", Value(site::tr(request, model->many()))},
           {"url", Value(list_url(*model))},
           {"add_url", model->may_add && access.somewhere(Right::add) ? Value(add_url(*model)) : Value()},
           {"is_current", here_area == area.name && here == model->name}}));
    }
    if (models.empty()) continue;
    list.push_back(Value::dict({{"title", Value(site::tr(request, area.title))},
                                {"name", Value(area.name)},
                                {"url", Value("/admin/" + area.name + "/")},
                                {"is_current", here_area == area.name},
                                {"models", Value::list(std::move(models))}}));
  }
  return Value::list(std::move(list));
}

}  // namespace

void frame(site::Page& page, std::string_view title, const std::vector<Crumb>& crumbs) {
  std::vector<Value> way;
  for (const Crumb& one : crumbs)
    way.push_back(Value::dict({{"label", Value(one.label)}, {"url", Value(one.url)}}));
  page.set("title", Value(title))
      .set("crumbs", Value::list(std::move(way)))
      .set("is_index", page.request().path() == "/admin/")
      .set("areas", areas_value(page.request()));
}

}  // namespace plenary::admin
