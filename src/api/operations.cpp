#include "api/operations.hpp"

#include <iterator>

#include "base/codes.hpp"

namespace plenary::api {

namespace {

constexpr std::int64_t usual_limit = 50, largest_limit = 200;

}  // namespace

bool Call::may(std::string_view permission) const {
  if (!conference || !token) return false;
  return rights.is_superuser() || rights.full_access(conference->id) ||
         rights.may(permission, conference->id);
}

std::int64_t Call::limit() const {
  const Json* asked_for = query.find("limit");
  return asked_for ? asked_for->integer() : usual_limit;
}

registration::Visitor Call::visitor() const {
  registration::Visitor visitor;
  visitor.conference_id = conference->id;
  visitor.session_hash = cart_session;
  // A program that sells to many is limited as a program, not as one network.
  if (!(token && token->token.has_scope("carts") && rights.any_role_in(conference->id)))
    visitor.network = network;
  return visitor;
}

conference::Actor Call::actor() const {
  conference::Actor actor;
  if (token) {
    actor.user_id = token->token.user_id;
    actor.name = token->owner_name;
  }
  actor.source = "api";
  actor.address = std::string(request.client_address());
  return actor;
}

Shape Operation::query_shape() const {
  std::vector<Field> fields = query;
  if (is_paged) {
    fields.push_back(
        optional("after", Shape::text(100), "Goes on behind this one: from the Link of a page."));
    fields.push_back(
        optional("limit", Shape::integer(1, largest_limit), "How many at most; 50 if not given."));
  }
  return Shape::object("", std::move(fields));
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = [] {
    std::vector<Operation> list;
    for (auto* more :
         {shop_operations, cart_operations, order_operations, order_change_operations, refund_operations,
          voucher_operations, condition_operations, waiting_operations, change_operations}) {
      std::vector<Operation> some = more();
      list.insert(list.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    }
    return list;
  }();
  return all;
}

std::string cart_session_of(std::string_view secret) {
  // Not what a browser's cookie of the same text would be known by.
  return token_hash("api cart\n" + std::string(secret));
}

std::string address_of(const Call& call, std::string_view below) {
  return call.parts.public_url + "/api/v1/conferences/" + call.conference->slug + std::string(below);
}

}  // namespace plenary::api
