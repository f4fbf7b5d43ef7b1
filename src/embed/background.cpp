#include "embed/background.hpp"

#include <chrono>
#include <span>

#include <spdlog/spdlog.h>

#include "domain/accounts/api_tokens.hpp"
#include "domain/accounts/drafts.hpp"
#include "domain/accounts/invitations.hpp"
#include "domain/accounts/kept_answers.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/rates.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/invoicing/files.hpp"
#include "domain/payments/cancellation.hpp"
#include "domain/payments/stripe_jobs.hpp"
#include "domain/registration/credit_expiry.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/seat_reminders.hpp"
#include "domain/registration/voucher_batches.hpp"
#include "domain/registration/waiting_list.hpp"
#include "mail/invoice_pdf.hpp"
#include "mail/notes.hpp"

namespace plenary::embed {
namespace {

constexpr int sweep_seconds = 30;    // carts and orders
constexpr int warn_seconds = 60;     // unpaid orders
constexpr int remind_seconds = 300;  // transfers that are to come
constexpr int serve_seconds = 15;    // waiting lists
constexpr int invoice_seconds = 2;
constexpr int cancel_seconds = 60;    // conferences that are cancelled, where a worker died
constexpr int expire_seconds = 3600;  // credits
constexpr int housekeeping_seconds = 600;
constexpr int mail_nice = 19;
constexpr double busy_writes = 1'000;  // a second
constexpr auto seen_every = std::chrono::seconds(60);
constexpr int offers_a_write = 20;
constexpr std::size_t piece = 500;  // rows a write. source: docs/transactions.md, section 3

void sweep_holds(db::Database& database, const registration::Shop& shop) {
  auto find_paid = [](db::Tx& tx) { return registration::conferences_with_partly_paid(tx); };
  for (const registration::Id conference : database.read_now(find_paid)) {
    auto keep = [conference](db::Tx& tx) { return registration::keep_partly_paid(tx, conference); };
    while (database.write_now(conference, "keep partly paid", keep) > 0) {
    }
  }
  auto find = [](db::Tx& tx) { return registration::conferences_to_sweep(tx); };
  for (const registration::Id conference : database.read_now(find)) {
    auto sweep = [&](db::Tx& tx) {
      return registration::sweep_expired(tx, shop, conference, static_cast<int>(piece));
    };
    while (database.write_now(conference, "sweep expired", sweep) > 0) {
    }
  }
}

void warn_of_expiry(db::Database& database) {
  auto find = [](db::Tx& tx) { return registration::conferences_to_warn(tx); };
  for (const registration::Id conference : database.read_now(find)) {
    std::optional<registration::Id> after = 0;
    while (after) {
      auto warn = [&](db::Tx& tx) {
        return registration::warn_of_expiry(tx, conference, *after, static_cast<int>(piece));
      };
      after = database.write_now(conference, "warn of expiry", warn);
    }
  }
}

void remind_of_transfers(db::Database& database) {
  auto find = [](db::Tx& tx) { return registration::conferences_to_remind(tx); };
  for (const registration::Id conference : database.read_now(find)) {
    auto remind = [conference](db::Tx& tx) {
      return registration::remind_of_transfers(tx, conference, static_cast<int>(piece));
    };
    while (database.write_now(conference, "remind of transfers", remind) > 0) {
    }
  }
}

void serve_waiting(db::Database& database, const registration::Shop& shop, registration::Id conference) {
  auto lapse = [conference](db::Tx& tx) {
    return registration::lapse_offers(tx, conference, offers_a_write);
  };
  while (database.write_now(conference, "lapse offers", lapse) > 0) {
  }
  auto offer = [&shop, conference](db::Tx& tx) {
    return registration::offer_next(tx, shop, conference, offers_a_write);
  };
  while (database.write_now(conference, "make offers", offer) > 0) {
  }
}

void serve_waiting_lists(db::Database& database, const registration::Shop& shop) {
  auto find = [](db::Tx& tx) { return registration::conferences_with_waiting(tx); };
  for (const registration::Id conference : database.read_now(find)) serve_waiting(database, shop, conference);
}

void expire_credits(db::Database& database) {
  auto find = [](db::Tx& tx) { return registration::conferences_with_expired_credits(tx); };
  for (const registration::Id conference : database.read_now(find)) {
    auto expire = [conference](db::Tx& tx) {
      return registration::expire_credits(tx, conference, static_cast<int>(piece));
    };
    while (database.write_now(conference, "expire credits", expire) > 0) {
    }
  }
}

void sweep_accounts(db::Database& database, const registration::Shop& shop) {
  auto sessions = [](db::Tx& tx) { return accounts::sweep_sessions(tx, piece); };
  while (database.write_now(db::global_lane, "sweep sessions", sessions) > 0) {
  }
  auto submissions = [](db::Tx& tx) { return accounts::sweep_submissions(tx, piece); };
  while (database.write_now(db::global_lane, "sweep submissions", submissions) > 0) {
  }
  auto links = [](db::Tx& tx) { return accounts::sweep_links(tx, piece); };
  while (database.write_now(db::global_lane, "sweep links", links) > 0) {
  }
  auto invitations = [](db::Tx& tx) { return accounts::sweep_invitations(tx, piece); };
  while (database.write_now(db::global_lane, "sweep invitations", invitations) > 0) {
  }
  auto sign_ins = [](db::Tx& tx) {
    return accounts::sweep_challenges(tx, piece) + accounts::sweep_sign_in_events(tx, piece) +
           accounts::sweep_sign_in_waits(tx, piece) + accounts::sweep_drafts(tx, piece);
  };
  while (database.write_now(db::global_lane, "sweep sign-ins", sign_ins) > 0) {
  }
  auto answers = [](db::Tx& tx) { return accounts::sweep_kept_answers(tx, piece); };
  while (database.write_now(db::global_lane, "sweep kept answers", answers) > 0) {
  }
  const Duration longest = accounts::longest_window(shop.limits.rates);
  auto rates = [longest](db::Tx& tx) { return accounts::sweep_rates(tx, longest, piece); };
  while (database.write_now(db::global_lane, "sweep limits", rates) > 0) {
  }
}

// In the minute a sale opens letters wait for the people at the desk.
jobs::WorkerOptions mail_options(db::Database& database) {
  using Steady = std::chrono::steady_clock;
  jobs::WorkerOptions options;
  options.nice = mail_nice;
  options.gives_way = [&database, writes = database.stats().writes, looked = Steady::now()]() mutable {
    const auto now = Steady::now();
    const std::uint64_t before = std::exchange(writes, database.stats().writes);
    const double seconds = std::chrono::duration<double>(now - std::exchange(looked, now)).count();
    return static_cast<double>(writes - before) > busy_writes * std::max(seconds, 0.01);
  };
  return options;
}

// Invoices follow what happened within seconds; files are made one after the other.
void register_invoices(jobs::Worker& worker, db::Database& database) {
  worker.every("invoices", invoice_seconds, [&database] { invoicing::settle_due(database); });
  worker.on(invoicing::file_kind, [&database](const jobs::Delivery& delivery) {
    auto find = [&](db::Tx& tx) { return invoicing::find_document(tx, delivery.integer("document")); };
    const std::optional<invoicing::Document> document = database.read_now(find);
    if (!document) throw jobs::Undeliverable("there is no such document");
    invoicing::keep_file(database, *document, mail::invoice_pdf);
  });
}

// A cancelled conference goes on order by order, also after the worker that began it died.
void register_cancellations(jobs::Worker& worker, db::Database& database, const registration::Shop& shop) {
  const auto goes_on = [&worker] { return !worker.is_stopping(); };
  worker.on(payments::cancellation_kind, [&database, &shop, goes_on](const jobs::Delivery& delivery) {
    payments::run_cancellation(database, shop, delivery.conference_id, goes_on);
  });
  worker.every("cancel_conferences", cancel_seconds, [&database, &shop, goes_on] {
    auto find = [](db::Tx& tx) { return payments::conferences_being_cancelled(tx); };
    for (const payments::Id conference : database.read_now(find))
      payments::run_cancellation(database, shop, conference, goes_on);
  });
}

}  // namespace

void register_jobs(jobs::Worker& worker, db::Database& database, const registration::Shop& shop) {
  worker.every("sweep_expired", sweep_seconds, [&database, &shop] { sweep_holds(database, shop); });
  worker.every("warn_of_expiry", warn_seconds, [&database] { warn_of_expiry(database); });
  worker.every("remind_of_transfers", remind_seconds, [&database] { remind_of_transfers(database); });
  worker.every("serve_waiting_lists", serve_seconds,
               [&database, &shop] { serve_waiting_lists(database, shop); });
  worker.on(registration::serve_waiting_kind, [&database, &shop](const jobs::Delivery& delivery) {
    serve_waiting(database, shop, delivery.conference_id);
  });
  worker.every("sweep_accounts", housekeeping_seconds,
               [&database, &shop] { sweep_accounts(database, shop); });
  worker.on(registration::batch_kind, [&worker, &database, &shop](const jobs::Delivery& delivery) {
    registration::run_batch(database, shop.random, delivery.integer("batch"),
                            [&worker] { return !worker.is_stopping(); });
  });
  worker.on(mail::note_kind,
            [&database](const jobs::Delivery& delivery) { mail::deliver_note(database, delivery); });
  worker.on(registration::seat_reminders_kind, [&database](const jobs::Delivery& delivery) {
    registration::deliver_seat_reminders(database, delivery);
  });
  register_invoices(worker, database);
  register_cancellations(worker, database, shop);
  worker.every("expire_credits", expire_seconds, [&database] { expire_credits(database); });
  worker.on(registration::late_answer_kind, [&database, &shop](const jobs::Delivery& delivery) {
    auto settle = [&](db::Tx& tx) {
      registration::settle(tx, shop, delivery.integer("payment"), delivery.flag("success"),
                           {"sandbox", "system", "late answer"});
      if (!jobs::complete(tx, delivery)) throw std::runtime_error("the lease was lost to another worker");
    };
    database.write_now(delivery.conference_id, "late answer", settle);
  });
}

void register_mail(jobs::Worker& worker, mail::Post& post) {
  worker.on(accounts::mail_kind, [&post](const jobs::Delivery& delivery) { post.deliver(delivery); });
}

Background::Background(db::Database& database, const registration::Shop& shop, site::SeenSessions& seen,
                       api::SeenTokens& seen_tokens, mail::Post& post, const payments::Provider& provider,
                       const PaidSubscribers& paid_subscribers)
    : database_(database),
      seen_(seen),
      seen_tokens_(seen_tokens),
      worker_(database),
      mail_worker_(database, mail_options(database)),
      stripe_worker_(database, payments::stripe_worker_options()),
      host_worker_(database) {
  register_jobs(worker_, database, shop);
  register_mail(mail_worker_, post);
  payments::register_stripe_jobs(stripe_worker_, provider);
  register_paid_orders(host_worker_, database, paid_subscribers);
  worker_.start();
  mail_worker_.start();
  stripe_worker_.start();
  if (!paid_subscribers.empty()) host_worker_.start();
  writer_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, seen_every, [this] { return stopping_; })) {
      lock.unlock();
      write_seen_sessions();
      write_seen_tokens();
      lock.lock();
    }
  });
}

