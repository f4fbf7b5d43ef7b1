// The fixture of the room's tests: one fair on a fresh database, on either engine; the stock is recounted at
// the end of every test.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "domain/registration/fair.hpp"

namespace plenary::registration::testing {

class Sale : public test::DatabaseTest {
 protected:
  Fair& open(const FairPlan& plan) {
    fair_ = std::make_unique<Fair>(db(), clock(), plan);
    return *fair_;
  }
  Fair& fair() { return *fair_; }
  // Before the database is closed, for tests with other processes: they look at the stock themselves.
  void leave() { fair_.reset(); }

  void TearDown() override {
    if (fair_) {
      EXPECT_EQ(fair_->stock_faults(), "");
    }
    fair_.reset();
    test::DatabaseTest::TearDown();
  }

 private:
  std::unique_ptr<Fair> fair_;
};

}  // namespace plenary::registration::testing
