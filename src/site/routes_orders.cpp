#include "site/invoices.hpp"
#include "site/page_table.hpp"
#include "site/pages.hpp"
#include "site/payment_return.hpp"
#include "site/seats.hpp"

namespace plenary::site {

void add_order_pages(PageTable& table) {
  const web::Methods get = web::Method::get, post = web::Method::post;
  // Of a signed-in owner.
  const std::string order = "/{conference}/register/orders/{reference}/";
  const web::Guard owner = web::signed_in() & shop_guard();
  table.add("registration:order-detail", order, get, owner, show_order, load_order);
  table.add("registration:order-confirmation", order + "confirmation/", get, owner, show_confirmation,
            load_order);
  table.add("registration:order-pay", order + "pay/", get | post, owner, pay, load_order);
  table.add("registration:order-pay-intent", order + "pay/intent/", post, owner & web::json_answers(),
            begin_card);
  table.add("registration:order-pay-transfer", order + "pay/transfer/", post, owner, choose_transfer);
  table.add("registration:order-apply-credit", order + "apply-credit/", post, owner, apply_credit);
  table.add("registration:credits", "/{conference}/register/credits/", get, owner, show_credits,
            load_credits);
  table.add("registration:order-cancel", order + "cancel/", get | post, owner, cancel_order, load_order);
  table.add("registration:order-change", order + "change/", get | post, owner, change_order, load_order);
  table.add("registration:order-resend", order + "resend/", post, owner, resend_order);
  table.add("registration:order-billing", order + "billing/", get | post, owner, change_order_billing,
            load_order);
  table.add("registration:order-return", order + "return/", get, web::signed_in() & web::conference_scoped(),
            show_payment_return, load_order);
  table.add("registration:order-invoice", order + "invoices/{document:int}/", get, owner, show_invoice,
            load_order);
  table.add("registration:order-invoice-pdf", order + "invoices/{document:int}/pdf/", get, owner,
            download_invoice, load_order);
  table.add("registration:order-invoice-request", order + "invoices/request/", post, owner, request_invoice);
  table.add("registration:order-tickets-pdf", order + "tickets.pdf", get, owner, show_tickets_pdf,
            load_order);
  // Of whoever holds the secret link. source: 20, D29.
  const std::string secret = order + "{token}/";
  table.add("registration:order-secret", secret, get, shop_guard(), show_order, load_order);
  table.add("registration:order-secret-confirmation", secret + "confirmation/", get, shop_guard(),
            show_confirmation, load_order);
  table.add("registration:order-secret-pay", secret + "pay/", get | post, shop_guard(), pay, load_order);
  table.add("registration:order-secret-pay-intent", secret + "pay/intent/", post,
            shop_guard() & web::json_answers(), begin_card);
  table.add("registration:order-secret-pay-transfer", secret + "pay/transfer/", post, shop_guard(),
            choose_transfer);
  table.add("registration:order-secret-pay-return", secret + "pay/return/", get, web::conference_scoped(),
            show_payment_return, load_order);
  table.add("registration:order-secret-return", secret + "return/", get, web::conference_scoped(),
            show_payment_return, load_order);
  table.add("registration:order-secret-invoice", secret + "invoices/{document:int}/", get, shop_guard(),
            show_invoice, load_order);
  table.add("registration:order-secret-invoice-pdf", secret + "invoices/{document:int}/pdf/", get,
            shop_guard(), download_invoice, load_order);
  table.add("registration:order-secret-invoice-request", secret + "invoices/request/", post, shop_guard(),
            request_invoice);
  table.add("registration:order-secret-cancel", secret + "cancel/", get | post, shop_guard(), cancel_order,
            load_order);
  table.add("registration:order-secret-change", secret + "change/", get | post, shop_guard(), change_order,
            load_order);
  table.add("registration:order-secret-tickets-pdf", secret + "tickets.pdf", get, shop_guard(),
            show_tickets_pdf, load_order);
  table.add("registration:order-secret-resend", secret + "resend/", post, shop_guard(), resend_order);
  table.add("registration:order-secret-billing", secret + "billing/", get | post, shop_guard(),
            change_order_billing, load_order);
}

}  // namespace plenary::site
