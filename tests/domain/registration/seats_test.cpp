// Facts about seats: who names them, who holds them, how they change hands.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "domain/conference/conferences.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/sale.hpp"
#include "domain/registration/seats.hpp"

namespace plenary::registration::testing {
namespace {

class Seats : public Sale {
 protected:
  // Three tickets of one paid order, bought by Ada, well before the fair begins (2027-05-14 in Berlin).
  void buy(int tickets = 3) {
    clock().set(*Instant::parse("2027-04-01T10:00:00Z"));
    fair_ = &open({.ticket_types = {ticket("individual", 10000, 50, 50)}, .max_tickets_per_cart = 50});
    fair_->add(fair_->guest("ada"), "individual", tickets);
    order_ = fair_->order(fair_->guest("ada"), "ada@example.org").order_id;
    ASSERT_EQ(fair_->pay(order_).outcome, ChargeOutcome::succeeded);
    for (const Seat& seat : seats()) ids_.push_back(seat.id);
  }
  std::vector<Seat> seats() {
    return fair_->read([&](db::Tx& tx) { return seats_of(tx, order_); });
  }
  HeldSeat get(std::size_t index) {
    return fair_->read([&](db::Tx& tx) { return find_seat(tx, ids_.at(index)).value(); });
  }
  std::shared_ptr<const Catalogue> catalogue() {
    return fair_->read([&](db::Tx& tx) { return load_catalogue(tx, fair_->conference_id, fair_->settings); });
  }
  std::string token(std::size_t index) {
    return seat_link_token(test_link_key(), ids_.at(index), get(index).seat.link_version);
  }
  std::optional<HeldSeat> by_link(std::size_t index, const std::string& token) {
    return fair_->read([&](db::Tx& tx) {
      return find_seat_by_link(tx, test_link_key(), fair_->conference_id, ids_.at(index), token);
    });
  }
  // Runs a change of the seat; the code of its refusal, or "".
  template <class F>
  std::string change(std::size_t index, SeatActor actor, F&& fn, std::int64_t version = 0) {
    return Fair::refusal([&] {
      fair_->write([&](db::Tx& tx) {
        const auto known = load_catalogue(tx, fair_->conference_id, fair_->settings);
        const SeatChange how{fair_->shop, *known, actor, version, "de"};
        HeldSeat held = find_seat(tx, ids_.at(index)).value();
        fn(tx, how, held);
      });
    });
  }
  std::string name(std::size_t index, Holder holder) {
    return change(index, SeatActor::buyer, [&](db::Tx& tx, const SeatChange& how, HeldSeat& held) {
      name_seat(tx, how, held, holder);
    });
  }
  std::string send(std::size_t index, Holder holder) {
    return change(index, SeatActor::buyer, [&](db::Tx& tx, const SeatChange& how, HeldSeat& held) {
      send_seat_link(tx, how, held, holder);
    });
  }
  std::string confirm(std::size_t index, std::string who, std::optional<Id> user = {}) {
    return change(index, SeatActor::holder, [&](db::Tx& tx, const SeatChange& how, HeldSeat& held) {
      confirm_seat(tx, how, held, who, user);
    });
  }
  std::string transfer(std::size_t index, Holder holder, SeatActor actor = SeatActor::buyer,
                       std::int64_t version = 0) {
    return change(
        index, actor,
        [&](db::Tx& tx, const SeatChange& how, HeldSeat& held) { transfer_seat(tx, how, held, holder); },
        version);
  }
  std::string withdraw(std::size_t index) {
    return change(index, SeatActor::buyer,
                  [&](db::Tx& tx, const SeatChange& how, HeldSeat& held) { withdraw_seat(tx, how, held); });
  }
  std::int64_t mails(const char* message) {
    return fair_->read([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT count(*) FROM outbox WHERE kind = 'mail' AND payload LIKE $1",
                                  "%\"" + std::string(message) + "\"%");
    });
  }
  std::vector<std::string> kinds(std::size_t index) {
    std::vector<std::string> all;
    for (const SeatEvent& event : fair_->read([&](db::Tx& tx) { return seat_events(tx, ids_.at(index)); }))
      all.push_back(event.actor + " " + event.kind);
    return all;
  }
  void set(const char* sql, Id id) {
    fair_->write([&](db::Tx& tx) { tx.exec(sql, id); });
  }

