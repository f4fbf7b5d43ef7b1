// The command line from outside: what is printed where, and the exit codes 0, 1, 2. In a folder of its own,
// on SQLite.
#include "cli/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/run.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* small_file = R"([conference]
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
)";

class Commands : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    write("plenary.toml", "[database]\nurl = \"sqlite:test.db\"\n");
    write("conference.toml", small_file);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const char* name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  std::string path(const char* name) { return (folder_ / name).string(); }
  bool exists(const char* name) { return fs::exists(folder_ / name); }

  // With the settings of the test's folder.
  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", path("plenary.toml")});
    return bare(std::move(arguments));
  }
  int bare(std::vector<std::string> arguments) {
    std::ostringstream out, err;
    int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  void make_conference() {
    ASSERT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml")}), done) << err_;
  }

  fs::path folder_;
  std::string out_, err_;
};

TEST(CommandLine, NamesMayBeWrittenWithDashesOrUnderscores) {
  EXPECT_THAT(normalized({"bootstrap-conference", "--dry_run", "--config", "my_file-2.toml"}),
              ElementsAre("bootstrap_conference", "--dry-run", "--config", "my_file-2.toml"));
  EXPECT_THAT(normalized({"--settings", "a-b_c.toml", "create-superuser", "--no_input=a_b"}),
              ElementsAre("--settings", "a-b_c.toml", "create_superuser", "--no-input=a_b"));
  EXPECT_THAT(normalized({"features", "set", "travel_grants", "--", "--x_y"}),
              ElementsAre("features", "set", "travel_grants", "--", "--x_y"));
}

TEST_F(Commands, VersionAndHelpAreAnswered) {
  EXPECT_EQ(bare({"--version"}), done);
  EXPECT_THAT(out_, ::testing::MatchesRegex("plenary [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(bare({"--help"}), done);
  EXPECT_THAT(out_, HasSubstr("bootstrap_conference"));
}

TEST_F(Commands, WrongUsageIsTwo) {
  EXPECT_EQ(bare({}), wrong_usage);
  EXPECT_EQ(bare({"migrat"}), wrong_usage);
  EXPECT_THAT(err_, HasSubstr("Did you mean \"migrate\"?"));
  EXPECT_EQ(plenary({"migrate", "--no-such-option"}), wrong_usage);
  EXPECT_EQ(plenary({"bootstrap_conference"}), wrong_usage);
  EXPECT_THAT(err_, HasSubstr("--config"));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", "f", "--verbosity", "4"}), wrong_usage);
  EXPECT_EQ(plenary({"features", "set", "sponsors", "maybe"}), wrong_usage);
  EXPECT_FALSE(exists("test.db"));
}

TEST_F(Commands, DjangosCommandsAnswerWithTheirCounterpart) {
  EXPECT_EQ(bare({"runserver", "0.0.0.0:8000"}), wrong_usage);
  EXPECT_THAT(err_, HasSubstr("plenary serve"));
  EXPECT_EQ(bare({"collectstatic", "--noinput"}), done);
  EXPECT_THAT(out_, HasSubstr("Not needed"));
  EXPECT_EQ(bare({"makemigrations", "program"}), done);
  EXPECT_THAT(out_, HasSubstr("plenary migrate"));
  EXPECT_EQ(bare({"shell", "-c", "print(1)"}), wrong_usage);
  EXPECT_THAT(err_, HasSubstr("There is no shell"));
}

TEST_F(Commands, SettingsThatAreWrongAreRefusedWithTheirPlace) {
  write("plenary.toml", "[server]\nlisten = 8000\n");
  EXPECT_EQ(plenary({"migrate"}), refused);
  EXPECT_THAT(err_, HasSubstr("plenary.toml:2:"));
  EXPECT_EQ(bare({"migrate", "--settings", path("absent.toml")}), refused);
  EXPECT_THAT(err_, HasSubstr("absent.toml"));
}

TEST_F(Commands, BootstrapMakesAndMigratesADevelopmentDatabase) {
  EXPECT_EQ(plenary({"bootstrap-conference", "--config", path("conference.toml")}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("Created ticket type: Individual"));
  EXPECT_THAT(out_, HasSubstr("Ticket types: 1 created, 0 updated"));
  EXPECT_THAT(out_, Not(HasSubstr("+ Individual")));
  EXPECT_THAT(err_, HasSubstr("Applied migration"));
  EXPECT_TRUE(exists("test.db"));
}

TEST_F(Commands, BootstrapOfAnExistingConferenceAsksForUpdate) {
  make_conference();
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml")}), refused);
  EXPECT_THAT(err_, HasSubstr("\"python-2077\" already exists; add --update"));
  EXPECT_THAT(out_, IsEmpty());
  std::string dearer = small_file;
  write("conference.toml", dearer.replace(dearer.find("100.00"), 6, "120.00"));
  EXPECT_EQ(
      plenary({"bootstrap_conference", "--config", path("conference.toml"), "--update", "--verbosity", "2"}),
      done);
  EXPECT_THAT(out_, HasSubstr("price: $100.00 -> $120.00"));
  EXPECT_THAT(out_, HasSubstr("~ Individual (individual)"));
}

TEST_F(Commands, ADryRunMakesNoDatabase) {
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml"), "--dry-run"}), done)
      << err_;
  EXPECT_THAT(out_, HasSubstr("[DRY RUN]"));
  EXPECT_THAT(out_, HasSubstr("There is no database yet"));
  EXPECT_THAT(out_, HasSubstr("[0] Individual (individual): $100.00: create"));
  EXPECT_FALSE(exists("test.db"));
}

TEST_F(Commands, ADryRunAgainstARealDatabaseSaysWhatWouldBeRefused) {
  make_conference();
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml"), "--dry-run"}), refused);
  EXPECT_THAT(out_, HasSubstr("Plan: 0 to create, 0 to change, 3 unchanged, 0 only in the database."));
  EXPECT_THAT(err_, HasSubstr("already exists"));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml"), "--dry-run", "--update"}),
            done);
}

TEST_F(Commands, AColouredPlanIsShownOnRequestAloneWhereThereIsNoTerminal) {
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml"), "--dry-run"}), done);
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml"), "--dry-run", "--color",
                     "always"}),
            done);
  EXPECT_THAT(out_, HasSubstr("\x1b[32m"));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml"), "--color", "maybe"}),
            wrong_usage);
}

