// Seats over HTTP: the buyer's forms, the holder's link, tickets as page, PDF and calendar file, own orders;
// and what strangers, replays and hostile texts get.
#include "support/site/shop.hpp"

#include "domain/accounts/sessions.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/orders.hpp"

namespace plenary::site::testing {
namespace {

class SeatPages : public ShopTest {
 protected:
  // Ada buys `units` and pays. Her order's path, by secret link.
  std::string buy(Buyer& ada, const std::string& units = "2") {
    ada.add("individual", units);
    const std::string pay_path = ada.order().header("Location");
    EXPECT_EQ(outcome(ada.pay(pay_path)), "paid");
    return pay_path.substr(0, pay_path.size() - 4);
  }
  std::vector<registration::Seat> seats() {
    return db().read_now([&](db::Tx& tx) {
      return registration::seats_of(tx, tx.one<std::int64_t>("SELECT max(id) FROM orders"));
    });
  }
  std::int64_t id(std::size_t index) { return seats().at(index).id; }
  std::string buyers_path(const std::string& order, std::size_t index) {
    return order + "seats/" + std::to_string(id(index)) + "/";
  }
  std::string holders_path(std::size_t index) {
    const registration::Seat seat = seats().at(index);
    return "/fair/register/seats/" + std::to_string(seat.id) + "/" +
           registration::seat_link_token(application().site().link_key, seat.id, seat.link_version) + "/";
  }
  static std::string altered(std::string token) {
    token.front() = token.front() == 'x' ? 'y' : 'x';
    return token;
  }
  // A signed-in browser of a person with a proven address.
  Buyer signed_in(const std::string& email, std::int64_t& user) {
    const std::string token = random_token(Random::system(), 32);
    user = write([&](db::Tx& tx) {
      const auto made = tx.one<std::int64_t>(
          "INSERT INTO user_account (email, email_normalized, name, password_hash, is_active, "
          "email_verified_at, created_at, updated_at) VALUES ($1, $1, 'Person', 'x', 1, 1, 1, 1) RETURNING "
          "id",
          email);
      accounts::create_session(tx, {.token_hash = token_hash(token), .user_id = made});
      return made;
    });
    Buyer person = buyer();
    person.client().cookies()["plenary_session"] = token;
    return person;
  }
  HttpResponse submit(Buyer& who, const std::string& page_path, const std::string& action, Fields typed) {
    const HttpResponse page = who.get(page_path);
    EXPECT_EQ(page.status, 200);
    typed.emplace_back("action", action);
    const bool hidden_action = action == "transfer" || action == "withdraw" || action == "confirm";
    Fields fields = Buyer::form(page, page_path, {}, hidden_action ? action : "");
    for (const auto& [name, value] : typed) {
      std::erase_if(fields, [&](const auto& field) { return field.first == name; });
      fields.emplace_back(name, value);
    }
    return who.post(page_path, fields);
  }
};
ON_BOTH_ENGINES(SeatPages);

TEST_P(SeatPages, TheOrderShowsEachSeatWithItsFormsAndLinks) {
  Buyer ada = buyer();
  const std::string order = buy(ada);
  const HttpResponse page = ada.get(order);
  EXPECT_EQ(page.status, 200);
  for (const registration::Seat& seat : seats()) EXPECT_TRUE(contains(page, seat.access_code));
  EXPECT_TRUE(contains(page, "Ticket 1: Ticket individual"));
  EXPECT_TRUE(contains(page, "Nobody named yet"));
  EXPECT_TRUE(contains(page, "for ticket 2")) << "labels name their seat";
  EXPECT_TRUE(contains(page, buyers_path(order, 0) + "ticket.pdf"));
  EXPECT_TRUE(contains(page, "id=\"seat-" + std::to_string(id(1)) + "-email\""));
}

TEST_P(SeatPages, TheBuyerNamesFromTheOrderPageAndComesBackToIt) {
  Buyer ada = buyer();
  const std::string order = buy(ada), path = buyers_path(order, 1);
  Fields fields = Buyer::form(ada.get(order), path, {{"name", "Grace Hopper"}, {"email", ""}});
  fields.emplace_back("action", "name");
  const HttpResponse named = ada.post(path, fields);
  EXPECT_EQ(named.status, 303);
  EXPECT_EQ(outcome(named), "named");
  EXPECT_EQ(named.header("Location"), order + "#seat-" + std::to_string(id(1)));
  const HttpResponse page = ada.get(order);
  EXPECT_TRUE(contains(page, "Grace Hopper"));
  EXPECT_TRUE(contains(page, "The name was saved."));
}

TEST_P(SeatPages, ALinkIsMailedOnceHoweverOftenTheButtonIsPressed) {
  Buyer ada = buyer();
  const std::string order = buy(ada), path = buyers_path(order, 1);
  Fields fields = Buyer::form(ada.get(path), path, {{"name", ""}, {"email", "grace@example.org"}});
  fields.emplace_back("action", "send");
  const HttpResponse first = ada.post(path, fields), second = ada.post(path, fields);
  EXPECT_EQ(outcome(first), "mailed");
  EXPECT_EQ(outcome(second), "mailed");
  EXPECT_EQ(count("SELECT count(*) FROM outbox WHERE payload LIKE '%seat_link%'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM seat_event"), 1);
  EXPECT_TRUE(contains(ada.get(order), "Link mailed"));
}

TEST_P(SeatPages, AllProblemsAreToldAndWhatWasTypedStays) {
  Buyer ada = buyer();
  const std::string order = buy(ada), path = buyers_path(order, 1);
  const HttpResponse answer =
      submit(ada, buyers_path(order, 0), "transfer", {{"new_name", "Mary"}, {"new_email", "nowhere"}});
  EXPECT_EQ(answer.status, 422);
  const HttpResponse named = submit(ada, path, "send", {{"name", "Grace & Co"}, {"email", "nowhere"}});
  EXPECT_EQ(named.status, 422);
  EXPECT_TRUE(contains(named, "Error:"));
  EXPECT_TRUE(contains(named, "aria-invalid=\"true\""));
  EXPECT_TRUE(contains(named, "value=\"Grace &amp; Co\""));
  EXPECT_TRUE(contains(named, "value=\"nowhere\""));
  EXPECT_EQ(count("SELECT count(*) FROM seat_event"), 0);
}

TEST_P(SeatPages, TheHolderConfirmsAndSeesTheirSeatAndNothingElse) {
  Buyer ada = buyer(), grace = buyer();
  const std::string order = buy(ada);
  EXPECT_EQ(outcome(submit(ada, buyers_path(order, 1), "send",
                           {{"name", "Grace"}, {"email", "grace@example.org"}})),
            "mailed");
  const std::string path = holders_path(1);
  const HttpResponse page = grace.get(path);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, seats()[1].access_code));
  EXPECT_FALSE(contains(page, seats()[0].access_code));
  EXPECT_FALSE(contains(page, "ada@example.org"));
  EXPECT_FALSE(contains(page, "/register/orders/")) << "no way to the order";
  EXPECT_EQ(page.header("Cache-Control"), "no-store");
  EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
  EXPECT_TRUE(page.header("X-Robots-Tag").find("noindex") != std::string::npos);

