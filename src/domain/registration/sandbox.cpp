// The card form played by ourselves: what each test number answers. The table stands in payments.hpp.
#include <fmt/format.h>

#include "domain/registration/payments.hpp"

namespace plenary::registration {
namespace {

std::string digits_of(std::string_view typed) {
  std::string digits;
  for (const char c : typed)
    if (c >= '0' && c <= '9') digits += c;
  return digits;
}

}  // namespace

ChargeAnswer SandboxGateway::charge(const ChargeRequest& request) const {
  ChargeAnswer answer;
  answer.provider_reference = fmt::format("sandbox_{}", request.order_reference);
  const std::string number = digits_of(request.card_number);
  if (number == "4242424242424242") {
    answer.outcome = ChargeOutcome::succeeded;
  } else if (number == "4000002500003155") {
    answer.outcome = request.confirmation == "approve"  ? ChargeOutcome::succeeded
                     : request.confirmation == "refuse" ? ChargeOutcome::declined
                                                        : ChargeOutcome::needs_authentication;
    if (answer.outcome == ChargeOutcome::declined)
      answer.message =
          message("The confirmation was refused. Nothing was charged: try again or use another card.");
  } else if (number == "4000000000000077" || number == "4000000000000259") {
    answer.outcome = ChargeOutcome::processing;
    answer.answer_after = late_answer_;
    answer.later_success = number == "4000000000000077";
  } else if (number == "4000000000009995") {
    answer.message = message("The card has insufficient funds. Nothing was charged: use another card.");
  } else if (number == "4000000000000002") {
    answer.message =
        message("The card was declined. Nothing was charged: use another card or ask your bank.");
  } else {
    answer.message =
        message("This is no test card number. Use 4242 4242 4242 4242 for a payment that succeeds.");
  }
  return answer;
}

RefundAnswer SandboxGateway::refund(const RefundRequest& request) const {
  return {RefundOutcome::succeeded, "sandbox_" + request.idempotency_key, {}};
}

}  // namespace plenary::registration
