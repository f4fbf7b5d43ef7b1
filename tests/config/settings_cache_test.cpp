// Where settings come from, how long they stay, and what a test may put in their place.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <type_traits>
#include <vector>

#include "config/errors.hpp"
#include "config/folder.hpp"
#include "config/settings.hpp"

namespace plenary::config {
namespace {

TEST(Settings, AreFrozen) {
  static_assert(std::is_same_v<decltype(get_settings()), std::shared_ptr<const Settings>>);
  static_assert(!std::is_assignable_v<decltype((get_config()->cart_expiry_minutes)), std::int64_t>);
  static_assert(!std::is_assignable_v<decltype((get_config()->features.all_ui_enabled)), bool>);
  static_assert(!std::is_assignable_v<decltype((get_settings()->server.public_url)), std::string>);
  // What is read stays as it was, whatever is in force later.
  const ScopedOverride scope(std::string("[program]\ncart_expiry_minutes = 7\n"));
  const auto read = get_config();
  const ScopedOverride change([](Settings& settings) { settings.program.cart_expiry_minutes = 8; });
  EXPECT_EQ(read->cart_expiry_minutes, 7);
  EXPECT_EQ(get_config()->cart_expiry_minutes, 8);
}

TEST(Settings, AreBuiltOnceAndShared) {
  const ScopedOverride scope(std::string("[program]\ncurrency = \"EUR\"\n"));
  std::vector<std::shared_ptr<const Settings>> seen(8);
  std::vector<std::thread> threads;
  for (auto& slot : seen) threads.emplace_back([&slot] { slot = get_settings(); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& settings : seen) EXPECT_EQ(settings, seen[0]);
  EXPECT_EQ(&seen[0]->program, get_config().get());
}

TEST(Settings, OverridesNestAndClearTheCacheOnEntryAndExit) {
  const ScopedOverride usd(std::string("[program]\ncurrency = \"USD\"\ncart_expiry_minutes = 7\n"));
  const auto outer = get_config();
  EXPECT_EQ(outer->currency.code(), "USD");
  {
    const ScopedOverride eur(std::string("[program]\ncurrency = \"EUR\"\n"));
    EXPECT_EQ(get_config()->currency.code(), "EUR");
    EXPECT_EQ(get_config()->cart_expiry_minutes, 30);  // the whole mapping is replaced
    {
      const ScopedOverride change([](Settings& s) { s.program.features.sponsors_enabled = false; });
      EXPECT_EQ(get_config()->currency.code(), "EUR");  // a change keeps the rest
      EXPECT_FALSE(get_config()->features.sponsors_enabled);
      const ScopedOverride another([](Settings& s) { s.program.cart_expiry_minutes = 1; });
      EXPECT_FALSE(get_config()->features.sponsors_enabled);
      EXPECT_EQ(get_config()->cart_expiry_minutes, 1);
    }
    EXPECT_TRUE(get_config()->features.sponsors_enabled);
  }
  EXPECT_EQ(get_config()->currency.code(), "USD");
  EXPECT_EQ(get_config()->cart_expiry_minutes, 7);
  EXPECT_NE(get_config(), outer);  // built anew, and what was held stays valid
  EXPECT_EQ(outer->cart_expiry_minutes, 7);
}

TEST(Settings, OverridesAreSeenByAllThreads) {
  const ScopedOverride base(std::string("[program]\ncart_expiry_minutes = 1\n"));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto config = get_config();
        const bool pair_fits = (config->cart_expiry_minutes == 1 && config->currency.code() == "USD") ||
                               (config->cart_expiry_minutes == 2 && config->currency.code() == "EUR");
        if (!pair_fits) ++wrong;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    const ScopedOverride scope(std::string("[program]\ncart_expiry_minutes = 2\ncurrency = \"EUR\"\n"));
    std::int64_t seen = 0;
    std::thread([&] { seen = get_config()->cart_expiry_minutes; }).join();
    EXPECT_EQ(seen, 2);
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(get_config()->cart_expiry_minutes, 1);
}

TEST(Settings, WhatIsInvalidIsNeverCached) {
  {
    const ScopedOverride bad(std::string("[program]\ncurrency = \"usd\"\n"));
    EXPECT_THROW(get_config(), ConfigValueError);
    EXPECT_THROW(get_config(), ConfigValueError);
    const ScopedOverride good(std::string(""));
    EXPECT_EQ(get_config()->currency.code(), "USD");
  }
  const Folder folder;
  const auto file = folder.write("plenary.toml", "[program]\ncurrency = \"usd\"\n");
  use_settings_file(file);
  EXPECT_THROW(get_config(), ConfigValueError);
  folder.write("plenary.toml", "[program]\ncurrency = \"EUR\"\n");
  EXPECT_EQ(get_config()->currency.code(), "EUR");
  folder.write("plenary.toml", "[program]\ncurrency = \"JPY\"\n");
  EXPECT_EQ(get_config()->currency.code(), "EUR");  // production changes with a restart
  use_settings_file(folder.path() / "missing.toml");
  EXPECT_THROW(get_config(), ConfigFileError);
  use_settings_file(std::nullopt);
}

TEST(Settings, AreSearchedForHereThenInTheSystem) {
  const Folder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  EXPECT_EQ(find_settings_file("given.toml"), std::filesystem::path("given.toml"));
  const auto without = find_settings_file(std::nullopt);
  EXPECT_TRUE(!without || *without == "/etc/plenary/plenary.toml");
  folder.write("plenary.toml", "");
  EXPECT_EQ(find_settings_file(std::nullopt), std::filesystem::path("plenary.toml"));
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace plenary::config
