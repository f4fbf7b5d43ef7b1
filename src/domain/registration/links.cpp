#include "domain/registration/links.hpp"

#include <fmt/format.h>

#include "base/codes.hpp"

namespace plenary::registration {
namespace {

std::string seat_text(Id seat_id, std::int64_t link_version) {
  return fmt::format("seat.{}.{}", seat_id, link_version);
}

std::string waiting_text(Id entry_id, std::int64_t link_version) {
  return fmt::format("waiting.{}.{}", entry_id, link_version);
}

}  // namespace

std::string order_link_token(const SigningKey& key, std::string_view reference, std::int64_t link_version) {
  return key.mac(fmt::format("order.{}.{}", reference, link_version));
}

std::string order_link_hash(const SigningKey& key, std::string_view reference, std::int64_t link_version) {
  return token_hash(order_link_token(key, reference, link_version));
}

std::string seat_link_token(const SigningKey& key, Id seat_id, std::int64_t link_version) {
  return key.mac(seat_text(seat_id, link_version));
}

bool is_seat_link(const SigningKey& key, Id seat_id, std::int64_t link_version, std::string_view token) {
  return key.verify(seat_text(seat_id, link_version), token);
}

std::string waiting_link_token(const SigningKey& key, Id entry_id, std::int64_t link_version) {
  return key.mac(waiting_text(entry_id, link_version));
}

bool is_waiting_link(const SigningKey& key, Id entry_id, std::int64_t link_version, std::string_view token) {
  return key.verify(waiting_text(entry_id, link_version), token);
}

}  // namespace plenary::registration
