// Carries out the operations of the API: who calls, what is sent, the call itself in one transaction, and its
// answer; a problem of whatever kind as problem+json. Knows no socket and no page, so that it runs in front
// of a server, a test and the fuzzer alike. Threads: shared by all; a call runs on the thread of its request.
// source: docs/api.md; RFC 9457; docs/transactions.md.
#pragma once

#include <string>
#include <vector>

#include "api/operations.hpp"
#include "api/seen_tokens.hpp"
#include "api/token_rates.hpp"
#include "base/task.hpp"
#include "db/database.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::api {

// The operations at one address.
struct Endpoint {
  std::string path;  // below /api/v1
  std::vector<const Operation*> operations;
  web::Methods methods() const;
  bool is_open() const;  // other sites' pages may call it
};
const std::vector<Endpoint>& endpoints();

class Service {
 public:
  // `seen`: hears which token was used; may be null.
  Service(db::Database& db, Parts parts, SeenTokens* seen);

  // `network`: whose the request is, for limits.
  Task<web::Response> answer(const Endpoint& endpoint, web::Request& request, std::string network);

 private:
  Task<web::Response> perform(const Operation& operation, web::Request& request, const std::string& network);
  void find_out_who(Call& call, db::Tx& tx) const;
  void find_conference(Call& call, db::Tx& tx) const;
  Answer act(Call& call, db::Tx& tx, const std::string& caller, const std::string& request_hash) const;

  db::Database& db_;
  Parts parts_;
  SeenTokens* seen_;
  TokenRates rates_;
};

// The parts of reading a call that look at nothing but its bytes; all problems are added to `faults`.
Json read_query(const Operation& operation, const web::Request& request, Faults& faults);
// Throws Problem for what is no JSON at all (400) or of another kind (415).
Json read_body(const Operation& operation, const web::Request& request, Faults& faults);
// Takes the values out of the body that the faults are about; the others keep their places.
void take_out(Json& body, const Faults& faults);
std::string read_idempotency_key(const web::Request& request, Faults& faults);
// Of "Authorization: Bearer …"; empty: none. Problem (401) for another scheme.
std::string_view bearer_of(const web::Request& request);

}  // namespace plenary::api