  const HttpResponse confirmed = submit(grace, path, "confirm", {{"name", "Grace Hopper"}});
  EXPECT_EQ(outcome(confirmed), "confirmed");
  EXPECT_EQ(confirmed.header("Location"), path);
  EXPECT_EQ(seats()[1].name, "Grace Hopper");
  // What belongs to the buyer is not the holder's to do.
  for (const char* action : {"withdraw", "send", "name", "delete", ""}) {
    Fields fields = Buyer::form(grace.get(path), path, {{"email", "x@example.org"}}, "confirm");
    std::erase_if(fields, [](const auto& field) { return field.first == "action"; });
    fields.emplace_back("action", action);
    const HttpResponse refused = grace.post(path, fields);
    EXPECT_EQ(refused.status, 422) << action;
  }
  EXPECT_EQ(seats()[1].email, "grace@example.org");
}

TEST_P(SeatPages, AHoldersTokenOpensNoOtherSeatAndNoOrder) {
  Buyer ada = buyer(), eve = buyer();
  const std::string order = buy(ada);
  const std::string mine = holders_path(1);
  const std::string token = mine.substr(mine.find('/', std::string("/fair/register/seats/").size()) + 1);
  const std::string other = "/fair/register/seats/" + std::to_string(id(0)) + "/" + token;
  const std::string reference =
      order.substr(0, order.find('/', std::string("/fair/register/orders/").size()) + 1);
  for (const std::string& path :
       {other, other + "ticket.pdf", other + "ticket/", other + "calendar.ics", reference + token,
        reference + token + "seats/" + std::to_string(id(1)) + "/",
        "/fair/register/seats/" + std::to_string(id(1)) + "/" + altered(token),
        "/fair/register/seats/999999/" + token})
    EXPECT_EQ(eve.get(path).status, 404) << path;
  // The order's own token opens seats of that order alone.
  Buyer bob = buyer();
  const std::string bobs = buy(bob, "1");
  const std::int64_t bobs_seat = id(0);
  EXPECT_EQ(ada.get(order + "seats/" + std::to_string(bobs_seat) + "/").status, 404);
  EXPECT_EQ(bob.get(bobs + "seats/" + std::to_string(bobs_seat) + "/").status, 200);
  // Nor does a form that was made for another seat.
  Fields fields = Buyer::form(bob.get(buyers_path(bobs, 0)), buyers_path(bobs, 0), {{"name", "Eve"}});
  fields.emplace_back("action", "name");
  const std::string strange = reference + altered(order.substr(reference.size()));
  EXPECT_EQ(bob.post(strange + "seats/" + std::to_string(bobs_seat) + "/", fields).status, 404);
}

