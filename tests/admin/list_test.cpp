// Lists of the administration: what they show, how they are searched, narrowed, ordered and paged, and what
// they make of addresses that make no sense. source: configuration 10, 5 and Do better 32.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "admin/back_office.hpp"
#include "admin/model.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"

namespace plenary::admin::testing {
namespace {

const std::string types = "/admin/program_registration/tickettype/";

class ListTest : public AdminTest {
 protected:
  void SetUp() override {
    AdminTest::SetUp();
    root_.emplace(superuser_browser());
  }
  HttpResponse get(const std::string& path) { return root_->get(path); }
  // Rows in the order of the page, by their first cell.
  static std::vector<std::string> names(const HttpResponse& page) {
    std::vector<std::string> list;
    const std::string start = "<th scope=\"row\"><a href=\"";
    for (std::size_t at = 0; (at = page.body.find(start, at)) != std::string::npos;) {
      at = page.body.find('>', at + start.size()) + 1;
      list.push_back(page.body.substr(at, page.body.find('<', at) - at));
    }
    return list;
  }
  std::int64_t other_conference() {
    return db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      conference::Conference other;
      other.name = "Tokyo Days";
      other.slug = "tokyo";
      other.start_date = *Date::parse("2028-03-01");
      other.end_date = *Date::parse("2028-03-02");
      other.timezone = "Asia/Tokyo";
      other.currency = "JPY";
      const std::int64_t id = conference::create(tx, other).value();
      registration::set_conference_capacity(tx, id, 0);
      registration::TicketType type;
      type.conference_id = id;
      type.name = "Kanto";
      type.slug = "kanto";
      type.price = 12'000;
      type.is_active = false;
      registration::save(tx, type);
      return id;
    });
  }

  std::optional<Buyer> root_;
};
ON_BOTH_ENGINES(ListTest);

using Names = std::vector<std::string>;

TEST_P(ListTest, EveryEntityHasAList) {
  int lists = 0;
  for (const Area& area : areas()) {
    for (const Model* model : area.models) {
      const std::string path = "/admin/" + model->area + "/" + model->name + "/";
      EXPECT_EQ(get(path).status, 200) << path;
      EXPECT_EQ(get(path + "?q=anything%25_%5C&all=1").status, 200) << path;
      for (const ListColumn& column : model->columns) {
        EXPECT_EQ(get(path + "?o=-" + column.name).status, 200) << path << column.name;
      }
      EXPECT_EQ(get(path + "choices/?q=a").status, 200) << path;
      for (const std::string& filter : model->filters) {
        for (const char* value : {"yes", "no", "none", "1", "today", "week", "month", "year", "paid"})
          EXPECT_EQ(get(path + "?" + filter + "=" + value).status, 200) << path << filter << value;
      }
      if (!model->date_column.empty()) {
        EXPECT_EQ(get(path + "?y=2027&m=2&d=28").status, 200) << path;
      }
      ++lists;
    }
  }
  EXPECT_GT(lists, 8);
}

TEST_P(ListTest, RowsStandInTheirUsualOrderWithMoneyAndReferencesInWords) {
  const HttpResponse page = get(types);
  EXPECT_EQ(names(page), (Names{"Ticket individual", "Ticket student", "Ticket free", "Ticket hidden"}));
  EXPECT_TRUE(contains(page, "$100.00"));
  EXPECT_TRUE(contains(page, ">Fair<"));
  EXPECT_TRUE(contains(page, "4 rows"));
  EXPECT_TRUE(contains(page, "class=\"flag yes\">yes<"));
}

TEST_P(ListTest, WhatIsAddedFromTheListOfOneConferenceBeginsWithIt) {
  const std::string vouchers = "/admin/program_registration/voucher/";
  const std::string here = "?conference_id=" + std::to_string(conference_id());
  const HttpResponse page = get(vouchers + here);
  for (const char* what : {"add/", "batch/", "import/"})
    EXPECT_TRUE(contains(page, "href=\"" + vouchers + what + here + "\"")) << what;
  EXPECT_TRUE(contains(get(vouchers + "batch/" + here),
                       "<option value=\"" + std::to_string(conference_id()) + "\" selected>"));
  EXPECT_TRUE(contains(get(vouchers), "href=\"" + vouchers + "batch/\""));
  EXPECT_FALSE(contains(get(vouchers + "?conference_id=%22%3E"), "add/?")) << "nothing but a number";
}

TEST_P(ListTest, MoneyIsThatOfEachRowsConference) {
  other_conference();
  const HttpResponse page = get(types + "?o=-price");
  EXPECT_EQ(names(page).front(), "Kanto");
  EXPECT_TRUE(contains(page, "¥12,000"));
  EXPECT_TRUE(contains(page, "$100.00"));
}

