// The tick boxes of the review step and what was agreed to on the order's page. The boxes carry the version
// of the text that was shown, are never ticked beforehand, and stay ticked when the page is shown again. One
// request, its thread. source: ground rules 15, 3.3 and 4.1; registration 20, D36.
#pragma once

#include <span>
#include <vector>

#include "domain/registration/consents.hpp"
#include "site/page.hpp"
#include "site/visit.hpp"
#include "templating/value.hpp"
#include "web/form_data.hpp"
#include "web/request.hpp"

namespace plenary::site {

// What the form ticks.
std::vector<registration::GivenConsent> given_consents(const web::FormData& form,
                                                       std::span<const registration::AskedConsent> asked);

// For the error summary: each problem with the box it leads to.
std::vector<Fault> consent_faults(const web::Request& request,
                                  std::span<const registration::AskedConsent> asked,
                                  std::span<const registration::GivenConsent> given);

// `consents` of the review page, for django_program/includes/consents.html: slug, field, text, version,
// is_required, is_checked, error, link (url, is_external; or nothing). With `checked`: the page is shown
// again, and what is wrong stands beside its box.
templating::Value consents_value(const Site& site, const web::Request& request, const Visit& visit,
                                 std::span<const registration::GivenConsent> given, bool checked);

// `given_consents` of an order's page, for django_program/includes/given_consents.html: slug, text, given_at,
// version (none of the terms, whose number says nothing to people), has_changed (the terms are others today).
templating::Value given_consents_value(const web::Request& request, const Visit& visit,
                                       const std::vector<registration::KeptConsent>& kept);

}  // namespace plenary::site
