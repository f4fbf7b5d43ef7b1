// A person's tokens for programs that call the API: made and revoked by their owner alone, after fresh proof,
// and shown once. Runs on the request's thread. source: docs/api.md; ground rules 15, 5.2.
#pragma once

#include "site/page_table.hpp"

namespace plenary::admin {

void add_api_tokens(site::PageTable& table);

}  // namespace plenary::admin
