// Vouchers as a table: out and in again, and every problem at once. source: registration 20, 5 and D13.
#include "domain/registration/voucher_sheet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "domain/registration/sale.hpp"

namespace plenary::registration {
namespace {

using testing::addon;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ticket;

class Sheets : public testing::Sale {
 protected:
  void SetUp() override {
    testing::Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10'000, 10), ticket("student", 5'000, 10)},
          .addons = {addon("shirt", 2'500, 10)}});
  }
  SheetTerms terms() const {
    return {conference_id(), Currency::of("USD"), TimeZone::of("America/New_York"),
            "https://t.example/fair/register/"};
  }
  Id conference_id() const { return const_cast<Sheets*>(this)->fair().conference_id; }
  SheetPlan plan(std::string_view text, ExistingCodes existing = ExistingCodes::refuse) {
    const VoucherSheet sheet = read_sheet(text);
    EXPECT_THAT(sheet.problems, IsEmpty());
    return fair().read([&](db::Tx& tx) { return plan_rows(tx, terms(), sheet, sheet.rows, existing); });
  }
  SheetPlan write(std::string_view text, ExistingCodes existing = ExistingCodes::refuse) {
    const VoucherSheet sheet = read_sheet(text);
    return fair().write(
        [&](db::Tx& tx) { return write_rows(tx, terms(), sheet, sheet.rows, existing, actor); });
  }
  static std::vector<std::string> lines(const std::vector<SheetProblem>& problems) {
    std::vector<std::string> lines;
    for (const SheetProblem& problem : problems)
      lines.push_back(fmt::format("{} {}: {}", problem.line, problem.column, problem.message()));
    return lines;
  }
  std::string exported(Id after = 0, std::int64_t limit = 1000) {
    return fair().read([&](db::Tx& tx) { return sheet_lines(tx, terms(), after, limit, std::nullopt).text; });
  }
  Voucher find(std::string_view code) {
    return fair().read([&](db::Tx& tx) { return find_voucher(tx, conference_id(), code).value(); });
  }
  std::int64_t count(const char* sql) {
    return fair().read([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  const conference::Actor actor{std::nullopt, "tests", "command"};
};
ON_BOTH_ENGINES(Sheets);

TEST_P(Sheets, MakesVouchersOfRows) {
  EXPECT_EQ(
      write(
          "\xEF\xBB\xBF"
          "Code;Type;Percent;Amount;Tickets;Addons;max_uses;Max_Units;valid_from;valid_until;active;Note\r\n"
          "early-20;percentage;12,5 %;;individual "
          "student;none;50;;2027-01-01;2027-03-31;yes;\"two\nlines\"\r\n"
          "'-5OFF;fixed_amount;;5,50;all;all;1;1;2027-01-01 09:30;2027-03-31T12:00:00Z;no;'=cmd\r\n"
          ";;;;;;;;;;;\r\n"
          "FREE;;;;;;;;;;;\r\n")
          .added,
      3);
  const Voucher early = find("EARLY-20");
  EXPECT_EQ(early.percent.to_string(), "12.5");
  EXPECT_EQ(early.ticket_scope, Scope::selected);
  EXPECT_EQ(early.addon_scope, Scope::none);
  EXPECT_EQ(early.max_uses, 50);
  EXPECT_FALSE(early.max_units);
  EXPECT_EQ(early.valid_from->to_string(), "2027-01-01T05:00:00Z");
  EXPECT_EQ(early.valid_until->to_string(), "2027-04-01T03:59:59.999999Z");
  EXPECT_EQ(early.note, "two\nlines");
  const Voucher off = find("-5OFF");
  EXPECT_EQ(off.amount, 550);
  EXPECT_EQ(off.valid_from->to_string(), "2027-01-01T14:30:00Z");
  EXPECT_FALSE(off.is_active);
  EXPECT_EQ(off.note, "=cmd");
  EXPECT_EQ(find("FREE").type, VoucherType::comp);
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE entity = 'voucher'"), 3);
}

TEST_P(Sheets, TellsEveryProblemOfEveryRowAtOnceAndChangesNothing) {
  write("code\nTAKEN\n");
  const std::string text =
      "code,type,percent,amount,tickets,max_uses,valid_from,valid_until,active\n"
      "A B,comp,,,all,1,,,\n"
      "P,percent,150,,all,many,,,perhaps\n"
      "Q,percentage,150,,nobody,1,,,yes\n"
      "R,fixed_amount,,5.001,all,1,soon,,yes\n"
      "S,fixed_amount,,,all,1,2027-02-01,2027-01-01,yes\n"
      "T,comp,,,all,1,,,yes,too much\n"
      "taken,comp,,,all,1,,,yes\n";
  const SheetPlan refused = plan(text);
  EXPECT_THAT(
      lines(refused.problems),
      ElementsAre(HasSubstr("2 code: “A B” is no code"), HasSubstr("3 type: “percent” is no type"),
                  HasSubstr("3 max_uses: “many” is no whole number"),
                  HasSubstr("3 active: “perhaps” is neither yes nor no"),
                  HasSubstr("3 percent: Percent must be between"),
                  HasSubstr("4 tickets: “nobody” is not the slug"), HasSubstr("4 percent: Percent must be"),
                  HasSubstr("5 amount: “5.001” is no amount in USD, such as 25.00"),
                  HasSubstr("5 valid_from: “soon” is no day or time"),
                  HasSubstr("6 amount: A fixed amount must be more"),
                  HasSubstr("6 valid_until: It ends before it begins"),
                  HasSubstr("7 : The row has 10 cells, the head 9"),
                  HasSubstr("8 code: There is a voucher with the code TAKEN already")));
  EXPECT_THROW(write(text), Refused);
  EXPECT_EQ(count("SELECT count(*) FROM voucher"), 1);
}

TEST_P(Sheets, MoreThanComeInAtOnceAreSaidToBeTooMany) {
  std::string text = "code,note\n";
  for (std::size_t i = 0; i < most_sheet_rows; ++i) text += "A" + std::to_string(i) + ",x\n";
  EXPECT_TRUE(read_sheet(text + ",\n,\n").problems.empty()) << "empty rows are none";
  EXPECT_THAT(lines(read_sheet(text + ",\nMORE,x\nMOST,x\n").problems),
              ElementsAre("10003 : The file has 10002 vouchers, at most 10000 come in at once: make several "
                          "files of it, each with the head."));
  EXPECT_THAT(lines(plan("code,note\nA,x\n,y\n").problems), ElementsAre("3 code: The code is missing."));
}

TEST_P(Sheets, NoUsesAreNoVoucherAndWhatHasNoneStaysReadable) {
  EXPECT_THAT(
      lines(plan("code,max_uses\nA,0\nB,-1\n").problems),
      ElementsAre("2 max_uses: “0” uses are too few: write at least 1. To stop a voucher, write no below "
                  "active.",
                  HasSubstr("3 max_uses: ")));
  write("code\nOLD\n");
  db().write_now(conference_id(), "test",
                 [](db::Tx& tx) { return tx.exec("UPDATE voucher SET max_uses = 0"); });
  EXPECT_EQ(find("OLD").max_uses, 0);
  EXPECT_THAT(lines(plan("code,note\nOLD,new\n", ExistingCodes::update).problems),
              ElementsAre(HasSubstr("2 max_uses: Maximum uses must be between 1 and")));
  EXPECT_TRUE(plan("code,max_uses,active\nOLD,1,no\n", ExistingCodes::update).problems.empty());
}

TEST_P(Sheets, AHeadThatIsNotKnownIsToldBeforeAnyRow) {
  EXPECT_THAT(
      lines(read_sheet("kode;percent;percent\nA;1;2\n").problems),
      ElementsAre(HasSubstr("1 kode: There is no such column"), "1 percent: This column stands there twice.",
                  "1 code: The column code is missing."));
  EXPECT_THAT(lines(read_sheet("").problems), ElementsAre(HasSubstr("1 : The file is empty")));
  EXPECT_THAT(lines(read_sheet("code\n").problems), ElementsAre("1 : There is no voucher below the head."));
  EXPECT_THAT(lines(read_sheet("code\n\"A").problems), ElementsAre(HasSubstr("2 : This is no table")));
  EXPECT_THAT(lines(read_sheet("code\nA\n\nb\n a \n").problems),
              ElementsAre("5 code: The code A stands in line 2 already."));
}

TEST_P(Sheets, UpdatesWhatIsThereAndKeepsColumnsThatAreLeftOut) {
  write("code,type,percent,note\nA,percentage,10,first\nB,percentage,10,second\n");
  const SheetPlan changed = write("code,percent\na,20\nB,10\nC,0\n", ExistingCodes::update);
  EXPECT_EQ(changed.added, 1);
  EXPECT_EQ(changed.changed, 1);
  EXPECT_EQ(changed.unchanged, 1);
  EXPECT_EQ(find("A").percent.to_string(), "20");
  EXPECT_EQ(find("A").note, "first");
  EXPECT_EQ(find("A").version, 2);
  EXPECT_EQ(find("B").version, 1);
  ASSERT_EQ(changed.vouchers.at(0).changes.size(), 1u);
  EXPECT_EQ(changed.vouchers[0].changes[0].field, "percent");
  EXPECT_EQ(changed.vouchers[0].changes[0].old_text, "10");
}

TEST_P(Sheets, WhatIsExportedIsTheSameWhenItComesBack) {
  write(
      "code,type,percent,amount,tickets,addons,max_uses,max_units,budget,reserves,unlocks_hidden_tickets,"
      "valid_from,"
      "valid_until,active,note\n"
      "-A,percentage,7.25,,student individual,none,3,2,100,no,yes,2027-01-01,2027-01-02,yes,\"=1, "
      "\"\"2\"\"\"\n"
      "B,fixed_amount,,3.50,none,shirt,1,,,no,no,2027-01-01 08:15:30,2027-01-02T00:00:00.5Z,no,\n"
      "C,comp,,,student,none,2,1,,yes,no,,,yes,reserved\n");
  const std::string first = exported();
  EXPECT_THAT(
      first, HasSubstr("'-A,percentage,7.25,,individual student,none,3,2,100.00,no,yes,2027-01-01,2027-01-02,"
                       "yes,\"'=1, \"\"2\"\"\",0,https://t.example/fair/register/?voucher=-A\r\n"));
  const SheetPlan same = write(sheet_head() + first, ExistingCodes::update);
  EXPECT_EQ(same.unchanged, 3);
  fair().write([](db::Tx& tx) {
    tx.exec("DELETE FROM hold");
    tx.exec("UPDATE stock SET held = 0");
    return tx.exec("DELETE FROM voucher");
  });
  EXPECT_EQ(write(sheet_head() + first).added, 3);
  EXPECT_EQ(exported(), first);
  EXPECT_EQ(exported(0, 2).find("\nC,"), std::string::npos) << "a page of two";
}

}  // namespace
}  // namespace plenary::registration
