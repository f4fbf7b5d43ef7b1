// What `plenary check` says of the credentials of each conference: which are used and from where, whether
// they can be opened and make sense; asked online, whether Stripe and Pretalx accept them. Never a value, at
// most its last four characters. Blocking. Errors: db::DatabaseError. source: configuration 10, 2.7 and Do
// better 8.
#pragma once

#include "cli/findings.hpp"
#include "db/database.hpp"
#include "net/http_client.hpp"

namespace plenary::cli {

// `client` null: nobody is asked. The schema of `database` is up to date.
void check_credentials(const config::Settings& settings, db::Database& database, net::HttpClient* client,
                       Findings& findings);

}  // namespace plenary::cli
