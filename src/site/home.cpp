// The front page and a conference's own home page.
#include "site/campaign.hpp"
#include "site/pages.hpp"
#include "templating/fields.hpp"
#include "web/services.hpp"
#include "web/static_files.hpp"

namespace plenary::site {
namespace {

using conference::ListedConference;
using templating::Value;

constexpr templating::Field<ListedConference> listed_fields[] = {
    {"name", [](const ListedConference& c) { return Value::borrowed(c.name); }},
    {"slug", [](const ListedConference& c) { return Value::borrowed(c.slug); }},
    {"start_date", [](const ListedConference& c) { return Value(c.start_date); }},
    {"end_date", [](const ListedConference& c) { return Value(c.end_date); }},
    {"venue", [](const ListedConference& c) { return Value::borrowed(c.venue); }},
};

}  // namespace

// source: ground rules 15, 1.4.
Task<web::Response> show_conferences(Site& site, web::Request& request) {
  auto fn = [](db::Tx& tx) { return conference::list_active(tx); };
  const std::vector<ListedConference> listed = co_await site.db.read(fn);
  if (listed.size() == 1) {
    remember_campaign(site, request);  // the address it goes on to no longer says it
    co_return web::Response::redirect(site.router->url("site:conference", {listed.front().slug}));
  }
  Page page(site, request, "django_program/conference_list.html");
  page.set("conferences", view_each(listed, listed_fields));
  co_return page.html();
}

Task<web::Response> show_conference(Site& site, web::Request& request) {
  Page page(site, request, "django_program/home.html");
  co_return page.html();
}

// Apple's proof that this domain may offer its wallet: a file of that name in [server] static_dir. source:
// payments 21, P32.
Task<web::Response> show_wallet_domain(Site&, web::Request& request) {
  const web::StaticFiles* files = request.services().static_files;
  const auto bytes = files ? files->bytes("apple-developer-merchantid-domain-association") : std::nullopt;
  if (!bytes) throw NotFound("there is no file for Apple's wallet");
  co_return web::Response::text(*bytes);
}

}  // namespace plenary::site
