// The client against stripe-mock, Stripe's own server of its published interface description: every request
// is well-formed by that description. Skipped where it is not installed; the way to it:
//   go install github.com/stripe/stripe-mock@latest      (or its path in PLENARY_STRIPE_MOCK)
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "domain/payments/stripe.hpp"

namespace plenary::payments {
namespace {

std::string program() {
  if (const char* given = std::getenv("PLENARY_STRIPE_MOCK")) return given;
  std::string path = std::getenv("PATH") ? std::getenv("PATH") : "";
  path += ":" + std::string(std::getenv("HOME") ? std::getenv("HOME") : "") + "/go/bin";
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const std::string file = path.substr(at, end - at) + "/stripe-mock";
    if (::access(file.c_str(), X_OK) == 0) return file;
    at = end + 1;
  }
  return {};
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

bool listens(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool does = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return does;
}

class StripeMock : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string file = program();
    if (file.empty())
      GTEST_SKIP() << "stripe-mock is not installed: go install github.com/stripe/stripe-mock@latest";
    const std::uint16_t port = free_port();
    pid_ = ::fork();
    if (pid_ == 0) {
      const std::string address = "127.0.0.1:" + std::to_string(port);
      ::execl(file.c_str(), file.c_str(), "-http-addr", address.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    for (int i = 0; i < 600 && !listens(port); ++i) ::poll(nullptr, 0, 50);
    credentials_.secret_key = Secret("sk_test_mock");
    credentials_.api_base = "http://127.0.0.1:" + std::to_string(port);
    credentials_.api_version = "";
  }
  void TearDown() override {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  StripeLines lines_;
  conference::StripeCredentials credentials_;
  pid_t pid_ = 0;
};

TEST_F(StripeMock, TakesEveryRequestOfTheCallTable) {
  Stripe stripe(lines_, credentials_);
  EXPECT_FALSE(stripe
                   .create_customer({.email = "ada@example.org",
                                     .name = "Ada",
                                     .conference_slug = "fair",
                                     .user_id = 7,
                                     .idempotency_key = "customer-1-7"})
                   .empty());
  NewIntent wanted;
  wanted.amount = 5000;
  wanted.currency = "EUR";
  wanted.customer_id = "cus_1";
  wanted.order_reference = "ORD-1";
  wanted.description = "ORD-1 · Fair";
  wanted.order_id = 7;
  wanted.conference_id = 3;
  wanted.payment_id = 11;
  wanted.idempotency_key = "intent-1";
  const StripeIntent made = stripe.create_intent(wanted);
  EXPECT_TRUE(made.id.starts_with("pi_"));
  EXPECT_TRUE(stripe.find_intent("pi_1").id.starts_with("pi_"));
  EXPECT_TRUE(stripe.cancel_intent("pi_1", "cancel-1").id.starts_with("pi_"));
  EXPECT_TRUE(stripe.find_charge("ch_1").id.starts_with("ch_"));
  EXPECT_TRUE(stripe
                  .create_refund({.intent_id = "pi_1",
                                  .reason = "requested_by_customer",
                                  .amount = 100,
                                  .refund_id = 1,
                                  .idempotency_key = "refund-1"})
                  .id.starts_with("re_"));
  EXPECT_TRUE(stripe.find_refund("re_1").id.starts_with("re_"));
  EXPECT_FALSE(stripe.find_dispute("du_1").id.empty());
  const Instant since{1'700'000'000'000'000};
  EXPECT_FALSE(stripe.intents_since(since, "pi_1").rows.empty());
  EXPECT_FALSE(stripe.refunds_since(since, "").rows.empty());
  EXPECT_FALSE(stripe.disputes_since(since, "").rows.empty());
  EXPECT_FALSE(stripe.events_since(since, "").rows.empty());
  EXPECT_FALSE(stripe.refunds_of_intent("pi_1", "").rows.empty());
  EXPECT_FALSE(stripe.balance_currencies().empty());
  EXPECT_FALSE(stripe.webhook_endpoints().empty());
}

}  // namespace
}  // namespace plenary::payments
