// Batches of vouchers: exactly as many as wanted, whoever stops in the middle. source: registration 20, 5.4.
#include "domain/registration/voucher_batches.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "domain/registration/entities.hpp"
#include "domain/registration/sale.hpp"
#include "jobs/worker.hpp"

namespace plenary::registration {
namespace {

using testing::addon;
using testing::ticket;

class VoucherBatches : public testing::Sale {
 protected:
  void SetUp() override {
    testing::Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10'000, 10)}, .addons = {addon("shirt", 2'500, 10)}});
  }
  VoucherModel percentage() {
    VoucherModel model;
    model.voucher.conference_id = fair().conference_id;
    model.voucher.type = VoucherType::percentage;
    model.voucher.percent = *Decimal::parse("12.5");
    model.voucher.max_units = std::nullopt;
    model.voucher.note = "For the \"friends\"";
    model.voucher.valid_until = Instant{1'900'000'000'000'000};
    model.voucher.ticket_scope = Scope::selected;
    model.products.ticket_types = {fair().read(
        [&](db::Tx& tx) { return find_ticket_type(tx, fair().conference_id, "individual").value().id; })};
    return model;
  }
  VoucherBatch start(std::int64_t count, const std::string& prefix = "fair-") {
    const VoucherModel model = percentage();
    return fair().write([&](db::Tx& tx) { return start_batch(tx, model, prefix, count, actor); });
  }
  VoucherBatch now(Id id) {
    return fair().read([&](db::Tx& tx) { return find_batch(tx, id).value(); });
  }
  std::vector<Voucher> vouchers() {
    return fair().read([&](db::Tx& tx) { return vouchers_of(tx, fair().conference_id); });
  }
  std::int64_t count(const char* sql) {
    return fair().read([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  static bool always() { return true; }

  const conference::Actor actor{std::nullopt, "tests", "command"};
  SeededRandom random{7};
};
ON_BOTH_ENGINES(VoucherBatches);

TEST_P(VoucherBatches, MakesAsManyAsWantedAndEachLikeItsModel) {
  const VoucherBatch batch = start(1'203);
  EXPECT_EQ(batch.prefix, "FAIR-");
  jobs::Worker worker(fair().database);
  worker.on(batch_kind, [&](const jobs::Delivery& delivery) {
    run_batch(fair().database, random, delivery.integer("batch"), always);
  });
  EXPECT_EQ(worker.run_due(), 1);
  const VoucherBatch done = now(batch.id);
  EXPECT_EQ(done.status, BatchStatus::done);
  EXPECT_EQ(done.made, 1'203);
  EXPECT_TRUE(done.finished_at);
  const std::vector<Voucher> made = vouchers();
  ASSERT_EQ(made.size(), 1'203u);
  std::set<std::string> codes;
  for (const Voucher& voucher : made) {
    codes.insert(voucher.code);
    EXPECT_EQ(voucher.code.substr(0, 5), "FAIR-");
    EXPECT_EQ(voucher.code.size(), 13u);
    EXPECT_EQ(voucher.batch_id, batch.id);
    EXPECT_EQ(voucher.percent.to_string(), "12.5");
    EXPECT_EQ(voucher.note, "For the \"friends\"");
    EXPECT_FALSE(voucher.max_units);
    EXPECT_EQ(voucher.valid_until, percentage().voucher.valid_until);
  }
  EXPECT_EQ(codes.size(), 1'203u);
  EXPECT_EQ(count("SELECT count(*) FROM voucher_ticket_type"), 1'203);
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE entity = 'voucher_batch'"), 2);
}

TEST_P(VoucherBatches, GoesOnWhereItWasStoppedWhateverStoppedIt) {
  const VoucherBatch batch = start(1'300);
  int pieces = 0;
  EXPECT_THROW(run_batch(fair().database, random, batch.id, [&] { return ++pieces < 2; }),
               std::runtime_error);
  EXPECT_EQ(now(batch.id).made, 500);
  EXPECT_EQ(now(batch.id).status, BatchStatus::running);
  // Drawn before somebody else made a piece: it makes nothing.
  const std::vector<std::string> codes = generate_codes(random, batch.prefix, 500);
  fair().write([&](db::Tx& tx) { return make_piece(tx, random, batch.id, 0, codes); });
  EXPECT_EQ(vouchers().size(), 500u);
  fair().write([&](db::Tx& tx) { return stop_batch(tx, batch.id, actor); });
  run_batch(fair().database, random, batch.id, always);
  EXPECT_EQ(vouchers().size(), 500u) << "one that was stopped makes nothing";
  EXPECT_FALSE(fair().write([&](db::Tx& tx) { return stop_batch(tx, batch.id, actor); }));
  EXPECT_TRUE(fair().write([&](db::Tx& tx) { return resume_batch(tx, batch.id, actor); }));
  run_batch(fair().database, random, batch.id, always);
  run_batch(fair().database, random, batch.id, always);
  EXPECT_EQ(vouchers().size(), 1'300u);
  EXPECT_EQ(now(batch.id).status, BatchStatus::done);
  EXPECT_FALSE(fair().write([&](db::Tx& tx) { return resume_batch(tx, batch.id, actor); }));
}

TEST_P(VoucherBatches, AFailedWriteLeavesTheCountWhereItWas) {
  const VoucherBatch batch = start(600);
  const std::vector<std::string> codes = generate_codes(random, batch.prefix, 500);
  EXPECT_THROW(fair().write([&](db::Tx& tx) {
    make_piece(tx, random, batch.id, 0, codes);
    throw std::runtime_error("the power is gone");
  }),
               std::runtime_error);
  EXPECT_EQ(now(batch.id).made, 0);
  run_batch(fair().database, random, batch.id, always);
  EXPECT_EQ(vouchers().size(), 600u);
}

TEST_P(VoucherBatches, StopsAndSaysWhyWhenAProductIsGone) {
  const VoucherBatch batch = start(10);
  fair().write([&](db::Tx& tx) {
    remove(tx, find_ticket_type(tx, fair().conference_id, "individual").value());
    return 0;
  });
  run_batch(fair().database, random, batch.id, always);
  EXPECT_EQ(now(batch.id).status, BatchStatus::stopped);
  EXPECT_EQ(now(batch.id).problem, "One of the ticket types is not of this conference.");
  EXPECT_TRUE(vouchers().empty());
}

TEST_P(VoucherBatches, WhatMakesNoSenseIsRefused) {
  const auto refused = [&](std::int64_t count, const std::string& prefix, VoucherModel model) -> std::string {
    try {
      fair().write([&](db::Tx& tx) { return start_batch(tx, model, prefix, count, actor); });
    } catch (const Refused& refused) {
      return refused.field();
    }
    return "started";
  };
  EXPECT_EQ(refused(0, "A", percentage()), "count");
  EXPECT_EQ(refused(10'001, "A", percentage()), "count");
  EXPECT_EQ(refused(1, "A B", percentage()), "prefix");
  EXPECT_EQ(refused(1, std::string(93, 'A'), percentage()), "prefix");
  EXPECT_EQ(refused(1, std::string(21, 'A'), percentage()), "prefix");
  VoucherModel model = percentage();
  model.voucher.percent = Decimal(150);
  EXPECT_EQ(refused(1, "A", model), "percent");
  model = percentage();
  model.voucher.reserves = true;
  EXPECT_EQ(refused(1, "A", model), "reserves");
  model = percentage();
  model.products = {};
  EXPECT_EQ(refused(1, "A", model), "ticket_scope");
  EXPECT_EQ(count("SELECT count(*) FROM voucher_batch"), 0);
  EXPECT_EQ(refused(10'000, "", percentage()), "started");
  EXPECT_EQ(refused(1, " " + std::string(20, 'a') + " ", percentage()), "started");
}

}  // namespace
}  // namespace plenary::registration
