// What a server does beside answering requests: the periodic sweeps and the late answers, as jobs shared with
// all processes on the same database, mail, what asks Stripe, and the sessions and tokens seen by this
// process. Mail, Stripe and what a program around this one does have threads of their own: a server that is
// slow to answer keeps nothing else waiting, and requests go before mail. Starts with its construction, ends
// with stop() or its destruction. source: docs/transactions.md, sections 5 and 6; payments 21, 8.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "api/seen_tokens.hpp"
#include "domain/payments/provider.hpp"
#include "domain/registration/cart.hpp"
#include "embed/paid_orders.hpp"
#include "jobs/worker.hpp"
#include "mail/post.hpp"
#include "site/visit.hpp"

namespace plenary::embed {

class Background {
 public:
  // All must outlive this.
  Background(db::Database& database, const registration::Shop& shop, site::SeenSessions& seen,
             api::SeenTokens& seen_tokens, mail::Post& post, const payments::Provider& provider,
             const PaidSubscribers& paid_subscribers);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  void stop();

 private:
  void write_seen_sessions();
  void write_seen_tokens();
  db::Database& database_;
  site::SeenSessions& seen_;
  api::SeenTokens& seen_tokens_;
  jobs::Worker worker_, mail_worker_, stripe_worker_, host_worker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread writer_;
};

// Registers every job kind of the program but mail and what asks Stripe (payments/stripe_jobs.hpp). Also for
// tests, which run them with run_due().
void register_jobs(jobs::Worker& worker, db::Database& database, const registration::Shop& shop);
// Mail alone.
void register_mail(jobs::Worker& worker, mail::Post& post);

}  // namespace plenary::embed