  Fair* fair_ = nullptr;
  Id order_ = 0;
  std::vector<Id> ids_;
};
ON_BOTH_ENGINES(Seats);

TEST_P(Seats, EachUnitIsOneSeatAndTheFirstIsTheBuyersOwn) {
  buy();
  ASSERT_EQ(ids_.size(), 3u);
  std::set<std::string> codes;
  for (const Seat& seat : seats()) codes.insert(seat.access_code);
  EXPECT_EQ(codes.size(), 3u);
  EXPECT_EQ(get(0).seat.name, "Ada Lovelace");
  EXPECT_EQ(get(0).seat.email, "ada@example.org");
  EXPECT_EQ(state_of(get(0).seat), SeatState::named);
  EXPECT_EQ(state_of(get(1).seat), SeatState::open);
  EXPECT_TRUE(get(1).is_valid());
  EXPECT_EQ(get(1).seats_in_order, 3);
  const auto open = fair_->read([&](db::Tx& tx) { return unassigned_seats(tx, fair_->conference_id); });
  ASSERT_EQ(open.size(), 2u);
  EXPECT_EQ(open[0].seat.id, ids_[1]);
  EXPECT_EQ(fair_->stock_faults(), "");
}

TEST_P(Seats, TheBuyerNamesAndMails) {
  buy();
  const std::string code = get(1).seat.access_code;
  EXPECT_EQ(name(1, {"  Grace Hopper ", ""}), "");
  EXPECT_EQ(get(1).seat.name, "Grace Hopper");
  EXPECT_EQ(mails("seat_link"), 0);
  EXPECT_EQ(send(1, {"", "grace@example.org"}), "");
  EXPECT_EQ(state_of(get(1).seat), SeatState::invited);
  EXPECT_EQ(mails("seat_link"), 1);
  EXPECT_EQ(get(1).seat.access_code, code) << "the code stays: nobody had it yet";
  EXPECT_EQ(kinds(1), (std::vector<std::string>{"buyer assigned", "buyer mailed"}));
  clock().advance(Duration::minutes(1));
  EXPECT_EQ(send(1, {"Grace Hopper", "Grace@Example.org"}), "") << "again, to the same address";
  EXPECT_EQ(mails("seat_link"), 2);
  EXPECT_EQ(name(1, {"Eve", "eve@example.org"}), "needs_transfer") << "the link is in somebody's hands";
}

TEST_P(Seats, TheHolderConfirmsWithTheLinkAndKeepsTheAddress) {
  buy();
  send(1, {"", "grace@example.org"});
  const std::string link = token(1);
  ASSERT_TRUE(by_link(1, link));
  EXPECT_EQ(confirm(1, "Grace B. Hopper"), "");
  const Seat seat = get(1).seat;
  EXPECT_EQ(seat.name, "Grace B. Hopper");
  EXPECT_EQ(seat.email, "grace@example.org");
  EXPECT_EQ(seat.language, "de");
  EXPECT_EQ(state_of(seat), SeatState::confirmed);
  EXPECT_TRUE(by_link(1, link)) << "the link goes on";
  EXPECT_EQ(name(1, {"Somebody Else", "grace@example.org"}), "needs_transfer") << "the name is the holder's";
  EXPECT_EQ(confirm(1, "Grace Hopper"), "") << "who may mend it";
}

TEST_P(Seats, ALinkOpensItsOwnSeatAlone) {
  buy();
  const std::string link = token(1);
  EXPECT_FALSE(by_link(2, link));
  EXPECT_FALSE(by_link(1, link.substr(1)));
  EXPECT_FALSE(by_link(1, ""));
  const auto find = [&](Id conference, Id seat) {
    return fair_->read([&](db::Tx& tx) {
      return find_seat_by_link(tx, test_link_key(), conference, seat, link).has_value();
    });
  };
  EXPECT_TRUE(find(fair_->conference_id, ids_[1]));
  EXPECT_FALSE(find(fair_->conference_id + 1, ids_[1]));
  EXPECT_FALSE(find(fair_->conference_id, 999'999));
}

TEST_P(Seats, ASeatOfAnotherOrderIsNotFound) {
  buy();
  const Id first = ids_[1];
  fair_->add(fair_->guest("bob"), "individual");
  const Id other = fair_->order(fair_->guest("bob"), "bob@example.org").order_id;
  fair_->pay(other);
  EXPECT_FALSE(
      fair_->read([&](db::Tx& tx) { return find_seat_of_order(tx, *find_order(tx, other), first); }));
  EXPECT_TRUE(
      fair_->read([&](db::Tx& tx) { return find_seat_of_order(tx, *find_order(tx, order_), first); }));
}

TEST_P(Seats, ATransferVoidsTheOldCodeAndTheOldLink) {
  buy();
  send(1, {"Grace Hopper", "grace@example.org"});
  confirm(1, "Grace Hopper");
  const std::string code = get(1).seat.access_code, link = token(1);
  EXPECT_EQ(transfer(1, {"Mary Shelley", "mary@example.org"}, SeatActor::holder), "");
  const Seat seat = get(1).seat;
  EXPECT_NE(seat.access_code, code);
  EXPECT_EQ(seat.access_code.size(), 8u);
  EXPECT_EQ(seat.name, "Mary Shelley");
  EXPECT_EQ(state_of(seat), SeatState::invited);
  EXPECT_FALSE(by_link(1, link));
  EXPECT_TRUE(by_link(1, token(1)));
  EXPECT_EQ(mails("seat_link"), 2) << "Grace's and Mary's";
  EXPECT_EQ(mails("seat_transferred"), 1) << "the note to Grace";
  EXPECT_EQ(kinds(1).back(), "holder transferred");
  EXPECT_EQ(seats().size(), 3u) << "totals count seats: none came, none went";
  EXPECT_EQ(fair_->stock_faults(), "");
}

TEST_P(Seats, ATransferToTheSameAddressIsNone) {
  buy();
  EXPECT_EQ(transfer(0, {"Ada", "ADA@example.org"}), "same_holder");
}

TEST_P(Seats, OfTwoTransfersAtTheSameTimeOneWins) {
  buy();
  send(1, {"Grace Hopper", "grace@example.org"});
  const std::int64_t version = get(1).seat.link_version;
  std::atomic<int> won{0}, lost{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      const std::string answer =
          transfer(1, {"New", "new" + std::to_string(i) + "@example.org"}, SeatActor::holder, version);
      (answer.empty() ? won : lost) += 1;
      if (!answer.empty()) {
        EXPECT_EQ(answer, "seat_changed");
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 7);
  EXPECT_EQ(get(1).seat.link_version, version + 1);
  EXPECT_EQ(mails("seat_transferred"), 1);
}

TEST_P(Seats, WithoutADateTheyChangeHandsUntilTheFirstDayBeginsInTheConferencesZone) {
  buy();
  // 14 May 2027, 00:00 in Berlin is summer time: 22:00 the day before in UTC.
  EXPECT_EQ(transfer_deadline(*catalogue()), *Instant::parse("2027-05-13T22:00:00Z"));
  clock().set(*Instant::parse("2027-05-13T21:59:59Z"));
  EXPECT_EQ(transfer(1, {"Grace", "grace@example.org"}), "");
  clock().set(*Instant::parse("2027-05-13T22:00:00Z"));
  EXPECT_EQ(transfer(1, {"Mary", "mary@example.org"}), "too_late");
  EXPECT_EQ(withdraw(1), "too_late");
  EXPECT_EQ(name(1, {"Mary", "grace@example.org"}), "too_late") << "another name is another person";
  EXPECT_EQ(confirm(1, "Grace Hopper"), "") << "who holds it may still say who they are";
  EXPECT_EQ(confirm(1, "Mary"), "too_late") << "once";
  EXPECT_EQ(name(2, {"Last Minute", "last@example.org"}), "") << "what is open can still be named";
}

TEST_P(Seats, TheDeadlineFollowsTheClocksOfTheZone) {
  buy();
  // In winter the day begins an hour later; where midnight is skipped, with the first moment there is.
  for (const auto& [zone, day, begins] :
       {std::tuple{"Europe/Berlin", "2027-01-14", "2027-01-13T23:00:00Z"},
        std::tuple{"Europe/Berlin", "2027-03-28", "2027-03-27T23:00:00Z"},
        std::tuple{"America/Santiago", "2027-09-05", "2027-09-05T04:00:00Z"},
        std::tuple{"Asia/Kolkata", "2027-05-14", "2027-05-13T18:30:00Z"}}) {
    Catalogue other = *catalogue();
    other.zone = TimeZone::of(zone);
    other.conference.start_date = *Date::parse(day);
    EXPECT_EQ(transfer_deadline(other).to_string(), begins) << zone << " " << day;
  }
}

TEST_P(Seats, AConferenceMaySetAnEarlierEnd) {
  buy();
  fair_->write([&](db::Tx& tx) {
    auto conference = conference::load(tx, fair_->conference_id).value();
    conference.transfer_until = *Instant::parse("2027-04-02T00:00:00Z");
    ASSERT_TRUE(conference::update(tx, conference));
  });
  EXPECT_EQ(transfer(0, {"Grace", "grace@example.org"}), "");
  clock().set(*Instant::parse("2027-04-02T00:00:00Z"));
  EXPECT_EQ(transfer(0, {"Mary", "mary@example.org"}), "too_late");
  EXPECT_FALSE(offer_of(get(0), *catalogue(), SeatActor::buyer, clock().now()).may_transfer);
}

TEST_P(Seats, WhoeverCheckedInStays) {
  buy();
  send(1, {"Grace", "grace@example.org"});
  set("UPDATE seat SET checked_in_at = 1 WHERE id = $1", ids_[1]);
  EXPECT_EQ(transfer(1, {"Mary", "mary@example.org"}), "checked_in");
  EXPECT_EQ(name(1, {"Mary", "grace@example.org"}), "checked_in");
  EXPECT_EQ(confirm(1, "Mary"), "checked_in");
  EXPECT_EQ(withdraw(1), "checked_in");
  EXPECT_EQ(send(1, {"", "grace@example.org"}), "checked_in");
}

TEST_P(Seats, OfAnOrderThatIsNoLongerPaidNothingChanges) {
  buy();
  for (const char* status : {"refunded", "cancelled"}) {
    fair_->write([&](db::Tx& tx) { tx.exec("UPDATE orders SET status = $1 WHERE id = $2", status, order_); });
    EXPECT_FALSE(get(1).is_valid());
    EXPECT_EQ(name(1, {"Grace", ""}), "seat_void") << status;
    EXPECT_EQ(transfer(1, {"Grace", "grace@example.org"}), "seat_void") << status;
  }
  set("UPDATE orders SET status = 'partially_refunded' WHERE id = $1", order_);
  EXPECT_EQ(name(1, {"Grace", ""}), "");
  set("UPDATE seat SET status = 'void' WHERE id = $1", ids_[1]);
  EXPECT_EQ(name(1, {"Grace", ""}), "seat_void");
  EXPECT_FALSE(by_link(1, token(1)));
}

TEST_P(Seats, ASeatTakenBackIsOpenAndItsCodeVoid) {
  buy();
  send(1, {"Grace", "grace@example.org"});
  const std::string code = get(1).seat.access_code, link = token(1);
  EXPECT_EQ(withdraw(1), "");
  EXPECT_EQ(state_of(get(1).seat), SeatState::open);
  EXPECT_NE(get(1).seat.access_code, code);
  EXPECT_FALSE(by_link(1, link));
  EXPECT_EQ(mails("seat_transferred"), 1) << "who was invited is told";
  EXPECT_EQ(withdraw(1), "") << "there is nothing to take back";
  EXPECT_EQ(kinds(1), (std::vector<std::string>{"buyer mailed", "buyer withdrawn"}));
}

TEST_P(Seats, AnOrderMailsNoMoreThanItsHoldersNeed) {
  buy();
  for (int i = 0; i < seat_mails_per_hour; ++i) {
    ASSERT_EQ(send(1, {"Grace", "grace@example.org"}), "") << i;
    clock().advance(Duration::seconds(1));
  }
  EXPECT_EQ(send(1, {"Grace", "grace@example.org"}), "too_many_mails");
  EXPECT_EQ(send(2, {"Mary", "mary@example.org"}), "too_many_mails") << "the order's limit, not the seat's";
  EXPECT_EQ(transfer(1, {"Mary", "mary@example.org"}), "too_many_mails");
  EXPECT_EQ(name(2, {"Mary", "mary@example.org"}), "") << "naming mails nothing";
  clock().advance(Duration::hours(1));
  EXPECT_EQ(send(2, {"Mary", "mary@example.org"}), "");
}

TEST_P(Seats, AGroupMayMailEverySeatAtOnce) {
  buy(30);
  for (std::size_t i = 1; i < 30; ++i)
    ASSERT_EQ(send(i, {"", "guest" + std::to_string(i) + "@example.org"}), "") << i;
}

TEST_P(Seats, AllProblemsOfAFormAreToldTogether) {
  buy();
  const auto problems = check_holder({"\x01", "not an address"}, true, true);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].field(), "name");
  EXPECT_EQ(problems[1].field(), "email");
  EXPECT_EQ(check_holder({"", ""}, true, true).size(), 2u);
  EXPECT_TRUE(check_holder({"", "a@example.org"}, false, true).empty());
  EXPECT_EQ(check_holder({std::string(201, 'a'), ""}, true, false).size(), 1u);
  std::string wide;
  for (int i = 0; i < 200; ++i) wide += "山";
  EXPECT_TRUE(check_holder({wide, ""}, true, false).empty()) << "200 characters, however many bytes";
  EXPECT_EQ(check_holder({"a", "a@example.org\r\nBcc: b@example.org"}, true, true).size(), 1u);
  EXPECT_EQ(name(1, {"", "x"}), "invalid_name");
  EXPECT_TRUE(kinds(1).empty()) << "nothing was written";
}

TEST_P(Seats, APersonFindsTheSeatsOthersBoughtForThem) {
  buy();
  const Id user = fair_->write([&](db::Tx& tx) {
    return tx.one<Id>(
        "INSERT INTO user_account (email, email_normalized, name, created_at, updated_at) VALUES "
        "('grace@example.org', 'grace@example.org', 'Grace', 1, 1) RETURNING id");
  });
  send(1, {"Grace", "Grace@Example.org"});
  const auto held = [&](std::string_view proven) {
    return fair_->read(
        [&](db::Tx& tx) { return seats_held_by(tx, fair_->conference_id, user, proven).size(); });
  };
  EXPECT_EQ(held(""), 0u) << "an address that was not proven finds nothing";
  EXPECT_EQ(held("grace@example.org"), 1u);
  confirm(1, "Grace", user);
  EXPECT_EQ(held(""), 1u) << "confirmed by the signed-in holder";
  EXPECT_EQ(held("grace@example.org"), 1u) << "once, not twice";
  transfer(1, {"Mary", "mary@example.org"});
  EXPECT_EQ(held("grace@example.org"), 0u);
  EXPECT_FALSE(get(1).seat.user_id.has_value());
}

TEST_P(Seats, OwnOrdersComeNewestFirst) {
  buy();
  const Id user = fair_->write([&](db::Tx& tx) {
    const Id id = tx.one<Id>(
        "INSERT INTO user_account (email, email_normalized, name, created_at, updated_at) VALUES "
        "('ada@example.org', 'ada@example.org', 'Ada', 1, 1) RETURNING id");
    tx.exec("UPDATE orders SET user_id = $1", id);
    return id;
  });
  clock().advance(Duration::hours(1));
  const Visitor ada = fair_->user(user, "ada-signed-in");
  fair_->add(ada, "individual");
  const PlacedOrder second = fair_->order(ada, "ada@example.org");
  const auto list = fair_->read([&](db::Tx& tx) { return orders_of_user(tx, fair_->conference_id, user); });
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].reference, second.reference);
  EXPECT_EQ(list[0].status, OrderStatus::pending);
  EXPECT_EQ(list[1].status, OrderStatus::paid);
  EXPECT_EQ(
      fair_->read([&](db::Tx& tx) { return orders_of_user(tx, fair_->conference_id, user + 1); }).size(), 0u);
}

}  // namespace
}  // namespace plenary::registration::testing