TEST_P(ListTest, HeadersSortBothWays) {
  EXPECT_EQ(names(get(types + "?o=name")),
            (Names{"Ticket free", "Ticket hidden", "Ticket individual", "Ticket student"}));
  const HttpResponse page = get(types + "?o=-name");
  EXPECT_EQ(names(page), (Names{"Ticket student", "Ticket individual", "Ticket hidden", "Ticket free"}));
  EXPECT_TRUE(contains(page, "aria-sort=\"descending\"><a href=\"?o=name\""));
  other_conference();
  EXPECT_EQ(names(get(types + "?o=-conference_id")).front(), "Kanto");
}

TEST_P(ListTest, EveryWordMustBeFoundInAnyCase) {
  EXPECT_EQ(names(get(types + "?q=TICKET+hid")), (Names{"Ticket hidden"}));
  EXPECT_EQ(names(get(types + "?q=hid+free")), (Names{}));
  EXPECT_TRUE(contains(get(types + "?q=hid+free"), "Nothing matches."));
  EXPECT_EQ(names(get(types + "?q=%25")), (Names{}));
  EXPECT_EQ(names(get(types + "?q=_")), (Names{}));
  EXPECT_EQ(names(get(types + "?q=%27%22%5C")), (Names{}));
  EXPECT_TRUE(contains(get(types + "?q=%3Cscript%3E"), "value=\"&lt;script&gt;\""));
}

TEST_P(ListTest, FiltersNarrowAndCanBeClearedAgain) {
  const std::int64_t tokyo = other_conference();
  EXPECT_EQ(names(get(types + "?is_active=no")), (Names{"Kanto"}));
  EXPECT_EQ(names(get(types + "?requires_voucher=yes")), (Names{"Ticket hidden"}));
  const HttpResponse page = get(types + "?conference_id=" + std::to_string(tokyo));
  EXPECT_EQ(names(page), (Names{"Kanto"}));
  EXPECT_TRUE(contains(page, "Clear filters"));
  EXPECT_TRUE(contains(page, "Conference: <b>Tokyo Days</b>"));
  EXPECT_EQ(names(get(types + "?is_active=yes&conference_id=" + std::to_string(tokyo))), (Names{}));
}

TEST_P(ListTest, WhatAnAddressMakesNoSenseOfIsLeftOutAndTold) {
  for (const char* query :
       {"?is_active=perhaps", "?conference_id=987654321", "?conference_id=1%27--", "?o=password", "?o=--name",
        "?p=-3", "?p=99999999999999999999", "?p=77", "?color=red", "?y=2027", "?is_active=no&is_active=yes",
        "?conference_id=none", "?conference_id=99999999999999999999", "?all=2", "?pick=name"}) {
    const HttpResponse page = get(types + query);
    EXPECT_EQ(page.status, 200) << query;
    EXPECT_TRUE(contains(page, "left them out")) << query;
  }
  EXPECT_FALSE(contains(get(types + "?q=&is_active="), "left them out"));
  const std::string conferences = "/admin/program_conference/conference/";
  for (const char* query : {"?y=2027&m=13", "?y=2027&m=2&d=30", "?m=5", "?y=0"}) {
    const HttpResponse page = get(conferences + query);
    EXPECT_EQ(page.status, 200) << query;
    EXPECT_TRUE(contains(page, "left them out")) << query;
  }
}

TEST_P(ListTest, DatesCanBeGoneDownTo) {
  other_conference();
  const std::string conferences = "/admin/program_conference/conference/";
  const HttpResponse all = get(conferences);
  EXPECT_TRUE(contains(all, "href=\"?y=2027\">2027<"));
  EXPECT_TRUE(contains(all, "href=\"?y=2028\">2028<"));
  const HttpResponse year = get(conferences + "?y=2027");
  EXPECT_EQ(names(year), (Names{"Fair"}));
  EXPECT_TRUE(contains(year, "href=\"?y=2027&amp;m=5\">May 2027<"));
  EXPECT_EQ(names(get(conferences + "?y=2027&m=5&d=20")), (Names{"Fair"}));
  EXPECT_EQ(names(get(conferences + "?y=2027&m=5&d=21")), (Names{}));
  EXPECT_EQ(names(get(conferences + "?y=2027&m=12")), (Names{}));
}

TEST_P(ListTest, MomentsAreCountedInTheZoneOfTheConferenceFilteredFor) {
  const std::int64_t tokyo = other_conference();
  // 2027-12-31 20:00 UTC is next year's first morning in Tokyo.
  const Instant before = clock().now();
  clock().set(*Instant::parse("2027-12-31T20:00:00Z"));
  db().write_now(tokyo, "test", [&](db::Tx& tx) {
    conference::record(tx, {std::nullopt, "command", "command"}, conference::AuditAction::change,
                       {tokyo, "section", "1", "Early bird", 1});
  });
  clock().set(before);
  const std::string changes = "/admin/operation/change/";
  const std::string of_tokyo = "&conference_id=" + std::to_string(tokyo);
  EXPECT_TRUE(contains(get(changes + "?y=2027"), "Early bird"));
  EXPECT_FALSE(contains(get(changes + "?y=2028"), "Early bird"));
  EXPECT_FALSE(contains(get(changes + "?y=2027" + of_tokyo), "Early bird"));
  const HttpResponse page = get(changes + "?y=2028" + of_tokyo);
  EXPECT_TRUE(contains(page, "Early bird"));
  EXPECT_TRUE(contains(page, "1 January 2028, 05:00"));
  EXPECT_TRUE(contains(page, "(Asia/Tokyo)"));
}

