#include "support/vies_stand_in.hpp"

#include <map>
#include <string_view>

namespace plenary::test {
namespace {

// A member of a flat JSON object that the client wrote.
std::string member(std::string_view body, std::string_view name) {
  const std::string start = "\"" + std::string(name) + "\":\"";
  const std::size_t at = body.find(start);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + start.size();
  return std::string(body.substr(from, body.find('"', from) - from));
}

StandInReply json(int status, std::string body) {
  StandInReply reply;
  reply.status = status;
  reply.headers = {{"Content-Type", "application/json"}};
  reply.body = std::move(body);
  return reply;
}

StandInReply failed(int status, const std::string& error) {
  return json(status, R"({"actionSucceed":false,"errorWrappers":[{"error":")" + error + R"("}]})");
}

std::string answer(const std::string& state, const std::string& number, bool valid, bool with_requester) {
  const std::string name = valid ? "EXEMPLE SARL" : "---";
  const std::string address = valid ? "\\n1 RUE DE LA PAIX\\n75002 PARIS\\n" : "---";
  return R"({"countryCode":")" + state + R"(","vatNumber":")" + number +
         R"(","requestDate":"2027-05-14T09:00:00.000Z","valid":)" + (valid ? "true" : "false") +
         R"(,"requestIdentifier":")" + (with_requester ? "WAPIAAAAYo2vZ7Tq" : "") + R"(","name":")" + name +
         R"(","address":")" + address +
         R"(","traderName":"---","traderStreet":"---","traderPostalCode":"---","traderCity":"---",)"
         R"("traderCompanyType":"---","traderNameMatch":"NOT_PROCESSED"})";
}

StandInReply reply_to(const StandInRequest& request) {
  if (request.method != "POST" || request.target != "/rest-api/check-vat-number")
    return failed(404, "NOT_FOUND");
  const std::string state = member(request.body, "countryCode"), number = member(request.body, "vatNumber");
  const bool with_requester = !member(request.body, "requesterNumber").empty();
  if (state != "DE")
    return json(200,
                answer(state, number, number.find_first_not_of('0') != std::string::npos, with_requester));
  static const std::map<std::string, std::string> errors = {{"000000001", "MS_UNAVAILABLE"},
                                                            {"000000002", "SERVICE_UNAVAILABLE"},
                                                            {"000000003", "MS_MAX_CONCURRENT_REQ"},
                                                            {"000000004", "TIMEOUT"},
                                                            {"000000005", "GLOBAL_MAX_CONCURRENT_REQ"},
                                                            {"000000011", "INVALID_INPUT"}};
  if (const auto found = errors.find(number); found != errors.end())
    return failed(number == "000000011" ? 400 : 200, found->second);
  if (number == "000000006") return json(503, "{}");
  if (number == "000000007") return json(200, "<html><body>Under maintenance</body></html>");
  if (number == "000000008") return json(200, R"({"countryCode":"DE","vatNumber":"000000008"})");
  if (number == "000000009") return json(200, answer("DE", "123456789", true, false));
  StandInReply reply;
  if (number == "000000010") {
    reply.drops = true;
    return reply;
  }
  // As the older half of the service tells it: not valid, with the reason beside it.
  if (number == "000000012")
    return json(200,
                R"({"countryCode":"DE","vatNumber":"000000012","valid":false,"userError":"MS_UNAVAILABLE"})");
  if (number == "999999999") {
    reply.silent = true;
    return reply;
  }
  return json(200, answer(state, number, true, with_requester));
}

}  // namespace

ViesStandIn::ViesStandIn() : server_(reply_to) {}

}  // namespace plenary::test
