// Demo data of a conference: vouchers, people, orders, a cart, discounts, a credit, a badge template,
// activities and travel grants, made through the functions that make real ones. Written in the transaction of
// whoever calls, and only where the conference has nothing of a kind yet, so that a second run adds nothing.
// For development and demonstrations: it makes accounts whose password everybody knows (they are marked, and
// cannot sign in outside development); the caller decides whether that is allowed. source: configuration 10,
// section 7 and 6.8; ground rules 15, 1.5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "base/signing.hpp"
#include "db/tx.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::domain {

inline constexpr std::string_view demo_password = "demo";
// User names of the accounts, in order.
std::vector<std::string_view> demo_usernames();

// What is drawn and hashed before the transaction: a hash takes longer than everything else together.
struct DemoInputs {
  std::string password_hash;
  std::vector<std::string> codes;        // one for each voucher
  std::vector<std::string> payment_ids;  // 16 hexadecimal digits each
};
DemoInputs prepare_demo(Random& random);

struct DemoVoucher {
  std::string code;
  registration::VoucherType type = registration::VoucherType::comp;
  std::int64_t max_uses = 0;
};

struct DemoReport {
  std::vector<DemoVoucher> vouchers;  // made now or by an earlier run
  std::vector<std::string> added;     // "4 vouchers", "3 orders", …; empty: nothing was
  std::vector<std::string> notices;   // what was left out and why, a sentence each
};

// No mail goes out: the orders are marked (Order::tells_buyer), and nothing else here writes letters. The
// shop's catalogues are not used; `link_key` derives the orders' secret links. NotFound without the
// conference.
DemoReport seed_demo(db::Tx& tx, std::int64_t conference_id, const registration::Shop& shop,
                     const SigningKey& link_key, const DemoInputs& inputs,
                     const conference::Actor& actor = {std::nullopt, "command", "demo"});

// One code a line: code, type, maximum uses, apart by tabs.
std::string codes_text(const DemoReport& report);
// Everything else that is to be told.
std::string demo_text(const DemoReport& report);

}  // namespace plenary::domain
