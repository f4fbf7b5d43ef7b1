// The waiting list through the whole site: from a full house to a bought ticket, leaving, what strangers see.
#include "domain/registration/links.hpp"
#include "domain/registration/waiting_list.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

using registration::Id;

class WaitingPages : public ShopTest {
 protected:
  // Five tickets, all in one cart.
  void sell_out() {
    ShopPlan plan;
    plan.tickets = [](std::vector<registration::TicketType>& types) {
      for (auto& type : types) type.waiting_list = type.slug == "individual" || type.slug == "student";
    };
    open(plan);
    ada = std::make_unique<Buyer>(buyer());
    ada->add("individual", "5");
  }
  std::string list() { return "/fair/register/waiting-list/"; }
  HttpResponse join(Buyer& who, const std::string& email, Fields more = {}) {
    const HttpResponse page = who.get(list() + "?ticket=individual");
    Fields typed{{"name", "Bob"}, {"email", email}};
    typed.insert(typed.end(), more.begin(), more.end());
    return who.post(list(), Buyer::form(page, list(), typed));
  }
  Id entry() { return count("SELECT MAX(id) FROM waiting_entry"); }
  std::string place(Id id) {
    return list() + std::to_string(id) + "/" +
           registration::waiting_link_token(application().site().link_key, id, 1) + "/";
  }
  void give_back() {
    const HttpResponse cart = ada->cart();
    EXPECT_EQ(ada->post("/fair/register/cart/", Buyer::form(cart, "/fair/register/cart/", {}, "remove_item"))
                  .status,
              303);
  }
  void offer() {
    write([&](db::Tx& tx) { return registration::offer_next(tx, shop(), conference_id(), 10); });
  }
  std::unique_ptr<Buyer> ada;
};
ON_BOTH_ENGINES(WaitingPages);

TEST_P(WaitingPages, FromAFullHouseToATicket) {
  sell_out();
  Buyer bob = buyer();
  EXPECT_TRUE(contains(bob.tickets(), "waiting-list/?ticket=individual"));
  const HttpResponse joined = join(bob, "bob@example.org");
  ASSERT_EQ(joined.status, 303);
  EXPECT_EQ(joined.header("Location"), place(entry()));
  EXPECT_TRUE(contains(bob.get(place(entry())), "Number 1 in line"));
  give_back();
  EXPECT_FALSE(contains(buyer().tickets(), "id=\"quantity_1\"")) << "not for everybody";
  offer();
  const HttpResponse turn = bob.get(place(entry()));
  EXPECT_TRUE(contains(turn, "These are yours until"));
  // From the mail, in a browser without any session.
  Buyer phone = buyer();
  const HttpResponse taken =
      phone.post(place(entry()), Buyer::form(phone.get(place(entry())), place(entry())));
  EXPECT_EQ(outcome(taken), "taken");
  EXPECT_EQ(taken.header("Location"), "/fair/register/checkout/");
  EXPECT_TRUE(contains(phone.cart(), "Ticket individual"));
  // Who joined the list is known: checkout does not ask again.
  const HttpResponse checkout = phone.get("/fair/register/checkout/");
  EXPECT_TRUE(contains(checkout, "value=\"Bob\""));
  EXPECT_TRUE(contains(checkout, "value=\"bob@example.org\""));
  EXPECT_EQ(phone.order("bob@example.org").status, 303);
  EXPECT_EQ(stock_faults(), "");
  EXPECT_TRUE(contains(bob.get(place(entry())), "it became order"));
}

TEST_P(WaitingPages, ASecondClickTakesNothingMore) {
  sell_out();
  Buyer bob = buyer();
  join(bob, "bob@example.org");
  give_back();
  offer();
  const Fields form = Buyer::form(bob.get(place(entry())), place(entry()));
  EXPECT_EQ(outcome(bob.post(place(entry()), form)), "taken");
  EXPECT_EQ(outcome(bob.post(place(entry()), form)), "taken");
  EXPECT_EQ(count("SELECT CAST(SUM(i.quantity) AS BIGINT) FROM cart_item i"), 1);
  Buyer eve = buyer();
  EXPECT_EQ(eve.get(place(entry())).status, 200);
}

TEST_P(WaitingPages, TwoClicksJoinOnce) {
  sell_out();
  Buyer bob = buyer();
  const Fields form = Buyer::form(bob.get(list() + "?ticket=individual"), list(),
                                  {{"name", "Bob"}, {"email", "bob@example.org"}});
  EXPECT_EQ(outcome(bob.post(list(), form)), "joined");
  const HttpResponse again = bob.post(list(), form);
  EXPECT_EQ(outcome(again), "joined");
  EXPECT_EQ(again.header("Location"), place(entry()));
  EXPECT_EQ(count("SELECT COUNT(*) FROM waiting_entry"), 1);
}

TEST_P(WaitingPages, AnotherPersonsAddressShowsNothing) {
  sell_out();
  Buyer bob = buyer(), eve = buyer();
  join(bob, "bob@example.org");
  const HttpResponse again = join(eve, "Bob@Example.org");
  EXPECT_EQ(outcome(again), "there");
  EXPECT_EQ(again.header("Location"), "/fair/register/");
  EXPECT_EQ(eve.get(list() + std::to_string(entry()) + "/wrong/").status, 404);
  EXPECT_EQ(eve.get("/fair/register/waiting-list/999999/wrong/leave/").status, 404);
}

TEST_P(WaitingPages, AllProblemsOfTheFormAreToldAndWhatWasTypedStays) {
  sell_out();
  Buyer bob = buyer();
  const HttpResponse page = join(bob, "nobody", {{"quantity", "0"}});
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(contains(page, "There is a problem"));
  EXPECT_TRUE(contains(page, "href=\"#id_email\""));
  EXPECT_TRUE(contains(page, "href=\"#id_quantity\""));
  EXPECT_TRUE(contains(page, "value=\"nobody\""));
  EXPECT_EQ(count("SELECT COUNT(*) FROM waiting_entry"), 0);
}

TEST_P(WaitingPages, LeavesWithOneButtonAndByAMailProgram) {
  sell_out();
  Buyer bob = buyer();
  join(bob, "bob@example.org");
  const std::string leave = place(entry()) + "leave/";
  EXPECT_TRUE(contains(bob.get(leave), "Leave the waiting list?"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM waiting_entry WHERE status = 'waiting'"), 1)
      << "looking changes nothing";
  Buyer mail_program = buyer();
  const HttpResponse left = mail_program.client().request(
      "POST", leave, "List-Unsubscribe=One-Click", {{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(left.status, 200);
  EXPECT_TRUE(contains(left, "no longer on the waiting list"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM waiting_entry WHERE status = 'left'"), 1);
}

TEST_P(WaitingPages, NothingToWaitForIsSaid) {
  open({});
  EXPECT_TRUE(contains(buyer().get(list()), "nothing to wait for"));
}

}  // namespace
}  // namespace plenary::site::testing