TEST_P(SeatPages, ATransferClosesTheOldLinkAndARepeatShowsTheFirstResult) {
  Buyer ada = buyer(), grace = buyer(), mary = buyer();
  const std::string order = buy(ada);
  submit(ada, buyers_path(order, 1), "send", {{"name", "Grace"}, {"email", "grace@example.org"}});
  const std::string path = holders_path(1), code = seats()[1].access_code;
  Fields fields = Buyer::form(grace.get(path), path,
                              {{"new_name", "Mary Shelley"}, {"new_email", "mary@example.org"}}, "transfer");
  const HttpResponse first = grace.post(path, fields), second = grace.post(path, fields);
  EXPECT_EQ(outcome(first), "transferred");
  EXPECT_EQ(outcome(second), "transferred") << "the double click is told the same";
  EXPECT_EQ(first.header("Location"), second.header("Location"));
  EXPECT_EQ(count("SELECT count(*) FROM seat_event WHERE kind = 'transferred'"), 1);
  EXPECT_EQ(grace.get(path).status, 404);
  EXPECT_EQ(grace.get(path + "ticket.pdf").status, 404);
  EXPECT_NE(seats()[1].access_code, code);
  EXPECT_EQ(mary.get(holders_path(1)).status, 200);
  EXPECT_EQ(seats()[1].name, "Mary Shelley");
}

TEST_P(SeatPages, AFormFromBeforeATransferChangesNothing) {
  Buyer ada = buyer();
  const std::string order = buy(ada), path = buyers_path(order, 1);
  submit(ada, path, "send", {{"name", "Grace"}, {"email", "grace@example.org"}});
  const HttpResponse old = ada.get(path);
  submit(ada, path, "transfer", {{"new_name", "Mary"}, {"new_email", "mary@example.org"}});
  const HttpResponse answer = ada.post(path, Buyer::form(old, path, {}, "withdraw"));
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(outcome(answer), "seat_changed");
  EXPECT_EQ(seats()[1].name, "Mary");
}

TEST_P(SeatPages, WithoutTheTokenOfOurFormNothingIsChanged) {
  Buyer ada = buyer();
  const std::string order = buy(ada), path = buyers_path(order, 1);
  EXPECT_EQ(
      ada.post(path,
               {{"csrfmiddlewaretoken", "another"}, {"action", "name"}, {"name", "Eve"}, {"version", "1"}})
          .status,
      403);
  EXPECT_EQ(seats()[1].name, "");
}