TEST_P(ListTest, ManyRowsComeInPages) {
  write([&](db::Tx& tx) {
    for (int i = 0; i < 250; ++i) {
      tx.exec(
          "INSERT INTO section (conference_id, name, slug, start_date, end_date, sort_order, created_at, "
          "updated_at) VALUES ($1, $2, $2, '2027-05-20', '2027-05-20', $3, 0, 0)",
          conference_id(), "s" + std::to_string(i), i);
    }
  });
  const std::string sections = "/admin/program_conference/section/";
  const HttpResponse first = get(sections);
  EXPECT_EQ(names(first).size(), 100u);
  EXPECT_EQ(names(first).front(), "s0");
  EXPECT_TRUE(contains(first, "1–100 of 250 rows"));
  EXPECT_TRUE(contains(first, "href=\"?p=3\""));
  const HttpResponse last = get(sections + "?p=3");
  EXPECT_EQ(names(last).size(), 50u);
  EXPECT_EQ(names(last).front(), "s200");
  EXPECT_EQ(names(last).back(), "s249");
  EXPECT_EQ(names(get(sections + "?p=3&q=s")), names(last));
  EXPECT_EQ(names(get(sections + "?p=2&o=-sort_order")).front(), "s149");
  EXPECT_EQ(names(get(sections + "?p=9&q=s")), names(last));
  EXPECT_EQ(names(get(sections + "?all=1")).size(), 250u);
  EXPECT_EQ(names(get(sections + "?q=s24")).size(), 11u);
}

TEST_P(ListTest, FeatureFlagsAreDefaultOnOrOff) {
  write([&](db::Tx& tx) {
    tx.exec("UPDATE feature_flags SET sponsors_enabled = 1, programs_enabled = 0 WHERE conference_id = $1",
            conference_id());
  });
  const HttpResponse page = get("/admin/program_conference/featureflags/");
  EXPECT_EQ(names(page), (Names{"Fair"}));
  EXPECT_TRUE(contains(page, "class=\"flag usual\">Default<"));
  EXPECT_TRUE(contains(page, "class=\"flag yes\">On<"));
  EXPECT_TRUE(contains(page, "class=\"flag no\">Off<"));
}

TEST_P(ListTest, ChoicesAreFoundByNameAndConference) {
  const std::int64_t tokyo = other_conference();
  const HttpResponse all = get(types + "choices/?q=ticket");
  EXPECT_EQ(all.header("Content-Type"), "application/json");
  EXPECT_TRUE(contains(all, "\"text\":\"Ticket free\""));
  EXPECT_TRUE(contains(all, "\"more\":false"));
  const HttpResponse there = get(types + "choices/?conference=" + std::to_string(tokyo));
  EXPECT_TRUE(contains(there, "Kanto"));
  EXPECT_FALSE(contains(there, "Ticket free"));
  EXPECT_TRUE(contains(get(types + "choices/?page=2"), "\"results\":[]"));
  EXPECT_EQ(get(types + "choices/?page=x&conference=y").status, 200);
}

TEST_P(ListTest, ManyValuesOfAReferenceAreLookedFor) {
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    for (int i = 0; i < 60; ++i) {
      conference::Conference one;
      one.name = "Conference " + std::to_string(100 + i);
      one.slug = "c" + std::to_string(100 + i);
      one.start_date = one.end_date = *Date::parse("2027-05-20");
      one.timezone = "UTC";
      conference::create(tx, one);
    }
  });
  const HttpResponse page = get(types);
  EXPECT_TRUE(contains(page, "There are more. Type a part of the name."));
  const HttpResponse found = get(types + "?pick=conference_id&pick_q=conference+157");
  EXPECT_TRUE(contains(found, ">Conference 157<"));
  EXPECT_FALSE(contains(found, ">Conference 101<"));
}

TEST_P(ListTest, NobodyElseSeesAList) {
  Buyer nobody = buyer();
  EXPECT_EQ(nobody.get(types).status, 303);
  person("ada@example.org");
  sign_in(nobody, "ada@example.org");
  EXPECT_EQ(nobody.get(types).status, 404);
  EXPECT_EQ(nobody.get(types + "choices/").status, 404);
  EXPECT_EQ(get("/admin/program_registration/nothing/").status, 404);
}

}  // namespace
}  // namespace plenary::admin::testing
