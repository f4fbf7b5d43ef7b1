// Two editors on one page: nothing is overwritten silently, nothing typed is lost. On both engines. source:
// configuration 10, Do better 17.
#include "admin/form_reader.hpp"

namespace plenary::admin::testing {
namespace {

class Conflicts : public FormTest {
 protected:
  void SetUp() override {
    FormTest::SetUp();
    ada_.emplace(superuser_browser("ada"));
    bob_.emplace(superuser_browser("bob"));
    ticket_ = count("SELECT id FROM ticket_type WHERE slug = 'student'");
  }
  Buyer& ada() { return *ada_; }
  Buyer& bob() { return *bob_; }
  std::int64_t ticket() const { return ticket_; }

 private:
  std::optional<Buyer> ada_, bob_;
  std::int64_t ticket_ = 0;
};
ON_BOTH_ENGINES(Conflicts);

TEST_P(Conflicts, TheSecondEditorIsToldAndMergesOnPurpose) {
  PageForm hers = open_change(ada(), ticket_types, ticket());
  PageForm his = open_change(bob(), ticket_types, ticket());
  his.set("price", "45").set("description", "For students");
  EXPECT_EQ(send_change(bob(), ticket_types, ticket(), his).status, 303);
  hers.set("price", "50").set("name", "Learner");
  const HttpResponse page = send_change(ada(), ticket_types, ticket(), hers);
  EXPECT_EQ(page.status, 409);
  EXPECT_EQ(count("SELECT price FROM ticket_type WHERE slug = 'student'"), 4500);
  EXPECT_TRUE(contains(page, "Somebody else changed this while you were editing it."));
  EXPECT_TRUE(contains(page, "Price: $40.00 → $45.00, by bob@example.org at ")) << page.body;
  EXPECT_TRUE(contains(page, "Stored now: $45.00, changed by bob@example.org at "));
  PageForm again(page, address(ticket_types, ticket(), "change"));
  EXPECT_EQ(again.get("price"), "50");                  // both touched it: hers stays
  EXPECT_EQ(again.get("description"), "For students");  // she had not touched it: his is taken
  EXPECT_EQ(again.get("name"), "Learner");
  EXPECT_EQ(send_change(ada(), ticket_types, ticket(), again).status, 303);
  EXPECT_EQ(
      count("SELECT count(*) FROM ticket_type WHERE price = 5000 AND name = 'Learner' AND description = "
            "'For students'"),
      1);
  EXPECT_EQ(recorded("ticket_type"),
            "ada@example.org: Name: Ticket student → Learner; Price: $45.00 → $50.00; ");
}

TEST_P(Conflicts, AChangeThatNobodyRecordedIsToldAsWell) {
  PageForm hers = open_change(ada(), ticket_types, ticket());
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE ticket_type SET price = 4100, version = version + 1 WHERE id = $1", ticket());
  });
  hers.set("price", "50");
  const HttpResponse page = send_change(ada(), ticket_types, ticket(), hers);
  EXPECT_EQ(page.status, 409);
  EXPECT_TRUE(contains(page, "Price is now $41.00."));
  EXPECT_TRUE(contains(page, "Stored now: $41.00."));
  EXPECT_EQ(count("SELECT price FROM ticket_type WHERE slug = 'student'"), 4100);
}

TEST_P(Conflicts, AFormWithoutAVersionIsTakenForAnOldOne) {
  PageForm hers = open_change(ada(), ticket_types, ticket());
  hers.set("price", "50").clear("_version").clear("_was");
  EXPECT_EQ(send_change(ada(), ticket_types, ticket(), hers).status, 409);
  EXPECT_EQ(count("SELECT price FROM ticket_type WHERE slug = 'student'"), 4000);
}