Background::~Background() {
  stop();
}

void Background::stop() {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  changed_.notify_all();
  writer_.join();
  worker_.stop();
  mail_worker_.stop();
  stripe_worker_.stop();
  host_worker_.stop();
  write_seen_sessions();
  write_seen_tokens();
}

void Background::write_seen_sessions() {
  const std::vector<accounts::SessionVisit> visits = seen_.take();
  try {
    for (std::size_t at = 0; at < visits.size(); at += piece) {
      const std::span some(visits.data() + at, std::min(piece, visits.size() - at));
      auto touch = [&](db::Tx& tx) { accounts::touch_sessions(tx, some); };
      database_.write_now(db::global_lane, "touch sessions", touch);
    }
  } catch (const std::exception& error) {
    // Nothing is lost but freshness: the next requests collect them again.
    spdlog::warn("the last visits of {} sessions were not written: {}", visits.size(), error.what());
  }
}

void Background::write_seen_tokens() {
  const std::vector<accounts::ApiTokenUse> uses = seen_tokens_.take();
  if (uses.empty()) return;
  try {
    auto touch = [&](db::Tx& tx) { accounts::touch_api_tokens(tx, uses); };
    database_.write_now(db::global_lane, "touch api tokens", touch);
  } catch (const std::exception& error) {
    spdlog::warn("the last uses of {} API tokens were not written: {}", uses.size(), error.what());
  }
}

}  // namespace plenary::embed
