// `plenary setup_groups` from outside: what it prints, that it may run again and again, and that it leaves
// alone what is not its own. source: configuration 10, 8.5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/run.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/conference/audit.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SetUpGroups : public test::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    std::string pattern = (fs::temp_directory_path() / "plenary-groups-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::ofstream(folder_ / "plenary.toml") << "[database]\nurl = \"" << database().options().url << "\"\n";
  }
  void TearDown() override {
    fs::remove_all(folder_);
    DatabaseTest::TearDown();
  }
  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "plenary.toml").string()});
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  std::int64_t count(const char* sql) {
    return db().read_now([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }

  fs::path folder_;
  std::string out_, err_;
};
// What it writes is tested on both engines in tests/domain/accounts: here is what a person sees, for which a
// server without durability is refused.
INSTANTIATE_TEST_SUITE_P(Engines, SetUpGroups, ::testing::Values(db::Engine::sqlite), test::engine_name);

TEST_P(SetUpGroups, TellsOfEachGroupAndHowManyRightsItHas) {
  ASSERT_EQ(plenary({"setup_groups"}), 0) << err_;
  for (const char* line :
       {"  Created Conference Organizer (32 permissions)\n", "  Created Program Committee (6 permissions)\n",
        "  Created Registration Manager (12 permissions)\n", "  Created Finance Team (10 permissions)\n",
        "  Created Travel Grant Reviewer (5 permissions)\n", "  Created Sponsor Manager (6 permissions)\n",
        "  Created Check-in Staff (3 permissions)\n", "  Created Activity Organizer (4 permissions)\n",
        "  Created Reports Viewer (3 permissions)\n", "  Created Read-Only Staff (13 permissions)\n"})
    EXPECT_THAT(out_, HasSubstr(line));
  EXPECT_THAT(out_, EndsWith("\nDone: 10 groups, 10 of them new.\n"));
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_EQ(count("SELECT count(*) FROM user_group"), 10);
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE entity = 'user_group' AND source = 'command'"), 10);
}

TEST_P(SetUpGroups, RunAgainPutsRightWhatWasChangedAndTouchesNothingElse) {
  ASSERT_EQ(plenary({"setup-groups"}), 0) << err_;
  const std::int64_t own = db().write_now(db::global_lane, "test", [](db::Tx& tx) {
    const std::int64_t id = accounts::ensure_group(tx, "Our own");
    accounts::set_permissions_of_group(tx, id, {"program_conference.view_reports"});
    const std::int64_t staff = accounts::find_group(tx, "Check-in Staff").value().id;
    accounts::set_permissions_of_group(tx, staff, {"program_conference.change_conference"});
    return id;
  });
  ASSERT_EQ(plenary({"setup_groups", "--verbosity", "1"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("  Updated Check-in Staff (3 permissions)\n"));
  EXPECT_THAT(out_, EndsWith("\nDone: 10 groups, 0 of them new.\n"));
  EXPECT_EQ(count("SELECT count(*) FROM user_group"), 11);
  db().read_now([&](db::Tx& tx) {
    EXPECT_EQ(accounts::permissions_of_group(tx, own).size(), 1U);
    EXPECT_EQ(
        accounts::permissions_of_group(tx, accounts::find_group(tx, "Check-in Staff").value().id).size(), 3U);
    return 0;
  });
  // Recorded is what was changed, and nothing where nothing was.
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE entity = 'user_group'"), 11);
  ASSERT_EQ(plenary({"setup_groups"}), 0) << err_;
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE entity = 'user_group'"), 11);
}

TEST_P(SetUpGroups, IsSilentOnRequest) {
  ASSERT_EQ(plenary({"setup_groups", "--verbosity", "0"}), 0);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_EQ(count("SELECT count(*) FROM user_group"), 10);
}

}  // namespace
}  // namespace plenary::cli
