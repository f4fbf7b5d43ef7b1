// Where a visitor came from: utm_source, utm_medium and utm_campaign of the first conference page that was
// opened, kept in a signed cookie for 30 days and copied to the order. Nothing is written to the database for
// a visit. What a hostile address carries is cut and cleaned; a forged cookie counts as none. One request,
// its thread. source: registration 20, D19.
#pragma once

#include <string>
#include <string_view>

#include "domain/registration/checkout.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"

namespace plenary::site {

// Sends the cookie with the answer when the address names a campaign and none is kept yet.
void remember_campaign(const Site& site, web::Request& request);
// What is kept; empty texts without a cookie of ours.
registration::Campaign kept_campaign(const Site& site, const web::Request& request);

// At most 200 characters, no control characters; empty for what is no UTF-8.
std::string campaign_text(std::string_view typed);

}  // namespace plenary::site
