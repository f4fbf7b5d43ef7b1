// plenary invoices from outside: exit codes, what is printed, which file is written. On SQLite.
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
#include "db/database.hpp"
#include "domain/conference/sellers.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class InvoiceCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-invoices-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::ofstream(folder_ / "plenary.toml") << "[database]\nurl = \"sqlite:test.db\"\n";
    ASSERT_EQ(plenary({"migrate"}), done) << err_;
    db::DatabaseOptions options;
    options.url = "sqlite://" + (folder_ / "test.db").string();
    const auto database = db::Database::open(options);
    auto save = [](db::Tx& tx) {
      conference::Seller seller;
      seller.name = "Python Community";
      seller.country = "DE";
      seller.invoice_prefix = "PY27-";
      seller.credit_note_prefix = "PY27-C-";
      return conference::save(tx, seller);
    };
    database->write_now(db::global_lane, "seller", save);
  }
  void TearDown() override { fs::remove_all(folder_); }

  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "plenary.toml").string()});
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  int books(const std::string& seller, const std::string& format, const std::string& to = "2027-12-31") {
    return plenary({"invoices", "export", "--seller", seller, "--from", "2027-01-01", "--to", to, "--format",
                    format, "--output", (folder_ / "books.csv").string()});
  }

  fs::path folder_;
  std::string out_, err_;
};

TEST_F(InvoiceCommands, ExportWritesAFileOnce) {
  EXPECT_EQ(books("PY27-", "csv"), done) << err_;
  EXPECT_THAT(out_, HasSubstr("0 documents"));
  std::ifstream file(folder_ / "books.csv");
  std::string line;
  std::getline(file, line);
  EXPECT_THAT(line, HasSubstr("date,number,kind,order"));
  EXPECT_EQ(books("PY27-", "csv"), refused);
  EXPECT_THAT(err_, HasSubstr("--force"));
}

TEST_F(InvoiceCommands, WhatIsWrongIsSaidWithWhatToDo) {
  EXPECT_EQ(books("Nobody", "csv"), refused);
  EXPECT_THAT(err_, HasSubstr("Python Community (PY27-)"));
  EXPECT_EQ(books("PY27-", "datev"), refused);
  EXPECT_THAT(err_, HasSubstr("consultant"));
  EXPECT_EQ(books("PY27-", "csv", "soon"), wrong_usage);
  EXPECT_THAT(err_, HasSubstr("2027-01-31"));
  EXPECT_EQ(books("PY27-", "xml"), wrong_usage);
}

TEST_F(InvoiceCommands, VerifySaysThatAllIsWell) {
  EXPECT_EQ(plenary({"invoices", "verify"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("as they were issued"));
}

}  // namespace
}  // namespace plenary::cli
