// Every entity's pages open, whatever its form is made of; references and sets of more rows than a list can
// offer are typed. On both engines. source: configuration 10, 5.5.
#include <fmt/format.h>

#include "admin/desk.hpp"
#include "admin/form_reader.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/types.hpp"

namespace plenary::admin::testing {
namespace {

class EveryModel : public FormTest {
 protected:
  std::string first_key(const Model& model) {
    return db().read_now([&](db::Tx& tx) {
      const auto keys = tx.query<std::string>(db::intern_sql(fmt::format(
          "SELECT CAST({} AS TEXT) FROM {} ORDER BY 1 LIMIT 1", model.key().name, model.table->name())));
      return keys.empty() ? std::string() : keys[0];
    });
  }
};
ON_BOTH_ENGINES(EveryModel);

TEST_P(EveryModel, OpensItsPages) {
  Buyer root = superuser_browser();
  Buyer guest = buyer();
  guest.add("free");
  ASSERT_FALSE(guest.order().header("Location").empty());
  for (const Area& area : areas()) {
    for (const Model* model : area.models) {
      SCOPED_TRACE(area.name + "/" + model->name);
      EXPECT_EQ(root.get(add_url(*model)).status, model->may_add ? 200 : 403);
      const std::string key = first_key(*model);
      if (key.empty()) continue;
      const HttpResponse page = root.get(change_url(*model, key));
      EXPECT_EQ(page.status, 200);
      EXPECT_EQ(contains(page, "name=\"_save\""), model->may_change);
      EXPECT_EQ(root.get(history_url(*model, key)).status, 200);
      EXPECT_EQ(root.get(delete_url(*model, key)).status, 200);
    }
  }
}

TEST_P(EveryModel, AnOrderIsShownWithItsLinesAndNeverTaken) {
  Buyer root = superuser_browser();
  Buyer guest = buyer();
  guest.add("individual");
  guest.order();
  const std::int64_t id = count("SELECT id FROM orders");
  const std::string path = address("program_registration/order", id, "change");
  const HttpResponse page = root.get(path);
  for (const char* told : {"Ticket individual", "$100.00", "kept for good"})
    EXPECT_TRUE(contains(page, told)) << told;
  EXPECT_EQ(root.post(path, {{"total", "1"}, {"status", "paid"}}).status, 403);
  const HttpResponse refused =
      root.post(address("program_registration/order", id, "delete"), {{"touches", ""}});
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE total = 10000"), 1);
}

TEST_P(EveryModel, WhereManyCanBeChosenANameOrNumberIsTyped) {
  Buyer root = superuser_browser();
  const std::int64_t double_id = db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    conference::Conference one;
    one.start_date = one.end_date = *Date::parse("2028-01-01");
    std::int64_t last = 0;
    for (int i = 0; i < 201; ++i) {
      one.name = i < 2 ? "Twice" : fmt::format("Number {}", i);
      one.slug = fmt::format("n{}", i);
      last = conference::create(tx, one).value();
    }
    return last;
  });
  const std::string fair = std::to_string(conference_id());
  const std::pair<std::string, bool> typed[] = {{"Fair", true},
                                                {fair, true},
                                                {"Anything (#" + fair + ")", true},
                                                {"Twice", false},
                                                {"Nothing of that name", false},
                                                {"99999", false},
                                                {"", false}};
  int number = 0;
  for (const auto& [text, good] : typed) {
    SCOPED_TRACE(text);
    PageForm form = open_add(root, sections);
    form.set("conference_id", text).set("name", fmt::format("S{}", ++number));
    form.set("start_date", "2027-05-20").set("end_date", "2027-05-21");
    const HttpResponse answer = send_add(root, sections, form);
    EXPECT_EQ(answer.status, good ? 303 : 422);
    if (!good) {
      EXPECT_EQ(PageForm(answer, add_address(sections)).get("conference_id"), text);
    }
  }
  EXPECT_EQ(count("SELECT count(*) FROM section"), 3);
  const PageForm preset = open_add(root, sections, "?conference_id=" + std::to_string(double_id));
  EXPECT_EQ(preset.get("conference_id"), fmt::format("Number 200 (#{})", double_id));
}

TEST_P(EveryModel, OfManyRowsOfASetTheChosenOnesAreListed) {
  Buyer root = superuser_browser();
  write([&](db::Tx& tx) {
    registration::TicketType type;
    type.conference_id = conference_id();
    for (int i = 0; i < 201; ++i) {
      type.name = fmt::format("Type {}", i);
      type.slug = fmt::format("type-{}", i);
      registration::save(tx, type);
    }
    return 0;
  });
  const std::int64_t dinner = count("SELECT id FROM addon WHERE slug = 'dinner'");
  const std::string individual =
      std::to_string(count("SELECT id FROM ticket_type WHERE slug = 'individual'"));
  const HttpResponse page = root.get(address(addons, dinner, "change"));
  EXPECT_TRUE(contains(page, "Ticket individual"));
  EXPECT_FALSE(contains(page, "Type 7"));
  PageForm form(page, address(addons, dinner, "change"));
  form.add("requires_ticket_types", "Type 7");
  EXPECT_EQ(send_change(root, addons, dinner, form).status, 303);
  EXPECT_EQ(recorded("addon"),
            "root@example.org: Required ticket types: Ticket individual → Ticket individual, Type 7; ");
  form = open_change(root, addons, dinner);
  form.set("requires_ticket_types", "");
  EXPECT_EQ(send_change(root, addons, dinner, form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM addon_requires"), 0);
  form = open_change(root, addons, dinner);
  form.add("requires_ticket_types", "No such type");
  EXPECT_EQ(send_change(root, addons, dinner, form).status, 422);
}

}  // namespace
}  // namespace plenary::admin::testing