TEST_F(Commands, AnUpdatePrintsThePlanThatItApplied) {
  make_conference();
  std::string changed = small_file;
  changed.replace(changed.find("100.00"), 6, "120.00");
  changed += "[[conference.sponsor_levels]]\nname = \"Gold\"\ncost = 5000\n";
  write("conference.toml", changed);
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml"), "--update", "--dry-run"}),
            done);
  EXPECT_THAT(
      out_, HasSubstr("  ~ [0] Individual (individual): $120.00: update\n      price: $100.00 -> $120.00\n"));
  EXPECT_THAT(out_, HasSubstr("  + [0] Gold (gold): $5,000.00: create\n"));
  EXPECT_THAT(out_, HasSubstr("Plan: 1 to create, 1 to change, 2 unchanged, 0 only in the database."));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml"), "--update"}), done) << err_;
  EXPECT_THAT(
      out_,
      HasSubstr(
          "  ~ Updated ticket type: Individual (individual): $120.00\n      price: $100.00 -> $120.00\n"));
  EXPECT_THAT(out_, HasSubstr("  + Created sponsor level: Gold (gold): $5,000.00\n"));
  EXPECT_THAT(out_, HasSubstr("Applied: 1 created, 1 changed, 2 unchanged, 0 only in the database."));
}

TEST_F(Commands, AWrongConferenceFileMakesNoDatabase) {
  write("conference.toml", "[conference]\nname = \"X\"\n");
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml")}), refused);
  EXPECT_THAT(err_, HasSubstr("end, start, timezone"));
  EXPECT_FALSE(exists("test.db"));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("absent.toml")}), refused);
  EXPECT_THAT(err_, HasSubstr("absent.toml"));
}

TEST_F(Commands, AReservedSlugIsRefused) {
  std::string text = small_file;
  write("conference.toml", text.replace(text.find("name ="), 6, "slug = \"Admin\"\nname ="));
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml")}), refused);
  EXPECT_THAT(err_, HasSubstr("Admin"));
}