TEST_P(SeatPages, TheTicketIsAPageAPdfAndACalendarFile) {
  Buyer ada = buyer();
  const std::string order = buy(ada), path = buyers_path(order, 0);
  const std::string code = seats()[0].access_code;
  const HttpResponse page = ada.get(path + "ticket/");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, code));
  EXPECT_TRUE(contains(page, "Ada Lovelace"));
  EXPECT_TRUE(contains(page, "src=\"data:image/svg+xml,"));
  EXPECT_TRUE(contains(page, "alt=\"QR code of this ticket, for check-in\""));
  EXPECT_TRUE(contains(page, "not valid")) << "it was paid in the sandbox";

  const HttpResponse pdf = ada.get(path + "ticket.pdf");
  EXPECT_EQ(pdf.status, 200);
  EXPECT_EQ(pdf.header("Content-Type"), "application/pdf");
  EXPECT_TRUE(pdf.header("Content-Disposition").find("ticket-fair-" + code + ".pdf") != std::string::npos);
  EXPECT_TRUE(pdf.body.starts_with("%PDF-"));
  EXPECT_EQ(pdf.header("Cache-Control"), "no-store");

  const HttpResponse calendar = ada.get(path + "calendar.ics");
  EXPECT_EQ(calendar.status, 200);
  EXPECT_TRUE(calendar.header("Content-Type").starts_with("text/calendar"));
  EXPECT_TRUE(contains(calendar, "DTSTART;VALUE=DATE:20270520\r\nDTEND;VALUE=DATE:20270523\r\n"));
  EXPECT_TRUE(contains(calendar, "UID:seat-" + std::to_string(id(0)) + "@"));
  for (const char* end : {"ticket/", "ticket.pdf", "calendar.ics"})
    EXPECT_EQ(buyer().get(holders_path(0) + end).status, 200) << end;
}

TEST_P(SeatPages, AllTicketsOfAnOrderAreOneFile) {
  Buyer ada = buyer();
  const std::string order = buy(ada), all = order + "tickets.pdf";
  EXPECT_TRUE(contains(ada.get(order), "href=\"" + all + "\""));
  const HttpResponse pdf = ada.get(all);
  EXPECT_EQ(pdf.status, 200);
  EXPECT_EQ(pdf.header("Content-Type"), "application/pdf");
  EXPECT_TRUE(pdf.header("Content-Disposition").find("tickets-fair-ORD-") != std::string::npos);
  EXPECT_TRUE(pdf.body.starts_with("%PDF-"));
  EXPECT_EQ(pdf.header("Cache-Control"), "no-store");
  EXPECT_EQ(buyer().get(order.substr(0, order.size() - 3) + "xx/tickets.pdf").status, 404);
  // One ticket has its own file alone; none that is valid has none.
  const std::int64_t second = id(1);
  write([&](db::Tx& tx) { tx.exec("UPDATE seat SET status = 'void' WHERE id = $1", second); });
  EXPECT_FALSE(contains(ada.get(order), all));
  EXPECT_EQ(ada.get(all).status, 200);
  write([&](db::Tx& tx) { tx.exec("UPDATE orders SET status = 'refunded'"); });
  EXPECT_EQ(ada.get(all).status, 404);
  write([&](db::Tx& tx) { tx.exec("UPDATE orders SET status = 'paid'"); });  // as its stock says
}

