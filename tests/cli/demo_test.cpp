// bootstrap_conference --seed-demo from outside: what is printed where, and who is refused. source:
// configuration 10, 6.8 and 7; ground rules 15, 1.5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/run.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr const char* conference_file = R"([conference]
name = "Python 2077"
start = 2027-05-14
end = 2027-05-22
timezone = "America/New_York"

[[conference.sections]]
name = "Talks"
start = 2027-05-16
end = 2027-05-18

[[conference.tickets]]
name = "Individual"
price = 100.00
quantity = 2500

[[conference.tickets]]
name = "Corporate"
price = 350.00
quantity = 1000

[[conference.tickets]]
name = "Student"
price = 25.00
quantity = 500
voucher_required = true

[[conference.tickets]]
name = "Speaker"
price = 0.00
quantity = 200
voucher_required = true

[[conference.addons]]
name = "PyCon T-Shirt"
price = 25.00
quantity = 3000
)";

constexpr const char* codes =
    "SPKR-[A-Z0-9]{8}\tComplimentary \\(100 %\\)\t200\n"
    "STU-[A-Z0-9]{8}\tComplimentary \\(100 %\\)\t500\n"
    "EARLY-[A-Z0-9]{8}\tPercentage\t100\n"
    "SAVE25-[A-Z0-9]{8}\tFixed amount\t50\n";

class SeedDemo : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-demo-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    write("plenary.toml", "[database]\nurl = \"sqlite:test.db\"\n");
    write("conference.toml", conference_file);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const char* name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  void production() {
    write(
        "plenary.toml",
        "[server]\nmode = \"production\"\npublic_url = \"https://tickets.example.org\"\n\n[database]\nurl = "
        "\"sqlite:test.db\"\n");
  }
  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "plenary.toml").string()});
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  int bootstrap(std::vector<std::string> more) {
    more.insert(more.begin(), {"bootstrap_conference", "--config", (folder_ / "conference.toml").string()});
    return plenary(std::move(more));
  }

  fs::path folder_;
  std::string out_, err_;
};

TEST_F(SeedDemo, TheCodesAreAloneOnStandardOutput) {
  ASSERT_EQ(bootstrap({"--seed-demo"}), done) << err_;
  EXPECT_THAT(out_, MatchesRegex(codes));
  EXPECT_THAT(err_, AllOf(HasSubstr("Python 2077"), HasSubstr("4 vouchers"), HasSubstr("3 paid orders"),
                          HasSubstr("5 travel grants"), HasSubstr("attendee_alice")));
  EXPECT_EQ(plenary({"verify", "stock"}), done) << out_ << err_;
}

TEST_F(SeedDemo, ASecondRunPrintsTheSameCodesAndAddsNothing) {
  ASSERT_EQ(bootstrap({"--seed-demo"}), done) << err_;
  const std::string first = out_;
  ASSERT_EQ(bootstrap({"--update", "--seed-demo"}), done) << err_;
  EXPECT_EQ(out_, first);
  EXPECT_THAT(err_, HasSubstr("nothing to add"));
  EXPECT_EQ(bootstrap({"--seed-demo"}), refused);  // it exists; nothing is revealed
  EXPECT_THAT(out_, IsEmpty());
}

TEST_F(SeedDemo, ADryRunAddsNothing) {
  ASSERT_EQ(bootstrap({"--seed-demo", "--dry-run"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("[DRY RUN]"));
  EXPECT_THAT(err_, HasSubstr("a dry run adds none"));
  EXPECT_FALSE(fs::exists(folder_ / "test.db"));
}

TEST_F(SeedDemo, OutsideDevelopmentItIsRefusedWithoutAConfirmation) {
  production();
  EXPECT_EQ(bootstrap({"--seed-demo"}), refused);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_,
              AllOf(HasSubstr("--confirm-demo-data"), HasSubstr("attendee_alice"), HasSubstr("password")));
  EXPECT_FALSE(fs::exists(folder_ / "test.db"));
  EXPECT_EQ(bootstrap({"--confirm-demo-data"}), wrong_usage);  // it confirms nothing by itself
}

TEST_F(SeedDemo, OutsideDevelopmentAConfirmationLetsIt) {
  // Production makes neither its key nor its tables by itself.
  write("plenary.key", "a key of the tests that is long enough to sign with, and longer\n");
  fs::permissions(folder_ / "plenary.key", fs::perms::owner_read | fs::perms::owner_write);
  production();
  std::ofstream(folder_ / "plenary.toml", std::ios::app) << "\n[security]\nkey_file = \"plenary.key\"\n";
  ASSERT_EQ(plenary({"migrate"}), done) << err_;
  ASSERT_EQ(bootstrap({"--seed-demo", "--confirm-demo-data"}), done) << err_;
  EXPECT_THAT(out_, MatchesRegex(codes));
}

TEST_F(SeedDemo, AFileThatIsRefusedRevealsNoCode) {
  write("conference.toml",
        std::string(conference_file) + "\n[[conference.addons]]\nname = \"X\"\nprice = -1\n");
  EXPECT_EQ(bootstrap({"--seed-demo"}), refused);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, Not(HasSubstr("SPKR-")));
}

}  // namespace
}  // namespace plenary::cli
