// Batches of vouchers, tables of them in and out, and what a rule would have done to the last orders. source:
// registration 20, 5.4, 13 and D9.
#include <fmt/format.h>

#include "admin/form_reader.hpp"
#include "admin/groups.hpp"
#include "domain/registration/voucher_batches.hpp"

namespace plenary::admin::testing {
namespace {

const std::string voucher_list = "/admin/program_registration/voucher/";
const std::string batch_form = voucher_list + "batch/", import_form = voucher_list + "import/";
const std::string voucher_entity = "program_registration/voucher",
                  discount_entity = "program_registration/condition";

class ToolsTest : public FormTest {
 protected:
  std::string conference() const { return std::to_string(conference_id()); }
  HttpResponse upload(Buyer& who, const std::string& table, const std::string& existing = "refuse") {
    who.get(import_form);
    const std::string border = "----border";
    std::string body;
    for (const auto& [name, value] : Fields{{"csrfmiddlewaretoken", who.client().csrf_token()},
                                            {"conference_id", conference()},
                                            {"existing", existing}})
      body += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", border, name,
                          value);
    body += fmt::format(
        "--{}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"v.csv\"\r\nContent-Type: "
        "text/csv\r\n\r\n{}\r\n--{}--\r\n",
        border, table, border);
    return who.client().request("POST", import_form, body,
                                {{"Content-Type", "multipart/form-data; boundary=" + border}});
  }
  std::int64_t add_voucher(Buyer& root, const std::string& code) {
    PageForm form = open_add(root, voucher_entity);
    form.set("conference_id", conference()).set("code", code);
    EXPECT_EQ(send_add(root, voucher_entity, form).status, 303);
    return count("SELECT max(id) FROM voucher");
  }
};
ON_BOTH_ENGINES(ToolsTest);

// A limit was lowered behind a group: nothing is kept for it, and whoever looks after the list is told.
TEST_P(ToolsTest, TheWaitingListTellsWhichGroupsCanNeverBeServed) {
  const std::int64_t ticket = count("SELECT min(id) FROM ticket_type");
  db().write_now(conference_id(), "waiting", [&](db::Tx& tx) {
    const auto line = tx.one<std::int64_t>(
        "INSERT INTO waiting_line (conference_id, ticket_type_id, entries, units) VALUES ($1, $2, 2, 8) "
        "RETURNING "
        "id",
        conference_id(), ticket);
    for (const char* name : {"Bob <Group>", "Cleo Single"}) {
      const bool group = name[0] == 'B';
      const auto entry = tx.one<std::int64_t>(
          "INSERT INTO waiting_entry (conference_id, name, email, email_normalized, quantity, "
          "all_or_nothing, "
          "joined_at, updated_at) VALUES ($1, $2, 'b@example.org', 'b@example.org', 4, $3, 0, 0) RETURNING "
          "id",
          conference_id(), name, group);
      tx.exec("INSERT INTO waiting_choice (entry_id, choice_rank, line_id, needs) VALUES ($1, 1, $2, $3)",
              entry, line, group ? 4 : 1);
    }
    return 0;
  });
  Buyer root = superuser_browser();
  const std::string list = "/admin/program_registration/waitingentry/", note = "can never be served";
  const std::string lines = "/admin/program_registration/waitingline/";
  const auto with_note = [&] {
    const HttpResponse page = root.get(list);
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(contains(page, "Bob &lt;Group&gt;"));
    std::size_t notes = 0;
    for (std::size_t at = page.body.find(note); at != std::string::npos; at = page.body.find(note, at + 1))
      ++notes;
    return notes;
  };
  const auto set = [&](const char* sql) {
    db().write_now(conference_id(), "limit", [&](db::Tx& tx) { return tx.exec(sql, ticket); });
  };
  EXPECT_EQ(with_note(), 0u);
  set("UPDATE ticket_type SET limit_per_user = 3 WHERE id = $1");
  EXPECT_EQ(with_note(), 1u) << "of the group alone";
  EXPECT_TRUE(contains(root.get(lines), "Of groups too large to be served"));
  set("UPDATE ticket_type SET limit_per_user = 10 WHERE id = $1");
  EXPECT_EQ(with_note(), 0u);
  set("UPDATE stock SET capacity = 3 WHERE kind = 'ticket_type' AND product_id = $1");
  EXPECT_EQ(with_note(), 1u);
}

TEST_P(ToolsTest, ABatchIsStartedByTheVouchersOwnFormAndItsPageTellsHowFarItIs) {
  Buyer root = superuser_browser();
  EXPECT_TRUE(contains(root.get(voucher_list), "href=\"" + batch_form + "\""));
  PageForm form(root.get(batch_form), batch_form);
  form.set("conference_id", conference()).set("code", "part-").set("count", "0");
  form.set("voucher_type", "percentage").set("percent", "20");
  const HttpResponse refused = send(root, batch_form, form);
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "Write how many vouchers, from 1 to 10,000."));
  PageForm bare(root.get(batch_form), batch_form);
  bare.set("conference_id", conference()).set("count", "0");
  const HttpResponse both = send(root, batch_form, bare);
  EXPECT_TRUE(contains(both, "Prefix is required.")) << "as the form calls it";
  EXPECT_TRUE(contains(both, "Write how many vouchers, from 1 to 10,000.")) << "all at once";
  form.set("count", "5").set("max_uses", "0");
  EXPECT_TRUE(contains(send(root, batch_form, form), "Maximum uses must be between 1 and"));
  form.set("max_uses", "1").set("code", std::string(21, 'p'));
  const HttpResponse long_one = send(root, batch_form, form);
  EXPECT_EQ(long_one.status, 422);
  EXPECT_TRUE(contains(long_one, "Prefix: use at most 20 characters."));
  EXPECT_TRUE(contains(long_one, std::string(21, 'p'))) << "what was typed stays";
  form.set("count", "10001");
  const HttpResponse both_wrong = send(root, batch_form, form);
  EXPECT_TRUE(contains(both_wrong, "Prefix: use at most 20 characters.")) << "all at once";
  EXPECT_TRUE(contains(both_wrong, "Write how many vouchers, from 1 to 10,000."));
  EXPECT_EQ(count("SELECT count(*) FROM voucher_batch"), 0);
  PageForm kept(refused, batch_form);
  EXPECT_EQ(kept.get("code"), "part-") << "what was typed stays";
  kept.set("count", "700");
  const HttpResponse started = send(root, batch_form, kept);
  ASSERT_EQ(started.status, 303);
  EXPECT_EQ(send(root, batch_form, kept).header("Location"), started.header("Location")) << "a double click";
  EXPECT_EQ(count("SELECT count(*) FROM voucher_batch"), 1);
  const std::string page = started.header("Location");
  EXPECT_TRUE(contains(root.get(page), "0 of 700 vouchers are made."));
  EXPECT_TRUE(contains(root.get(page), "data-stream=\"" + page + "progress/\""));

  const std::int64_t id = count("SELECT id FROM voucher_batch");
  int pieces = 0;
  EXPECT_THROW(registration::run_batch(db(), Random::system(), id, [&] { return ++pieces < 2; }),
               std::runtime_error);
  EXPECT_TRUE(contains(root.get(page), "500 of 700 vouchers are made."));
  EXPECT_EQ(root.post(page, {{"action", "stop"}}).status, 303);
  EXPECT_TRUE(contains(root.get(page), "stopped"));
  EXPECT_EQ(root.post(page, {{"action", "continue"}}).status, 303);
  registration::run_batch(db(), Random::system(), id, [] { return true; });
  EXPECT_EQ(count("SELECT count(*) FROM voucher WHERE code LIKE 'PART-%' AND percent = '20'"), 700);
  const HttpResponse events = root.get(page + "progress/");
  EXPECT_EQ(events.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(events.body, "event: progress\ndata: 700/700\n\nevent: end\ndata: \n\n");
  const HttpResponse sheet =
      root.get(fmt::format("{}sheet/?conference_id={}&batch={}", voucher_list, conference(), id));
  EXPECT_EQ(std::count(sheet.body.begin(), sheet.body.end(), '\n'), 701);
  EXPECT_TRUE(contains(root.get(batch_form), "PART-"));
}