TEST_P(Conflicts, WhatWasDeletedMeanwhileCanBeAddedAnew) {
  PageForm hers = open_change(ada(), ticket_types, ticket());
  const std::string gone = address(ticket_types, ticket(), "delete");
  const PageForm sure(bob().get(gone), gone);
  EXPECT_EQ(send(bob(), gone, sure).status, 303);
  hers.set("description", "Typed for nothing?");
  const HttpResponse page = send_change(ada(), ticket_types, ticket(), hers);
  EXPECT_EQ(page.status, 409);
  EXPECT_TRUE(contains(page, "was deleted while you were editing it"));
  EXPECT_TRUE(contains(page, "bob@example.org deleted it at "));
  PageForm anew(page, add_address(ticket_types));
  EXPECT_EQ(anew.get("description"), "Typed for nothing?");
  EXPECT_EQ(anew.get("conference_id"), std::to_string(conference_id()));
  EXPECT_EQ(send_add(ada(), ticket_types, anew).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE slug = 'student' AND description = 'Typed for "
                  "nothing?'"),
            1);
}

TEST_P(Conflicts, InlineRowsHaveTheirOwnVersions) {
  PageForm form = open_change(ada(), conferences, conference_id());
  form.set("section-0-name", "Talks")
      .set("section-0-start_date", "2027-05-20")
      .set("section-0-end_date", "2027-05-21");
  EXPECT_EQ(send_change(ada(), conferences, conference_id(), form).status, 303);
  PageForm hers = open_change(ada(), conferences, conference_id());
  PageForm his = open_change(bob(), conferences, conference_id());
  his.set("section-0-name", "His talks").set("feature_flags-0-sponsors_enabled", "0");
  EXPECT_EQ(send_change(bob(), conferences, conference_id(), his).status, 303);
  // What she left alone is no conflict: his flags and his section stay.
  hers.set("venue", "Hall 3");
  PageForm both = hers;
  EXPECT_EQ(send_change(ada(), conferences, conference_id(), hers).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM section WHERE name = 'His talks'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM feature_flags WHERE sponsors_enabled = 0"), 1);
  // The same row is one, and then nothing else of the page is written either.
  PageForm third = open_change(ada(), conferences, conference_id());
  PageForm fourth = open_change(bob(), conferences, conference_id());
  fourth.set("section-0-name", "Bob's");
  EXPECT_EQ(send_change(bob(), conferences, conference_id(), fourth).status, 303);
  third.set("section-0-name", "Ada's").set("address", "Nowhere 1");
  const HttpResponse page = send_change(ada(), conferences, conference_id(), third);
  EXPECT_EQ(page.status, 409);
  EXPECT_TRUE(contains(page, "Somebody else changed this row"));
  EXPECT_EQ(count("SELECT count(*) FROM conference WHERE address = 'Nowhere 1'"), 0);
  PageForm again(page, address(conferences, conference_id(), "change"));
  EXPECT_EQ(again.get("section-0-name"), "Ada's");
  EXPECT_EQ(again.get("address"), "Nowhere 1");
  EXPECT_EQ(send_change(ada(), conferences, conference_id(), again).status, 303);
  EXPECT_EQ(text("SELECT name FROM section"), "Ada's");
  // A row deleted meanwhile comes back as one to be added.
  PageForm fifth = open_change(ada(), conferences, conference_id());
  PageForm sixth = open_change(bob(), conferences, conference_id());
  sixth.set("section-0-_delete", "1");
  EXPECT_EQ(send_change(bob(), conferences, conference_id(), sixth).status, 303);
  fifth.set("section-0-name", "Still mine");
  const HttpResponse gone = send_change(ada(), conferences, conference_id(), fifth);
  EXPECT_EQ(gone.status, 409);
  EXPECT_TRUE(contains(gone, "Saving adds it anew."));
  const PageForm anew(gone, address(conferences, conference_id(), "change"));
  EXPECT_EQ(send_change(ada(), conferences, conference_id(), anew).status, 303);
  EXPECT_EQ(text("SELECT name FROM section"), "Still mine");
}

}  // namespace
}  // namespace plenary::admin::testing
