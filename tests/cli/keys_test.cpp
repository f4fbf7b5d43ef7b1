// plenary keys: what is printed, what is in the file and in the database afterwards, and what happens when
// the command is cut off between two steps. On both engines. source: configuration 10, 4.5; docs/keys.md.
#include <sys/stat.h>

#include <thread>

#include "cli/keys_folder.hpp"
#include "domain/conference/audit.hpp"
#include "domain/sealed_columns.hpp"

namespace plenary::cli::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Keys : public KeysFolder {};
ON_BOTH_ENGINES(Keys);

TEST_P(Keys, ShowTellsWhatEachHasSealedAndNoKey) {
  seal("stripe_secret_key", "sk_live_1");
  seal("pretalx_token", "token-1");
  ASSERT_EQ(plenary({"keys", "show"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr(ring().sealing[0].id()));
  EXPECT_THAT(out_, HasSubstr("seals and opens  2 values"));
  EXPECT_THAT(out_, Not(HasSubstr(old_line)));
  const std::string before = ring().sealing[0].id();
  ASSERT_EQ(plenary({"keys", "rotate", "--add-only"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("Copy the file to every node"));
  ASSERT_EQ(plenary({"keys", "show"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("seals and opens  0 values"));
  EXPECT_THAT(out_, HasSubstr(fmt::format("{}  -           opens            2 values", before)));
  write("plenary.key", "another key of the tests that is long enough to sign with, and longer\n");
  EXPECT_EQ(plenary({"keys", "show"}), refused);
  EXPECT_THAT(out_, HasSubstr(before + "  is not in the key file; 2 values cannot be opened"));
}

TEST_P(Keys, RotateAddsAKeySealsEverythingAndIsRecorded) {
  seal("stripe_secret_key", "sk_live_1");
  put("stripe_webhook_secret", "whsec_readable");  // from an import
  const std::string token = stored("stripe_secret_key"), before = ring().sealing[0].id();
  ASSERT_EQ(plenary({"keys", "rotate"}), done) << err_;
  const KeyRing after = ring();
  ASSERT_EQ(after.sealing.size(), 2u);
  EXPECT_EQ(after.signing.reveal(), old_line);  // links and sessions stay good
  EXPECT_EQ(after.sealing[1].id(), before);
  EXPECT_THAT(out_, HasSubstr("The key " + after.sealing[0].id() + " was added"));
  EXPECT_THAT(out_, HasSubstr("2 values sealed"));
  EXPECT_THAT(out_, HasSubstr("1 of them stood readable"));
  EXPECT_NE(stored("stripe_secret_key"), token);
  EXPECT_EQ(key_id_of(stored("stripe_secret_key")), after.sealing[0].id());
  EXPECT_EQ(opened("stripe_secret_key"), "sk_live_1");
  EXPECT_EQ(opened("stripe_webhook_secret"), "whsec_readable");
  struct stat status {};
  ASSERT_EQ(::stat(key_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_FALSE(fs::exists(key_file().string() + ".new"));
  const auto recorded = db().read_now(
      [&](db::Tx& tx) { return conference::history_of(tx, "key_file", after.sealing[0].id(), 9); });
  ASSERT_EQ(recorded.size(), 2u);
  EXPECT_EQ(recorded[1].object, "Key added");
  for (const auto& entry : recorded) {
    EXPECT_EQ(entry.source, "command");
    EXPECT_THAT(entry.changes, Not(HasSubstr("sk_live_1")));
  }
}

TEST_P(Keys, PruneTakesOutWhatNothingUsesAndNamesTheRest) {
  seal("stripe_secret_key", "sk_live_1");
  ASSERT_EQ(plenary({"keys", "prune"}), done);
  EXPECT_THAT(out_, HasSubstr("nothing to take out"));
  ASSERT_EQ(plenary({"keys", "rotate", "--add-only"}), done) << err_;
  const std::string oldest = ring().sealing[1].id();
  let_time_pass();
  EXPECT_EQ(plenary({"keys", "prune"}), refused);
  EXPECT_THAT(err_, HasSubstr(oldest + " (1 value)"));
  EXPECT_EQ(ring().sealing.size(), 2u);
  ASSERT_EQ(plenary({"keys", "rotate", "--add-only"}), done) << err_;
  const std::string middle = ring().sealing[1].id();
  let_time_pass();
  EXPECT_EQ(plenary({"keys", "prune"}), refused);  // one of two can go
  EXPECT_THAT(out_, HasSubstr("Taken out: " + middle));
  EXPECT_EQ(ring().sealing.size(), 2u);
  ASSERT_EQ(plenary({"keys", "rotate"}), done) << err_;
  let_time_pass();
  ASSERT_EQ(plenary({"keys", "prune"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("Taken out: " + oldest));
  EXPECT_EQ(ring().sealing.size(), 1u);
  EXPECT_EQ(opened("stripe_secret_key"), "sk_live_1");
}

// The steps of a rotation apart, as a crash would leave them.
TEST_P(Keys, ARotationThatWasCutOffIsFinishedByTheNextRun) {
  for (const char* column : {"stripe_secret_key", "stripe_publishable_key", "pretalx_token"})
    seal(column, std::string("value of ") + column);
  // Cut off while the file was written: the temporary file stays behind.
  write("plenary.key.new", "half of a ne");
  ASSERT_EQ(plenary({"keys", "rotate", "--add-only"}), done) << err_;
  EXPECT_EQ(ring().sealing.size(), 2u);
  // Cut off after the key was added and one value sealed.
  const std::string newest = ring().sealing[0].id();
  seal("pretalx_token", "value of pretalx_token");
  ASSERT_EQ(plenary({"keys", "rotate"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("goes on with the key " + newest));
  EXPECT_THAT(out_, HasSubstr("2 values sealed"));
  EXPECT_EQ(ring().sealing.size(), 2u);
  // Cut off between sealing and pruning: nothing is left to do for this one, the next adds a key.
  ASSERT_EQ(plenary({"keys", "rotate"}), done) << err_;
  EXPECT_EQ(ring().sealing.size(), 3u);
  let_time_pass();
  ASSERT_EQ(plenary({"keys", "prune"}), done) << err_;
  EXPECT_EQ(ring().sealing.size(), 1u);
  for (const char* column : {"stripe_secret_key", "stripe_publishable_key", "pretalx_token"})
    EXPECT_EQ(opened(column), std::string("value of ") + column);
}

TEST_P(Keys, TwoAtATimeWaitForEachOther) {
  seal("stripe_secret_key", "sk_live_1");
  std::vector<std::thread> commands;
  std::vector<int> codes(2, -1);
  for (int& code : codes) {
    commands.emplace_back([&] {
      std::ostringstream out, err;
      code = run({"--settings", (folder_ / "plenary.toml").string(), "keys", "rotate"}, out, err, {},
                 as_tests_do);
    });
  }
  for (std::thread& command : commands) command.join();
  EXPECT_THAT(codes, ::testing::Each(done));
  EXPECT_GE(ring().sealing.size(), 2u);
  EXPECT_LE(ring().sealing.size(), 3u);
  EXPECT_EQ(opened("stripe_secret_key"), "sk_live_1");
  ASSERT_EQ(plenary({"keys", "rotate"}), done) << err_;
  let_time_pass();
  EXPECT_EQ(plenary({"keys", "prune"}), done) << err_;
}

// A server that was started before the rotation: another process, as far as its keys go.
TEST_P(Keys, ARunningServerOpensAndSealsWithTheNewKey) {
  seal("stripe_secret_key", "sk_live_1");
  config::Settings settings;
  settings.base_directory = folder_;
  settings.security.key_file = "plenary.key";
  const SealingKeys server = embed::sealing_keys(settings);
  ASSERT_EQ(plenary({"keys", "rotate"}), done) << err_;
  EXPECT_EQ(server.open(stored("stripe_secret_key"), place("stripe_secret_key")).reveal(), "sk_live_1");
  ASSERT_EQ(plenary({"keys", "rotate"}), done) << err_;
  const std::string token = server.seal(Secret("new"), place("pretalx_token"), Random::system());
  EXPECT_EQ(key_id_of(token), ring().sealing[0].id());
  write("plenary.key", "short");
  EXPECT_EQ(server.open(token, place("pretalx_token")).reveal(), "new");
  EXPECT_THROW(server.reload(), KeyFileFault);
}

TEST_P(Keys, AFileThatIsMissingGarbledOrAnotherIsToldAndNothingIsChanged) {
  seal("stripe_secret_key", "sk_live_1");
  const std::string token = stored("stripe_secret_key");
  fs::remove(key_file());
  for (const char* command : {"rotate", "prune"}) {
    EXPECT_EQ(plenary({"keys", command}), refused);
    EXPECT_THAT(err_, HasSubstr("There is no key file"));
  }
  EXPECT_EQ(plenary({"keys", "show"}), refused);
  write("plenary.key", "plenary-keys 1\nsigning = abc\nsealing = ???\n");
  EXPECT_EQ(plenary({"keys", "rotate"}), refused);
  EXPECT_THAT(err_, HasSubstr("plenary.key:2"));
  EXPECT_THAT(err_, HasSubstr("plenary.key:3"));
  EXPECT_THAT(err_, HasSubstr("Restore the file"));
  write("plenary.key", "another key of the tests that is long enough to sign with, and longer\n");
  EXPECT_EQ(plenary({"keys", "rotate"}), refused);  // the key was added, the value stays as it is
  EXPECT_THAT(err_, HasSubstr("Left as it is: the stored secret " + place("stripe_secret_key")));
  EXPECT_EQ(stored("stripe_secret_key"), token);
  fs::remove(key_file());
  fs::create_directory(key_file());
  EXPECT_EQ(plenary({"keys", "show"}), refused);
  EXPECT_THAT(err_, HasSubstr("is no file"));
}

TEST_P(Keys, CreateMakesAFileOnceForItsOwnerAlone) {
  EXPECT_EQ(plenary({"keys", "create"}), refused);
  EXPECT_THAT(err_, HasSubstr("is there already and stays"));
  EXPECT_EQ(ring().signing.reveal(), old_line);
  fs::remove(key_file());
  ASSERT_EQ(plenary({"keys", "create"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("Keep a copy"));
  EXPECT_EQ(ring().sealing.size(), 1u);
  EXPECT_NE(ring().sealing[0].secret.reveal(), ring().signing.reveal());
  EXPECT_EQ(embed::key_file_exposure(key_file()).text, "");
  for (const auto& entry : fs::directory_iterator(folder_))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".new")));
}

TEST_P(Keys, AFileThatOthersCanReadIsRefusedInProductionAlone) {
  config::Settings settings;
  settings.base_directory = folder_;
  settings.security.key_file = "plenary.key";
  std::string said;
  const auto notice = [&](std::string_view line) { said = line; };
  fs::permissions(key_file(), fs::perms::others_read, fs::perm_options::add);
  EXPECT_EQ(embed::load_keys(settings, Random::system(), notice).signing.reveal(), old_line);
  EXPECT_THAT(said, HasSubstr("chmod 600"));
  settings.server.mode = config::Mode::production;
  try {
    embed::load_keys(settings, Random::system(), notice);
    ADD_FAILURE();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("chmod 600"));
  }
  private_key_file();
  EXPECT_EQ(embed::load_keys(settings, Random::system(), notice).signing.reveal(), old_line);
}

}  // namespace
}  // namespace plenary::cli::testing
