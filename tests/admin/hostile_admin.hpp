// What the tests of hostile input share: a superuser's browser, a second conference, the whole content of the
// administered tables as one text, and what no answer may ever be.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "admin/desk.hpp"
#include "admin/form_reader.hpp"
#include "domain/conference/budget.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/demo.hpp"
#include "domain/registration/products.hpp"
#include "domain/sponsors/types.hpp"

namespace plenary::admin::testing {

inline const std::string accounts_of = "accounts/user";
inline const std::string vouchers = "program_registration/voucher";
inline const std::string sponsors_of = "program_sponsors/sponsor";

struct Hostile {
  const char* what;
  std::string text;
};

// Texts that mean something elsewhere, and are nothing but text here.
inline const std::array live_texts{
    Hostile{"a script element", "<script>alert(1)</script>"},
    Hostile{"an attribute that ends early", "\"><img src=x onerror=alert(1)>"},
    Hostile{"a single quote", "' onmouseover='alert(1)"},
    Hostile{"the end of a textarea", "</textarea><svg/onload=alert(1)>"},
    Hostile{"SQL that drops a table", "'; DROP TABLE conference; --"},
    Hostile{"SQL that is always true", "x' OR '1'='1"},
    Hostile{"a template variable", "{{ settings.SECRET_KEY }}{% include \"404.html\" %}"},
    Hostile{"our own placeholders", "{name} {0} {} %s%n"},
    Hostile{"a wildcard of LIKE", "100%_\\"},
    Hostile{"a formula", "=HYPERLINK(\"http://evil.example\",\"x\")"},
};

class HostileAdmin : public FormTest {
 protected:
  void SetUp() override {
    FormTest::SetUp();
    root_.emplace(superuser_browser());
  }
  Buyer& root() { return *root_; }

  static void expect_sound(const HttpResponse& answer) {
    EXPECT_LT(answer.status, 500) << answer.body.substr(0, 600);
    EXPECT_NE(answer.status, 0);
    EXPECT_EQ(answer.header("X-Injected"), "");
    for (const char* live : {"<script>alert", "<img src=x", "<svg/onload", "' onmouseover='"})
      EXPECT_FALSE(contains(answer, live)) << live;
    const std::string to = answer.header("Location");
    EXPECT_TRUE(to.empty() || (to.starts_with("/") && !to.starts_with("//") && !to.starts_with("/\\"))) << to;
  }
  // Every row of every table with pages, but for what a sign-in touches.
  std::string everything() {
    return db().read_now([](db::Tx& tx) {
      std::string all;
      for (const Area& area : areas()) {
        for (const Model* model : area.models) {
          all += fmt::format("\n# {}\n", model->table->name());
          struct Use {
            const Model& model;
            std::string& all;
          } use{*model, all};
          model->table->select_rows(
              tx, fmt::format("ORDER BY {}", model->key().name), {},
              [](void* context, const void* row) {
                auto& [of, text] = *static_cast<Use*>(context);
                for (const db::Column& column : of.table->columns()) {
                  if (column.name != "last_sign_in_at" && column.name != "updated_at")
                    text += column.text(row).value_or("-") + "|";
                }
                text += '\n';
              },
              &use);
        }
      }
      return all;
    });
  }
  std::string first_key(const Model& model) {
    return db().read_now([&](db::Tx& tx) {
      const auto keys = tx.query<std::string>(db::intern_sql(fmt::format(
          "SELECT CAST({0} AS TEXT) FROM {1} ORDER BY {0} LIMIT 1", model.key().name, model.table->name())));
      return keys.empty() ? std::string() : keys[0];
    });
  }
  void seed() {
    const domain::DemoInputs inputs = domain::prepare_demo(Random::system());
    write([&](db::Tx& tx) {
      domain::seed_demo(tx, conference_id(), shop(), application().site().link_key, inputs);
      const Date day = *Date::parse("2027-05-20");
      conference::Section section;
      section.conference_id = conference_id();
      section.name = section.slug = "talks";
      section.start_date = section.end_date = day;
      conference::section_table().insert(tx, section);
      conference::ConsentText consent;
      consent.conference_id = conference_id();
      consent.slug = "rules";
      consent.text = "I follow the rules.";
      conference::consent_text_table().insert(tx, consent);
      sponsors::SponsorLevel level;
      level.conference_id = conference_id();
      level.name = level.slug = "gold";
      sponsors::Sponsor sponsor;
      sponsor.level_id = sponsors::sponsor_level_table().insert(tx, level).id;
      sponsor.conference_id = conference_id();
      sponsor.name = sponsor.slug = "acme";
      sponsors::SponsorBenefit benefit;
      benefit.sponsor_id = sponsors::sponsor_table().insert(tx, sponsor).id;
      benefit.name = "Booth";
      sponsors::sponsor_benefit_table().insert(tx, benefit);
      conference::ExpenseCategory category;
      category.conference_id = conference_id();
      category.name = category.slug = "venue";
      conference::Expense expense;
      expense.category_id = conference::expense_category_table().insert(tx, category).id;
      expense.conference_id = conference_id();
      expense.description = "Rent";
      expense.amount = 100;
      expense.date = day;
      conference::expense_table().insert(tx, expense);
      return 0;
    });
  }
  std::int64_t id_of(const std::string& table, const std::string& slug) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>(
          db::intern_sql("SELECT id FROM " + table + " WHERE slug = $1 AND conference_id = $2"), slug,
          conference_id());
    });
  }
  // A second conference with a ticket type and a section; its id.
  std::int64_t other_conference() {
    return db().write_now(db::global_lane, "test", [](db::Tx& tx) {
      conference::Conference other;
      other.name = "Other";
      other.slug = "other";
      other.start_date = other.end_date = *Date::parse("2028-01-01");
      const std::int64_t id = conference::create(tx, other).value();
      registration::TicketType type;
      type.conference_id = id;
      type.name = "Foreign ticket";
      type.slug = "foreign";
      registration::save(tx, type);
      conference::Section section;
      section.conference_id = id;
      section.name = "Foreign section";
      section.slug = "foreign";
      section.start_date = section.end_date = other.start_date;
      conference::section_table().insert(tx, section);
      return id;
    });
  }
  static std::string list_of(const std::string& entity) { return "/admin/" + entity + "/"; }
  // The list's form with these rows marked; the page that asks.
  HttpResponse mark(const std::string& entity, const std::string& action,
                    const std::vector<std::string>& keys, Fields more = {}) {
    const std::string list = list_of(entity);
    root().get(list);
    Fields fields{{"action", action}};
    for (const std::string& key : keys) fields.emplace_back("key", key);
    fields.insert(fields.end(), more.begin(), more.end());
    return root().post(list + "action/", fields);
  }
  HttpResponse confirm(const HttpResponse& asked, const std::string& entity) {
    const std::string path = list_of(entity) + "action/";
    return root().post(path, Buyer::form(asked, path, {}, "1"));
  }

  std::optional<Buyer> root_;
};

}  // namespace plenary::admin::testing
