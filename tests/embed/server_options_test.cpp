// What a program reads before it serves: the options of the web server, the key file.
#include "embed/server_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "embed/key_file.hpp"

namespace plenary::embed {
namespace {

namespace fs = std::filesystem;

TEST(KeyFile, DevelopmentMakesItOnceAndForItsOwnerOnly) {
  std::string pattern = (fs::temp_directory_path() / "plenary-key-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const fs::path folder = pattern;
  config::Settings settings;
  settings.base_directory = folder;
  settings.security.key_file = "test.key";
  int notices = 0;
  const auto notice = [&](std::string_view) { ++notices; };
  const Secret first = load_key(settings, Random::system(), notice);
  const Secret second = load_key(settings, Random::system(), notice);
  EXPECT_TRUE(first.equals(second.reveal()));
  EXPECT_GE(first.reveal().size(), 32u);
  EXPECT_EQ(notices, 1);
  struct stat status {};
  ASSERT_EQ(::stat((folder / "test.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  std::ofstream(folder / "test.key") << "short\n";
  EXPECT_THROW(load_key(settings, Random::system(), notice), std::runtime_error);
  fs::remove(folder / "test.key");
  settings.server.mode = config::Mode::production;
  EXPECT_THROW(load_key(settings, Random::system(), notice), std::runtime_error);
  fs::remove_all(folder);
}

TEST(ServerOptions, AreTakenFromTheSettings) {
  config::Settings settings;
  settings.server.listen.port = 8001;
  settings.server.threads = 3;
  settings.server.public_url = "https://tickets.example.org";
  settings.server.allowed_hosts = {"*.example.net"};
  settings.server.trusted_proxies = {*config::Network::parse("10.0.0.0/8"), *config::Network::parse("::1")};
  const web::ServerOptions options = server_options(settings);
  EXPECT_EQ(options.listen, "127.0.0.1:8001");
  EXPECT_EQ(options.threads, 3u);
  EXPECT_THAT(options.allowed_hosts,
              ::testing::IsSupersetOf({".example.net", "tickets.example.org", "localhost"}));
  EXPECT_THAT(options.trusted_proxies, ::testing::ElementsAre("10.0.0.0/8", "::1/128"));
  settings.security.limits = false;
  EXPECT_FALSE(hold_limits(settings).enabled);
}

}  // namespace
}  // namespace plenary::embed
