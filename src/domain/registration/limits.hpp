// What new carts, orders and mails about orders count against. Counted by conference, in the write that makes
// them; with [security] limits = false nothing is counted. source: 20, D30; ground rules 15, 5.5.
#pragma once

#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "domain/accounts/rates.hpp"
#include "domain/registration/cart.hpp"

namespace plenary::registration {

inline constexpr std::string_view cart_rate = "new_cart";
inline constexpr std::string_view order_rate = "order";
inline constexpr std::string_view order_mail_rate = "order_mail";
inline constexpr std::string_view voucher_rate = "voucher_try";
inline constexpr std::string_view vat_check_rate = "vat_check";
inline constexpr std::string_view card_form_rate = "card_form";

std::vector<accounts::Rate> cart_rates(const Shop& shop, const Visitor& visitor);
std::vector<accounts::Rate> order_rates(const Shop& shop, const Visitor& visitor,
                                        std::string_view normalized_email);
// Mail that anybody can have sent to an address: orders found, a claim, a corrected address.
std::vector<accounts::Rate> order_mail_rates(const Shop& shop, const Visitor& visitor,
                                             std::string_view normalized_email);
std::vector<accounts::Rate> voucher_rates(const Shop& shop, const Visitor& visitor);
// Numbers that a service is asked about: it is not ours, and it shuts out whoever asks too often.
std::vector<accounts::Rate> vat_check_rates(const Shop& shop, const Visitor& visitor);
// Card forms that are opened: each asks the provider.
std::vector<accounts::Rate> card_form_rates(const Shop& shop, const Visitor& visitor, Id order_id);

// too_many_carts, too_many_orders, too_many_tries: with how many minutes to wait.
Refused too_many(std::string code, Instant now, Instant again_at);

}  // namespace plenary::registration
