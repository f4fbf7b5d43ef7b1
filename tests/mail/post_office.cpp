#include "mail/post_office.hpp"

#include <fmt/format.h>

#include "domain/accounts/letters.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/products.hpp"
#include "i18n/library.hpp"
#include "i18n/translator.hpp"

namespace plenary::mail::testing {
namespace {

using plenary::test::SmtpServer;

// Every route exists and tells its name and arguments.
class Pages : public templating::UrlResolver {
 public:
  std::optional<std::string> path_of(const Request& request, std::string&) const override {
    std::string path = fmt::format("/{}/", request.name);
    for (const templating::Value& value : request.positional) path += value.to_text() + "/";
    return path;
  }
};

}  // namespace

void PostOffice::SetUp() {
  DatabaseTest::SetUp();
  domain::connect_rooms();
  settings_.server.public_url = public_url;
  settings_.mail.from = "The Fair <shop@example.org>";
  catalogues_ = std::make_unique<registration::Catalogues>(settings_.program);
  shop_.reset(new registration::Shop{settings_.program, *catalogues_, Random::system(), {}});
  templating::EngineOptions options;
  options.mode = templating::EngineOptions::Mode::development;
  options.override_folders = {std::filesystem::path(PLENARY_SOURCE_DIR) / "templates"};
  options.urls = std::make_shared<Pages>();
  options.translator = std::make_shared<i18n::GettextTranslator>();
  engine_ = std::make_unique<templating::Engine>(options);
  conference_id_ = db().write_now(db::global_lane, "make fair", [&](db::Tx& tx) {
    conference::Conference fair;
    fair.name = "Fair & Square";
    fair.slug = "fair";
    fair.start_date = *Date::parse("2027-06-14");
    fair.end_date = *Date::parse("2027-06-16");
    fair.timezone = "Europe/Berlin";
    fair.venue = "Town Hall";
    fair.contact = "help@example.org";
    fair.refund_policy = "Money back for two weeks.";
    fair.withdrawal_note = "No right of withdrawal: the date is fixed.";
    fair.accent_color = "#ffcc00";
    const std::int64_t id = conference::create(tx, fair).value();
    registration::set_conference_capacity(tx, id, 0);
    registration::TicketType type;
    type.conference_id = id;
    type.name = "Early <Bird>";
    type.slug = "early";
    type.price = 123'450;
    registration::save(tx, type);
    return id;
  });
  serve({});
}

void PostOffice::TearDown() {
  worker_.reset();
  post_.reset();
  server_.reset();
  DatabaseTest::TearDown();
}

RendererParts PostOffice::parts() const {
  return {.db = const_cast<PostOffice*>(this)->db(),
          .engine = *engine_,
          .catalogues = *catalogues_,
          .settings = settings_,
          .link_key = key_};
}

std::shared_ptr<const registration::Catalogue> PostOffice::catalogue() {
  return db().read_now([&](db::Tx& tx) {
    const auto state = conference::find_state(tx, conference_id_).value();
    return catalogues_->at(tx, conference_id_, state.catalogue_version);
  });
}

void PostOffice::serve(SmtpServer::Script script) {
  worker_.reset();
  post_.reset();
  server_ = std::make_unique<SmtpServer>(std::move(script));
  net::SmtpOptions options;
  options.url = server_->url();
  options.require_tls = false;
  post_ = std::make_unique<Post>(parts(), make_smtp_transport(options));
  worker_ = std::make_unique<jobs::Worker>(db());
  worker_->on(accounts::mail_kind, [this](const jobs::Delivery& delivery) { post_->deliver(delivery); });
}

std::vector<net::ReadMail> PostOffice::mails() const {
  std::vector<net::ReadMail> read;
  for (const SmtpServer::Mail& mail : server_->mails()) read.push_back(net::read_mail(mail.text));
  return read;
}

registration::Id PostOffice::order(const std::string& email, const std::string& name, std::int64_t quantity,
                                   const std::string& language) {
  const registration::Visitor who{conference_id_, {}, token_hash(std::to_string(++buyers_)), "192.0.2.0/24"};
  write([&](db::Tx& tx) { registration::add_ticket(tx, *shop_, who, "early", quantity); });
  registration::CheckoutForm form;
  form.billing = {name, email, ""};
  form.shown_total = 123'450 * quantity;
  form.link_key = &key_;
  form.language = language;
  return write([&](db::Tx& tx) { return registration::place_order(tx, *shop_, who, form).order_id; });
}

void PostOffice::pay(registration::Id order_id) {
  registration::ChargeRequest request;
  request.card_number = "4242 4242 4242 4242";
  const registration::SandboxGateway gateway;
  write([&](db::Tx& tx) {
    registration::Order order = registration::find_order(tx, order_id).value();
    registration::pay(tx, *shop_, gateway, order, request);
  });
}

registration::Order PostOffice::get(registration::Id order_id) {
  return db().read_now([&](db::Tx& tx) { return registration::find_order(tx, order_id).value(); });
}

int PostOffice::deliver() {
  return worker_->run_due(clock().now());
}

std::int64_t PostOffice::count(const char* sql) {
  return db().read_now([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
}

}  // namespace plenary::mail::testing