TEST_P(ToolsTest, ATableIsCheckedShownAndThenWritten) {
  Buyer root = superuser_browser();
  const HttpResponse wrong = upload(root, "code;percent\nA B;10\nC;ten\n");
  EXPECT_EQ(wrong.status, 422);
  for (const char* told : {"no code: use letters", "“ten” is no percentage", "semicolon", "2 problems"})
    EXPECT_TRUE(contains(wrong, told)) << told;
  EXPECT_EQ(count("SELECT count(*) FROM voucher"), 0);
  const HttpResponse twice = upload(root, "code;percent\nA B;10\nC;10\nC;10\n");
  EXPECT_LT(twice.body.find("no code: use letters"), twice.body.find("stands in line 3 already"))
      << "as they stand in the file";

  const HttpResponse fine =
      upload(root, "code,type,percent,note\nA,percentage,10,\"two\nlines, \\n\"\nB,comp,,\n");
  ASSERT_EQ(fine.status, 200);
  EXPECT_TRUE(contains(fine, "2 vouchers are new."));
  EXPECT_EQ(count("SELECT count(*) FROM voucher"), 0) << "looking changes nothing";
  const PageForm confirm(fine, import_form);
  ASSERT_TRUE(confirm.has("part-0"));
  const HttpResponse done = send(root, import_form, confirm);
  EXPECT_EQ(done.status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM voucher"), 2);
  EXPECT_EQ(text("SELECT note FROM voucher WHERE code = 'A'"), "two\nlines, \\n");
  EXPECT_EQ(send(root, import_form, confirm).status, 303) << "a double click";
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE entity = 'voucher'"), 2);

  EXPECT_EQ(upload(root, "code,percent\nA,20\n").status, 422) << "it is there already";
  const HttpResponse update = upload(root, "code,percent\na,20\n", "update");
  EXPECT_TRUE(contains(update, "1 voucher changes."));
  EXPECT_EQ(send(root, import_form, PageForm(update, import_form)).status, 303);
  EXPECT_EQ(text("SELECT percent FROM voucher WHERE code = 'A'"), "20");
}

TEST_P(ToolsTest, TenThousandRowsAreOneImport) {
  Buyer root = superuser_browser();
  std::string table = "code,type,amount\n";
  for (int i = 0; i < 10'000; ++i) table += fmt::format("CODE-{},fixed_amount,5\n", i);
  const HttpResponse fine = upload(root, table);
  ASSERT_EQ(fine.status, 200);
  const PageForm confirm(fine, import_form);
  EXPECT_TRUE(confirm.has("part-1")) << "in pieces that a form may carry";
  EXPECT_EQ(send(root, import_form, confirm).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM voucher WHERE amount = 500"), 10'000);
}

TEST_P(ToolsTest, TheTableGoesOutWithoutFormulas) {
  Buyer root = superuser_browser();
  upload(root, "code,note\n-A,=1+1\n");
  const HttpResponse fine = upload(root, "code,note\n-A,=1+1\n");
  send(root, import_form, PageForm(fine, import_form));
  const HttpResponse sheet = root.get(voucher_list + "sheet/?conference_id=" + conference());
  EXPECT_EQ(sheet.status, 200);
  EXPECT_EQ(sheet.header("Content-Disposition"), "attachment; filename=\"vouchers.csv\"");
  EXPECT_TRUE(contains(sheet, "'-A,comp"));
  EXPECT_TRUE(contains(sheet, "'=1+1"));
  EXPECT_EQ(root.get(voucher_list + "sheet/").status, 404);
}

TEST_P(ToolsTest, APreviewShowsWhatTheLastOrdersWouldHavePaidAndKeepsWhatWasTyped) {
  Buyer root = superuser_browser();
  Buyer guest = buyer();
  guest.add("individual");
  ASSERT_FALSE(guest.order().header("Location").empty());
  const std::string preview = "/admin/" + discount_entity + "/preview/";
  PageForm form = open_add(root, discount_entity);
  form.set("conference_id", conference())
      .set("name", "Quarter")
      .set("percent", "25")
      .set("addon_scope", "none");
  const HttpResponse page = send(root, preview, form);
  ASSERT_EQ(page.status, 200);
  for (const char* told : {"Quarter", "$100.00", "$75.00", "1 / 1", "Back to the form"})
    EXPECT_TRUE(contains(page, told)) << told;
  EXPECT_EQ(count("SELECT count(*) FROM discount_condition"), 0) << "nothing is saved";
  PageForm kept(page, add_address(discount_entity));
  kept.set("_restore", "1");
  const HttpResponse back = send_add(root, discount_entity, kept);
  EXPECT_EQ(back.status, 200);
  EXPECT_EQ(PageForm(back, add_address(discount_entity)).get("percent"), "25");
  EXPECT_EQ(count("SELECT count(*) FROM discount_condition"), 0);
  PageForm save(page, add_address(discount_entity));
  EXPECT_EQ(send_add(root, discount_entity, save).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM discount_condition"), 1);
  // What is wrong is told by the form.
  form.set("percent", "250");
  const HttpResponse wrong = send(root, preview, form);
  EXPECT_EQ(wrong.status, 422);
  EXPECT_TRUE(contains(wrong, "Percent must be between"));
  form.set("percent", "25").set("kind", "group_member");
  const HttpResponse nobody = send(root, preview, form);
  EXPECT_EQ(nobody.status, 422);
  EXPECT_TRUE(contains(nobody, "Choose at least one group: without one nobody gets it."));
  EXPECT_EQ(PageForm(nobody, add_address(discount_entity)).get("name"), "Quarter") << "what was typed stays";

  const std::int64_t id = add_voucher(root, "FREE");
  const HttpResponse stored = root.get(address(voucher_entity, id, "preview"));
  EXPECT_EQ(stored.status, 200);
  EXPECT_TRUE(contains(stored, "FREE"));
  EXPECT_EQ(root.get(address(ticket_types, 1, "preview")).status, 404) << "only rules have one";
}

class ToolsRights : public GroupsTest {};
ON_BOTH_ENGINES(ToolsRights);

TEST_P(ToolsRights, WhoOnlyLooksMakesAndTakesNothing) {
  Buyer reader = colleague("reader@example.org", "Read-Only Staff");
  for (const std::string& path : {batch_form, import_form}) {
    EXPECT_EQ(reader.get(path).status, 403) << path;
    EXPECT_EQ(reader.post(path, {{"count", "5"}}).status, 403) << path;
  }
  EXPECT_EQ(reader.get(fmt::format("{}sheet/?conference_id={}", voucher_list, conference_id())).status, 403);
  EXPECT_EQ(reader.post("/admin/" + voucher_entity + "/preview/", {}).status, 403);
  Buyer clerk = colleague("clerk@example.org", "Registration Manager");
  EXPECT_EQ(clerk.get(batch_form).status, 200);
  EXPECT_EQ(clerk.get(import_form).status, 200);
  EXPECT_EQ(clerk.get(fmt::format("{}sheet/?conference_id={}", voucher_list, conference_id())).status, 200);
  EXPECT_EQ(clerk.get(fmt::format("{}sheet/?conference_id={}", voucher_list, foreign())).status, 404);
  clerk.get(import_form);
  const HttpResponse elsewhere =
      clerk.post(import_form, {{"conference_id", std::to_string(foreign())}, {"part-0", "code\\nA\\n"}});
  EXPECT_EQ(elsewhere.status, 422);
  EXPECT_EQ(count("SELECT count(*) FROM voucher WHERE code = 'A'"), 0);
}

TEST_P(ToolsRights, WhoMayOnlyAddVouchersChangesNoneByTheirCodes) {
  group("Adders", {"program_registration.add_voucher"});
  Buyer& superuser = root();
  const std::string conference = std::to_string(conference_id());
  const Fields here{{"conference_id", conference}, {"part-0", "code,percent,type\\nMINE,5,percentage\\n"}};
  superuser.get(import_form);
  EXPECT_EQ(superuser.post(import_form, here).status, 303);
  Buyer adder = colleague("adder@example.org", "Adders");
  adder.get(import_form);
  Fields update{{"conference_id", conference},
                {"existing", "update"},
                {"part-0", "code,percent,type\\nMINE,100,percentage\\n"}};
  EXPECT_EQ(adder.post(import_form, update).status, 403);
  EXPECT_EQ(count("SELECT count(*) FROM voucher WHERE code = 'MINE' AND percent = '5'"), 1);
  EXPECT_EQ(adder.post(import_form, {{"conference_id", conference}, {"part-0", "code\\nNEW\\n"}}).status,
            303);
  EXPECT_EQ(count("SELECT count(*) FROM voucher WHERE code = 'NEW'"), 1);
}

}  // namespace
}  // namespace plenary::admin::testing
