// A shop with everything that prices are made of: taxes with a seller, an early-bird discount, a T-shirt in
// sizes, a ticket whose price the buyer names, one taxed where its buyer is, a hidden ticket and the voucher
// that unlocks it; and a service for VAT numbers that answers as a test wants.
#pragma once

#include <atomic>
#include <string>

#include "support/site/shop.hpp"

namespace plenary::site::testing {

class VatStandIn : public registration::VatService {
 public:
  registration::VatCheck check(const std::string& vat_id, const std::string& requester) override;
  Pool* pool() override { return own_pool; }
  registration::VatStatus answers = registration::VatStatus::valid;
  Pool* own_pool = nullptr;
  std::atomic<int> asked{0};
  std::string last_id, last_requester;
};

// Prices in USD, the conference's seller in Germany:
//   individual 100.00 incl. 19 %, at most 5 a person, 20.00 less for early birds (all tickets but "online")
//   online     119.00 incl. 19 %, taxed where the buyer is, reverse charge allowed
//   give       free price from 10.00, proposed 40.00
//   hidden     10.00, by voucher FRIENDS (10 % off, 20 uses)
//   shirt      25.00 plus 7 %, in S, M (one of them) and L (30.00)
class SellingTest : public ShopTest {
 protected:
  void SetUp() override;
  virtual void set(config::Settings&) {}  // before the shop opens
  registration::VatService* vat_service() override { return &vat_; }
  VatStandIn& vat() { return vat_; }

  HttpResponse apply(Buyer& buyer, std::string code);
  // The billing form filled in and sent.
  HttpResponse review_with(Buyer& buyer, Fields typed);
  static Fields company(std::string country, std::string vat_id);

 private:
  VatStandIn vat_;
};

}  // namespace plenary::site::testing
