#include "site/accounts.hpp"
#include "site/history.hpp"
#include "site/kept_forms.hpp"
#include "site/page_table.hpp"

namespace plenary::site {

void add_account_pages(PageTable& table) {
  const web::Methods get = web::Method::get, post = web::Method::post, form = get | post;
  table.add("accounts:login", "/accounts/login/", form, web::public_(), sign_in).aliases = {"login"};
  table.add("accounts:logout", "/accounts/logout/", post, web::public_(), sign_out).aliases = {"logout"};
  table.add("accounts:signup", "/accounts/signup/", form, web::public_(), sign_up);
  table.add("accounts:mail-sent", "/accounts/mail-sent/", get, web::public_(), show_mail_sent);
  table.add("accounts:verify", "/accounts/verify/{token}/", form, web::public_(), verify);
  table.add("accounts:reset", "/accounts/password/forgot/", form, web::public_(), forgot_password);
  table.add("accounts:reset-confirm", "/accounts/password/reset/{token}/", form, web::public_(),
            reset_password);
  table.add("accounts:claim", "/accounts/claim/{token}/", form, web::public_(), claim);
  table.add("accounts:set-up", "/accounts/setup/{token}/", form, web::public_(), set_up);
  table.add("accounts:invitation", "/accounts/invitation/{token}/", form, web::public_(), invitation);
  table.add("accounts:change-email-confirm", "/accounts/email/{token}/", form, web::public_(), confirm_email);
  // Of a signed-in person.
  table.add("accounts:home", "/accounts/", form, web::signed_in(), account);
  table.add("accounts:password", "/accounts/password/", form, web::signed_in(), change_password);
  table.add("accounts:email", "/accounts/email/", form, web::signed_in(), change_email);
  table.add("accounts:sessions", "/accounts/sessions/", form, web::signed_in(), sessions);
  table.add("accounts:code", "/accounts/code/", form, web::public_(), give_code);
  table.add("accounts:lock", "/accounts/lock/", post, web::signed_in(), lock);
  table.add("accounts:unlock", "/accounts/unlock/", form, web::public_(), unlock);
  table.add("accounts:security", "/accounts/security/", form, web::signed_in(), security);
  table.add("accounts:factor", "/accounts/security/factor/", form, web::signed_in(), set_up_factor);
  table.add("accounts:history", "/accounts/history/", get, web::signed_in(), sign_in_history);
  table.add("accounts:kept", "/accounts/kept/", form, web::signed_in(), kept_form);
  // Orders of guests.
  const std::string shop = "/{conference}/register/", order = shop + "orders/{reference}/";
  table.add("registration:find-order", shop + "find-order/", form, shop_guard(), find_order);
  table.add("registration:order-email", order + "email/", post, web::signed_in() & shop_guard(),
            correct_order_email);
  table.add("registration:order-secret-email", order + "{token}/email/", post, shop_guard(),
            correct_order_email);
  table.add("registration:order-secret-claim", order + "{token}/claim/", post, shop_guard(), mail_claim);
}

}  // namespace plenary::site
