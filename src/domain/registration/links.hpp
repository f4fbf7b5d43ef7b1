// The secret halves of addresses that open an order or a seat without signing in. Each is derived with the
// server's key from what it opens and a version in its row, 256 bits long; the rows hold no token, so mail
// can be rendered at any time and a link is made void by raising the version. Any thread. source: ground
// rules 15, 2.4; registration 20, D29 and D33.
#pragma once

#include <string>
#include <string_view>

#include "base/signing.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

std::string order_link_token(const SigningKey& key, std::string_view reference, std::int64_t link_version);
// What orders.secret_token_hash holds.
std::string order_link_hash(const SigningKey& key, std::string_view reference, std::int64_t link_version);

std::string seat_link_token(const SigningKey& key, Id seat_id, std::int64_t link_version);
// Same time whatever differs.
bool is_seat_link(const SigningKey& key, Id seat_id, std::int64_t link_version, std::string_view token);

// Of an entry of the waiting list: to see its place, take its offer, leave.
std::string waiting_link_token(const SigningKey& key, Id entry_id, std::int64_t link_version);
bool is_waiting_link(const SigningKey& key, Id entry_id, std::int64_t link_version, std::string_view token);

}  // namespace plenary::registration