TEST_P(SeatPages, HostileNamesAreOnlyText) {
  Buyer ada = buyer();
  const std::string order = buy(ada), path = buyers_path(order, 1);
  const std::string name = "<script>alert(1)</script>\" onload=\"x' %0d%0aSet-Cookie: a=b";
  EXPECT_EQ(outcome(submit(ada, path, "name", {{"name", name}, {"email", ""}})), "named");
  for (const std::string& where : {order, path, path + "ticket/", holders_path(1)}) {
    const HttpResponse page = ada.get(where);
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(contains(page, "&lt;script&gt;alert(1)")) << where;
    EXPECT_FALSE(contains(page, "<script>alert(1)")) << where;
    EXPECT_FALSE(contains(page, "\" onload=\"x")) << where;
  }
  const HttpResponse pdf = ada.get(path + "ticket.pdf");
  EXPECT_EQ(pdf.status, 200);
  EXPECT_TRUE(pdf.header("Set-Cookie").find("a=b") == std::string::npos);
  for (const char* bad : {"Grace\r\nBcc: eve@example.org", "Grace\x01", "Grace\xc2\x85"}) {
    EXPECT_EQ(submit(ada, path, "name", {{"name", bad}, {"email", ""}}).status, 422);
  }
  EXPECT_EQ(
      submit(ada, path, "send", {{"name", "Grace"}, {"email", "grace@example.org\r\nBcc: eve@example.org"}})
          .status,
      422);
  EXPECT_EQ(submit(ada, path, "name", {{"name", std::string(201, 'x')}, {"email", ""}}).status, 422);
}

TEST_P(SeatPages, AnOrderThatWasRefundedHandsOutNoTickets) {
  Buyer ada = buyer();
  const std::string order = buy(ada), path = buyers_path(order, 0);
  write([&](db::Tx& tx) { tx.exec("UPDATE orders SET status = 'refunded'"); });
  EXPECT_EQ(ada.get(path + "ticket.pdf").status, 404);
  EXPECT_EQ(ada.get(path + "ticket/").status, 404);
  const HttpResponse page = ada.get(holders_path(0));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "no longer valid"));
  write([&](db::Tx& tx) { tx.exec("UPDATE orders SET status = 'paid'"); });
}

TEST_P(SeatPages, TheFeatureSwitchedOffClosesThem) {
  Buyer ada = buyer();
  const std::string order = buy(ada), path = buyers_path(order, 0), mine = holders_path(0);
  write([&](db::Tx& tx) {
    tx.exec("UPDATE feature_flags SET registration_enabled = 0 WHERE conference_id = $1", conference_id());
  });
  for (const std::string& where : {path, path + "ticket.pdf", mine, mine + "ticket/"})
    EXPECT_EQ(ada.get(where).status, 404) << where;
}

TEST_P(SeatPages, OwnOrdersListOrdersAndTheSeatsOthersBought) {
  EXPECT_EQ(buyer().get("/fair/register/orders/").status, 303) << "to the sign-in page";
  std::int64_t user = 0;
  Buyer grace = signed_in("grace@example.org", user);
  Buyer ada = buyer();
  const std::string order = buy(ada);
  EXPECT_TRUE(contains(grace.get("/fair/register/orders/"), "not ordered anything"));
  submit(ada, buyers_path(order, 1), "send", {{"name", "Grace"}, {"email", "grace@example.org"}});
  const HttpResponse held = grace.get("/fair/register/orders/");
  EXPECT_EQ(held.status, 200);
  EXPECT_TRUE(contains(held, holders_path(1)));
  EXPECT_TRUE(contains(held, seats()[1].access_code));
  EXPECT_FALSE(contains(held, seats()[0].access_code));

  write([&](db::Tx& tx) { tx.exec("UPDATE orders SET user_id = $1", user); });
  const HttpResponse own = grace.get("/fair/register/orders/");
  const std::string reference = order.substr(std::string("/fair/register/orders/").size(), 12);
  EXPECT_TRUE(contains(own, "/fair/register/orders/" + reference + "/"));
  EXPECT_TRUE(contains(own, "$200.00"));
  EXPECT_TRUE(contains(own, "Paid"));
  // Its seats are managed below the order, by its owner.
  const std::string owners = "/fair/register/orders/" + reference + "/seats/" + std::to_string(id(1)) + "/";
  EXPECT_EQ(grace.get(owners).status, 200);
  EXPECT_EQ(grace.get(owners + "ticket.pdf").status, 200);
  EXPECT_EQ(buyer().get(owners).status, 303);
}

}  // namespace
}  // namespace plenary::site::testing
