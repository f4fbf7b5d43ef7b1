// Deleting with a preview of all that goes with it; refused where money or anything else depends on it. On
// both engines. source: configuration 10, Do better 7.
#include "admin/deletion.hpp"

#include "admin/form_reader.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::admin::testing {
namespace {

class Deletions : public FormTest {
 protected:
  Deletion preview(std::string_view table, std::int64_t id) {
    return db().read_now([&](db::Tx& tx) {
      const db::Param key(id);
      return preview_deletion(tx, superuser_person(), *model_of_table(table), {&key, 1});
    });
  }
  static std::string told(const std::vector<TouchedRows>& list) {
    std::string text;
    for (const TouchedRows& rows : list)
      text += rows.table + (rows.column.empty() ? "" : "." + rows.column) + " " + std::to_string(rows.count) +
              "; ";
    return text;
  }
  std::int64_t id(const char* sql) { return count(sql); }
  void buy_one(const std::string& ticket) {
    Buyer guest = buyer();
    guest.add(ticket);
    const std::string location = guest.order().header("Location");
    ASSERT_FALSE(location.empty());
  }
  HttpResponse delete_it(Buyer& who, std::string_view entity, std::int64_t key) {
    const std::string path = address(entity, key, "delete");
    return send(who, path, PageForm(who.get(path), path));
  }
};
ON_BOTH_ENGINES(Deletions);

TEST_P(Deletions, AConferenceTakesWhatIsBelowItAlong) {
  const Deletion deletion = preview("conference", conference_id());
  EXPECT_TRUE(deletion.is_allowed()) << told(deletion.refusing);
  const std::string all = told(deletion.deleted);
  for (const char* part : {"feature_flags 1; ", "ticket_type 4; ", "addon 2; "})
    EXPECT_NE(all.find(part), std::string::npos) << all;
  ASSERT_EQ(deletion.first.size(), 1u);
  EXPECT_EQ(deletion.first[0].label, "Fair");
  Buyer root = superuser_browser();
  const HttpResponse page = root.get(address(conferences, conference_id(), "delete"));
  EXPECT_TRUE(contains(page, "Ticket types: 4"));
  EXPECT_TRUE(contains(page, "Ticket individual"));
  EXPECT_EQ(delete_it(root, conferences, conference_id()).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM conference") + count("SELECT count(*) FROM ticket_type"), 0);
  EXPECT_NE(recorded("conference").find("Name: Fair → ; "), std::string::npos);
  EXPECT_EQ(root.get(address(conferences, conference_id(), "history")).status, 200);
}

// The row alone would leave its places held for ever.
TEST_P(Deletions, AVoucherThatReservesGivesItsPlacesBack) {
  const std::int64_t voucher = write([&](db::Tx& tx) {
    registration::Voucher v;
    v.conference_id = conference_id();
    v.code = "VIP";
    v.ticket_scope = registration::Scope::selected;
    v.addon_scope = registration::Scope::none;
    v.max_uses = 2;
    v.reserves = true;
    return registration::save(
        tx, v, {{tx.one<std::int64_t>("SELECT id FROM ticket_type WHERE slug = 'individual'")}, {}});
  });
  ASSERT_GT(count("SELECT count(*) FROM hold WHERE owner_kind = 'voucher'"), 0);
  ASSERT_GT(count("SELECT held FROM stock WHERE kind = 'conference'"), 0);
  Buyer root = superuser_browser();
  EXPECT_EQ(delete_it(root, "program_registration/voucher", voucher).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM voucher") + count("SELECT count(*) FROM hold") +
                count("SELECT count(*) FROM stock WHERE kind = 'voucher'"),
            0);
  EXPECT_EQ(count("SELECT CAST(SUM(held) AS BIGINT) FROM stock"), 0);
  EXPECT_NE(recorded("voucher").find("Code: VIP → ; "), std::string::npos);
  EXPECT_EQ(stock_faults(), "");
}

TEST_P(Deletions, WhereMoneyIsNothingIsDeleted) {
  buy_one("free");
  const Deletion deletion = preview("conference", conference_id());
  EXPECT_FALSE(deletion.is_allowed());
  EXPECT_NE(told(deletion.refusing).find("orders 1; "), std::string::npos) << told(deletion.refusing);
  EXPECT_EQ(deletion.switch_off, "Is active");
  Buyer root = superuser_browser();
  const std::string path = address(conferences, conference_id(), "delete");
  const HttpResponse page = root.get(path);
  EXPECT_TRUE(contains(page, "This cannot be deleted"));
  EXPECT_TRUE(contains(page, "switch off “Is active”"));
  EXPECT_FALSE(contains(page, "Yes, delete it"));
  const HttpResponse forced = root.post(path, {{"touches", deletion.fingerprint()}});
  EXPECT_EQ(forced.status, 409);
  EXPECT_EQ(count("SELECT count(*) FROM conference"), 1);
  EXPECT_EQ(recorded("conference"), "nothing");
}

TEST_P(Deletions, ASoldTicketTypeStaysAlthoughTheDatabaseWouldLetGo) {
  buy_one("free");
  const std::int64_t sold = id("SELECT id FROM ticket_type WHERE slug = 'free'");
  EXPECT_FALSE(preview("ticket_type", sold).is_allowed());
  EXPECT_TRUE(preview("ticket_type", id("SELECT id FROM ticket_type WHERE slug = 'student'")).is_allowed());
  // An add-on that asks for it is a link of the add-on's, and goes as one.
  const Deletion linked = preview("ticket_type", id("SELECT id FROM ticket_type WHERE slug = 'individual'"));
  EXPECT_TRUE(linked.is_allowed()) << told(linked.refusing);
}

TEST_P(Deletions, WhatRefersWithoutCascadeIsNamed) {
  const std::int64_t ticket = id("SELECT id FROM ticket_type WHERE slug = 'student'");
  write([&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO voucher (conference_id, code, voucher_type, created_at, updated_at) VALUES ($1, "
        "'EARLY', "
        "'comp', 1, 1)",
        conference_id());
    return tx.exec("INSERT INTO voucher_ticket_type (voucher_id, ticket_type_id) SELECT id, $1 FROM voucher",
                   ticket);
  });
  const Deletion deletion = preview("ticket_type", ticket);
  EXPECT_FALSE(deletion.is_allowed());
  EXPECT_NE(told(deletion.refusing).find("voucher"), std::string::npos) << told(deletion.refusing);
  // The conference takes both along: the link is no obstacle then.
  EXPECT_TRUE(preview("conference", conference_id()).is_allowed());
  Buyer root = superuser_browser();
  EXPECT_EQ(delete_it(root, conferences, conference_id()).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM voucher"), 0);
}

TEST_P(Deletions, WhatOnlyLosesItsLinkIsTold) {
  const std::int64_t root = superuser("root");
  const std::int64_t granter = superuser("granter");
  write([&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO expense_category (conference_id, name, slug, created_at, updated_at) VALUES ($1, "
        "'Food', "
        "'food', 1, 1)",
        conference_id());
    return tx.exec(
        "INSERT INTO expense (conference_id, category_id, description, amount, date, created_by, "
        "created_at, updated_at) SELECT $1, id, 'Lunch', 100, '2027-05-20', $2, 1, 1 FROM "
        "expense_category",
        conference_id(), granter);
  });
  static_cast<void>(root);
  const Deletion deletion = preview("user_account", granter);
  EXPECT_TRUE(deletion.is_allowed()) << told(deletion.refusing);
  EXPECT_NE(told(deletion.released).find("expense."), std::string::npos) << told(deletion.released);
  // Money keeps its category, and the conference.
  EXPECT_FALSE(preview("expense_category", id("SELECT id FROM expense_category")).is_allowed());
  EXPECT_FALSE(preview("conference", conference_id()).is_allowed());
}

TEST_P(Deletions, AConfirmationHoldsOnlyForWhatItShowed) {
  Buyer root = superuser_browser();
  const std::string path = address(conferences, conference_id(), "delete");
  const PageForm form(root.get(path), path);
  write([&](db::Tx& tx) {
    conference::Section section;
    section.conference_id = conference_id();
    section.name = section.slug = "late";
    section.start_date = section.end_date = *Date::parse("2027-05-20");
    return conference::create_section(tx, section);
  });
  const HttpResponse page = send(root, path, form);
  EXPECT_EQ(page.status, 409);
  EXPECT_TRUE(contains(page, "added or removed meanwhile"));
  EXPECT_EQ(count("SELECT count(*) FROM conference"), 1);
  EXPECT_EQ(send(root, path, PageForm(page, path)).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM conference"), 0);
}

TEST_P(Deletions, ManyRowsAtOnceAreCountedAsOneAndDeletedTogether) {
  const auto deleted = [&](std::string_view confirmed) {
    return db().write_now(conference_id(), "test", [&](db::Tx& tx) {
      std::vector<db::Param> keys;
      for (const std::int64_t key :
           tx.query<std::int64_t>("SELECT id FROM ticket_type WHERE slug <> 'individual'"))
        keys.emplace_back(key);
      const Deletion deletion =
          preview_deletion(tx, superuser_person(), *model_of_table("ticket_type"), keys);
      EXPECT_EQ(deletion.count, 3);
      return delete_rows(tx, application().site(), superuser_person(), *model_of_table("ticket_type"), keys,
                         {{}, "test", "admin"}, confirmed);
    });
  };
  EXPECT_THROW(deleted("something else"), Refused);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type"), 4);
  EXPECT_EQ(deleted(""), 3);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE entity = 'ticket_type' AND action = 'delete'"), 3);
}

}  // namespace
}  // namespace plenary::admin::testing
