#include "hotels.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hotels {
namespace {

using plenary::Task;
using plenary::site::Page;
using plenary::site::PageTable;
using plenary::site::Site;
using plenary::templating::Context;
using plenary::templating::Field;
using plenary::templating::Value;
using plenary::web::Method;
using plenary::web::Request;
using plenary::web::Response;

struct Hotel {
  std::string slug, name, about;
  int minutes_on_foot;
  std::int64_t night;  // in minor units of the configured currency
};

const std::vector<Hotel> all{
    {"harbour", "Harbour House", "Quiet rooms over the water; breakfast from six.", 4, 124'00},
    {"observatory", "Observatory Inn", "The hill behind the venue, with a view that pays for the climb.", 11,
     98'00},
    {"tram", "Tram Depot Hostel", "Dormitories and doubles in the old depot. The tram stops at the venue.",
     25, 39'00},
};

std::string price(const Hotel& hotel, const Request& request) {
  const auto config = plenary::get_config();
  return plenary::site::price_text(request, hotel.night, config->currency,
                                   config->symbol_for(config->currency));
}

Value value_of(const Hotel& hotel, const Request& request) {
  return Value::dict({{"slug", Value::borrowed(hotel.slug)},
                      {"name", Value::borrowed(hotel.name)},
                      {"about", Value::borrowed(hotel.about)},
                      {"minutes_on_foot", hotel.minutes_on_foot},
                      {"price", price(hotel, request)}});
}

// Its guard stands in the table below: the page is never asked while a feature is off.
Task<Response> show_list(Site& site, Request& request) {
  std::vector<Value> values;
  for (const Hotel& hotel : all) values.push_back(value_of(hotel, request));
  Page page(site, request, "hotels/list.html");
  page.set("hotels", Value::list(std::move(values)));
  co_return page.html();
}

// A handler may ask by itself: 404 where the feature is off, or where there is no such hotel.
Task<Response> show_hotel(Site& site, Request& request) {
  plenary::require_feature("registration", request);
  for (const Hotel& hotel : all) {
    if (hotel.slug != request.param("hotel")) continue;
    Page page(site, request, "hotels/detail.html");
    page.set("hotel", value_of(hotel, request));
    co_return page.html();
  }
  throw plenary::NotFound("no such hotel");
}

void add_pages(PageTable& pages) {
  pages.add("hotels:list", "/{conference}/hotels/", Method::get,
            plenary::web::features({"registration", "public_ui"}), show_list);
  pages.add("hotels:detail", "/{conference}/hotels/{hotel:slug}/", Method::get,
            plenary::web::features({"public_ui"}), show_hotel);
}

// On every page, beside program_features.
void add_variables(const Request& request, Context& context) {
  context.set("hotel_count", all.size());
  context.set("can_book", plenary::is_feature_enabled("registration", request));
}

}  // namespace

plenary::Extensions extensions() {
  plenary::Extensions extensions;
  extensions.add_pages(add_pages);
  extensions.add_context(add_variables);
  extensions.add_templates_folder(HOTELS_TEMPLATES);
  return extensions;
}

}  // namespace hotels
