// Keys are rotated and pruned again and again in this process while a server in another one sells: nobody is
// turned away, and the credentials can be read at every moment. On both engines. source: docs/keys.md.
#include <signal.h>

#include <atomic>
#include <set>
#include <thread>

#include "cli/keys_folder.hpp"
#include "cli/server_process.hpp"
#include "domain/conference/credentials.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/stock.hpp"
#include "support/site/shop.hpp"

namespace plenary::cli::testing {
namespace {

using site::testing::Buyer;

class KeysOnSale : public KeysFolder {
 protected:
  void SetUp() override {
    KeysFolder::SetUp();
    port_ = free_port();
    settings(
        fmt::format("[server]\nlisten = \"127.0.0.1:{}\"\naccess_log = false\nlog_level = \"error\"\n"
                    "[security]\nlimits = false\n",
                    port_));
    db().write_now(id_, "make", [&](db::Tx& tx) {
      registration::set_conference_capacity(tx, id_, 0);
      registration::TicketType ticket;
      ticket.conference_id = id_;
      ticket.name = "Individual";
      ticket.slug = "individual";
      ticket.price = 10'000;
      ticket.total_quantity = 1000;
      registration::save(tx, ticket);
    });
    seal("stripe_secret_key", "sk_test_0123456789");
    seal("stripe_webhook_secret", "whsec_0123456789");
  }
  std::uint16_t port_ = 0;
};
ON_BOTH_ENGINES(KeysOnSale);

TEST_P(KeysOnSale, NobodyNoticesARotation) {
  ServerProcess server;
  ASSERT_NO_FATAL_FAILURE(server.start((folder_ / "plenary.toml").string(), as_tests_do));
  // As the server has them: a ring that follows the file.
  config::Settings settings;
  settings.base_directory = folder_;
  settings.security.key_file = "plenary.key";
  const config::ProgramSettings program;
  std::atomic<bool> stop{false};
  std::atomic<int> sold{0}, failed{0};
  std::vector<std::thread> buyers;
  for (int i = 0; i < 2; ++i) {
    buyers.emplace_back([&, i] {
      const SealingKeys keys = embed::sealing_keys(settings);
      const auto load = [&](db::Tx& tx) { return conference::stripe_credentials(tx, id_, keys, program); };
      for (int n = 0; !stop && failed == 0; ++n) {
        try {
          Buyer buyer(port_, "fair");
          buyer.add("individual");
          const auto ordered = buyer.order(fmt::format("buyer{}.{}@example.org", i, n));
          const auto found = db().read_now(load);
          const bool good = ordered.status == 303 && found.secret_key.reveal() == "sk_test_0123456789" &&
                            found.webhook().reveal() == "whsec_0123456789";
          ++(good ? sold : failed);
        } catch (const std::exception& error) {
          ++failed;
          ADD_FAILURE() << error.what();
        }
      }
    });
  }
  std::set<std::string> keys;
  for (int round = 0; round < 5; ++round) {
    const int before = sold;
    EXPECT_EQ(plenary({"keys", "rotate"}), done) << err_;
    keys.insert(ring().sealing[0].id());
    let_time_pass();
    EXPECT_EQ(plenary({"keys", "prune"}), done) << err_;
    EXPECT_EQ(ring().sealing.size(), 1u);
    ::kill(server.pid(), SIGHUP);
    while (failed == 0 && sold < before + 3) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& buyer : buyers) buyer.join();
  EXPECT_EQ(keys.size(), 5u);
  EXPECT_EQ(failed, 0);
  EXPECT_GE(sold, 15);
  EXPECT_EQ(opened("stripe_secret_key"), "sk_test_0123456789");
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(plenary({"verify", "stock"}), done) << out_ << err_;
}

}  // namespace
}  // namespace plenary::cli::testing