TEST_F(Commands, ProductionNamesTheCommandThatMigrates) {
  write("plenary.toml",
        "[server]\nmode = \"production\"\npublic_url = \"https://tickets.example.org\"\n"
        "[database]\nurl = \"sqlite:test.db\"\n");
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml")}), refused);
  EXPECT_THAT(err_, HasSubstr("plenary migrate"));
  EXPECT_EQ(plenary({"migrate", "--check"}), refused);
  EXPECT_EQ(plenary({"migrate"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("up to date now"));
  EXPECT_EQ(plenary({"migrate"}), done);
  EXPECT_THAT(out_, HasSubstr("is up to date"));
  EXPECT_EQ(plenary({"migrate", "--check"}), done);
  EXPECT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml")}), done) << err_;
}

TEST_F(Commands, FeaturesAreListedWithTheirReasons) {
  write("plenary.toml",
        "[program.features]\nsponsors_enabled = false\n[database]\nurl = \"sqlite:test.db\"\n");
  EXPECT_EQ(plenary({"features", "list"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("there is no conference yet"));
  make_conference();
  EXPECT_EQ(plenary({"features", "set", "all_ui", "off"}), done) << err_;
  EXPECT_EQ(plenary({"features", "list", "--conference", "python-2077"}), done);
  EXPECT_THAT(out_, HasSubstr("sponsors       off      -          off\n"));
  EXPECT_THAT(out_, HasSubstr("public_ui      on       -          off  (all_ui is off)\n"));
  EXPECT_THAT(out_, HasSubstr("registration   on       -          on\n"));
}

TEST_F(Commands, AFeatureIsSwitchedForOneConference) {
  make_conference();
  EXPECT_EQ(plenary({"features", "set", "sponsors", "off"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("python-2077: sponsors is off now (override: off, settings: on)"));
  EXPECT_EQ(plenary({"features", "set", "sponsors", "off", "--conference", "Python-2077"}), done);
  EXPECT_THAT(out_, HasSubstr("as before"));
  EXPECT_EQ(plenary({"features", "set", "sponsors", "default"}), done);
  EXPECT_THAT(out_, HasSubstr("sponsors is on now (override: none, settings: on)"));
  EXPECT_EQ(plenary({"features", "set", "sponsor", "off"}), wrong_usage);
  EXPECT_THAT(err_, HasSubstr("Did you mean \"sponsors\"?"));
  EXPECT_EQ(plenary({"features", "set", "sponsors", "off", "--conference", "pycon"}), refused);
  EXPECT_THAT(err_, HasSubstr("Conferences: python-2077."));
}

TEST_F(Commands, OfSeveralConferencesOneMustBeNamed) {
  make_conference();
  std::string text = small_file;
  write("conference.toml", text.replace(text.find("2077"), 4, "2078"));
  make_conference();
  EXPECT_EQ(plenary({"features", "set", "sponsors", "off"}), wrong_usage);
  EXPECT_THAT(err_, HasSubstr("python-2077, python-2078"));
  EXPECT_EQ(plenary({"features", "list"}), done);
  EXPECT_THAT(out_, HasSubstr("python-2077\n"));
  EXPECT_THAT(out_, HasSubstr("python-2078\n"));
}

TEST_F(Commands, CheckIsContentWithAFreshDevelopmentFolderAndMakesNothing) {
  EXPECT_EQ(plenary({"check"}), done) << out_;
  EXPECT_THAT(out_, HasSubstr("Ready to serve"));
  EXPECT_FALSE(exists("test.db"));
  make_conference();
  EXPECT_EQ(plenary({"check"}), done) << out_;
  EXPECT_THAT(out_, HasSubstr("(schema "));
}

TEST_F(Commands, CheckTellsHowToMendAProductionInstallation) {
  write("plenary.toml", "[server]\nmode = \"production\"\n[database]\nurl = \"sqlite:data/test.db\"\n");
  EXPECT_EQ(plenary({"check"}), refused);
  EXPECT_THAT(out_, HasSubstr("public_url"));
  EXPECT_THAT(out_, HasSubstr("mkdir -p"));
  EXPECT_THAT(out_, HasSubstr("plenary keys create"));
  fs::create_directories(folder_ / "data");
  EXPECT_EQ(plenary({"check"}), refused);
  EXPECT_THAT(out_, HasSubstr("plenary migrate"));
  write("plenary.key", "short");
  fs::permissions(folder_ / "plenary.key", fs::perms::owner_read);
  EXPECT_EQ(plenary({"check"}), refused);
  EXPECT_THAT(out_, HasSubstr("5 bytes"));
  fs::remove(folder_ / "plenary.key");
  write("plenary.key", std::string(44, 'k'));
  fs::permissions(folder_ / "plenary.key", fs::perms::owner_read | fs::perms::others_read);
  EXPECT_EQ(plenary({"check"}), refused);
  EXPECT_THAT(out_, HasSubstr("chmod 600"));
}

TEST_F(Commands, CheckReportsADatabaseThatCannotBeReached) {
  write("plenary.toml", "[database]\nurl = \"postgresql://nobody@127.0.0.1:1/none\"\n");
  EXPECT_EQ(plenary({"check"}), refused);
  EXPECT_THAT(out_, HasSubstr("PROBLEM  database"));
  EXPECT_THAT(out_, HasSubstr("[database] url"));
}

// source: ground rules 15, 1.3.
class Superusers : public Commands {
 protected:
  void SetUp() override {
    Commands::SetUp();
    ::setenv("PLENARY_SUPERUSER_PASSWORD", "seven green bicycles", 1);
  }
  void TearDown() override {
    ::unsetenv("PLENARY_SUPERUSER_PASSWORD");
    Commands::TearDown();
  }
};

TEST_F(Superusers, AreMadeWithoutAskingAndOnlyOnceByAName) {
  ASSERT_EQ(plenary({"createsuperuser", "--no-input", "--username", "root", "--email", "root@example.org"}),
            done)
      << err_;
  EXPECT_THAT(out_, HasSubstr("The superuser root was made."));
  EXPECT_THAT(out_ + err_, Not(HasSubstr("bicycles")));
  EXPECT_EQ(plenary({"createsuperuser", "--no_input", "--username", "root"}), refused);
  EXPECT_THAT(err_, HasSubstr("root already"));
}

TEST_F(Superusers, HaveNoDefaultPassword) {
  ::unsetenv("PLENARY_SUPERUSER_PASSWORD");
  EXPECT_EQ(plenary({"createsuperuser", "--no-input", "--username", "root"}), refused);
  EXPECT_THAT(err_, HasSubstr("PLENARY_SUPERUSER_PASSWORD"));
  ::setenv("PLENARY_SUPERUSER_PASSWORD", "password", 1);
  EXPECT_EQ(plenary({"createsuperuser", "--no-input", "--username", "root"}), refused);
  EXPECT_THAT(err_, HasSubstr("Many people use this password"));
}

TEST_F(Superusers, WrongNamesAndAddressesAreRefused) {
  EXPECT_EQ(plenary({"createsuperuser", "--no-input"}), wrong_usage);
  EXPECT_EQ(plenary({"createsuperuser", "--no-input", "--username", "a b"}), refused);
  EXPECT_EQ(plenary({"createsuperuser", "--no-input", "--username", "root", "--email", "nowhere"}), refused);
  EXPECT_THAT(err_, HasSubstr("name@example.com"));
}

TEST_F(Superusers, PasswordsAreChangedByNameOrAddress) {
  ASSERT_EQ(plenary({"createsuperuser", "--no-input", "--username", "root", "--email", "root@example.org"}),
            done);
  ::setenv("PLENARY_SUPERUSER_PASSWORD", "eight blue bicycles", 1);
  EXPECT_EQ(plenary({"changepassword", "root", "--no-input"}), done) << err_;
  EXPECT_EQ(plenary({"changepassword", "Root@example.org", "--noinput"}), done) << err_;
  EXPECT_EQ(plenary({"changepassword", "nobody", "--no-input"}), refused);
  EXPECT_THAT(err_, HasSubstr("nobody"));
  EXPECT_EQ(plenary({"changepassword"}), wrong_usage);
}

TEST_F(Superusers, AreAskedForWhatIsNotGiven) {
  std::istringstream typed(
      "root\n\nshort\nseven green bicycles\nanother one\nseven green bicycles\nseven green bicycles\n");
  std::streambuf* before = std::cin.rdbuf(typed.rdbuf());
  const int code = plenary({"createsuperuser"});
  std::cin.rdbuf(before);
  std::cin.clear();
  EXPECT_EQ(code, done) << err_;
  EXPECT_THAT(out_, HasSubstr("User name:"));
  EXPECT_THAT(err_, HasSubstr("at least 8 characters"));
  EXPECT_THAT(err_, HasSubstr("not the same"));
  EXPECT_THAT(out_ + err_, Not(HasSubstr("bicycles")));
}

}  // namespace
}  // namespace plenary::cli
