// stripe_stand_in: Stripe played on a port of this machine, for browser tests and for ./dev chaos.
//
//   stripe_stand_in [--port N] [--secret-key K] [--publishable-key K] [--webhook-secret S] [--live]
//                   [--ahead=SECONDS]
//
// It prints "http://127.0.0.1:PORT" and serves until it is ended. A server is pointed at it by its settings:
//   [program.stripe]
//   secret_key = "sk_test_standin0001"
//   publishable_key = "pk_test_standin0001"
//   webhook_secret = "whsec_standin0001"
//   api_base = "http://127.0.0.1:PORT"
// The browser then loads /v3/stripe.js from there: window.Stripe with a Payment Element (a frame titled
// "Secure payment input frame" with the fields "Card number", "Expiration date", "Security code", or "IBAN"
// after choosing "SEPA Direct Debit"), confirmPayment with return_url, and a 3-D Secure page with the buttons
// "Approve" and "Refuse". Test cards: stripe_stand_in.hpp.
//
// Control, all POST with form fields, answers are JSON:
//   GET /control/state                              intents, charges, refunds, disputes, events
//   /control/webhook url=U [delay_ms=N] [times=N] [wrong_signature=1] [reverse=1] [off=1]
//        events made from now on go to U by themselves; off=1: they are kept, until /control/deliver
//   /control/deliver [times=N] [wrong_signature=1] [reverse=1] [again=1]
//        sends what was kept (again=1: everything there ever was); {"sent":N,"answers":[200,…]}
//   /control/pay intent=I [number=N]                as if typed into the form
//   /control/authenticate intent=I approve=0|1      /control/finish intent=I success=0|1   (late methods)
//   /control/refund intent=I amount=N               made in Stripe's dashboard
//   /control/refund-settle refund=R success=0|1
//   /control/dispute intent=I [reason=R]            /control/dispute-update dispute=D status=won|lost|…
//   /control/payout amount=N currency=C
//   /control/fault [path=P] [method=M] [times=N] [status=S] [after=1] [silent=1] [drops=1] [retry_after=S]
//   /control/delay ms=N                             before every answer of /v1/
//   /control/clear                                  no faults, no delay
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "support/stripe/stripe_pages.hpp"
#include "support/stripe/stripe_stand_in.hpp"

namespace {

using plenary::test::form_field;
using plenary::test::MadeEvent;
using plenary::test::StandInReply;
using plenary::test::StandInRequest;
using plenary::test::StripeFault;
using plenary::test::StripeStandIn;

struct Delivery {
  std::string url;
  int delay_ms = 0, times = 1;
  bool wrong_signature = false, reverse = false;
};

// The status of the answer; 0: none.
int post(const std::string& url, const std::string& body, const std::string& signature) {
  const std::string rest = url.substr(url.find("//") + 2);
  const std::string host = rest.substr(0, rest.find('/'));
  const std::string path = rest.find('/') == std::string::npos ? "/" : rest.substr(rest.find('/'));
  const std::size_t colon = host.find(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port =
      htons(static_cast<std::uint16_t>(colon == std::string::npos ? 80 : std::stoi(host.substr(colon + 1))));
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  int status = 0;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "POST " + path + " HTTP/1.1\r\nHost: " + host +
                                "\r\nContent-Type: application/json\r\nStripe-Signature: " + signature +
                                "\r\nContent-Length: " + std::to_string(body.size()) +
                                "\r\nConnection: close\r\n\r\n" + body;
    for (std::size_t sent = 0; sent < request.size();) {
      const ssize_t some = ::send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (some <= 0) break;
      sent += static_cast<std::size_t>(some);
    }
    std::string answer;
    char bytes[4096];
    for (ssize_t got; (got = ::recv(fd, bytes, sizeof bytes, 0)) > 0;)
      answer.append(bytes, static_cast<std::size_t>(got));
    if (answer.size() > 12) status = std::atoi(answer.c_str() + 9);
  }
  ::close(fd);
  return status;
}

// Sends webhooks on a thread of its own, so that nothing waits for the server it sends to.
class Sender {
 public:
  explicit Sender(StripeStandIn& stripe) : stripe_(stripe), thread_([this] { work(); }) {}
  ~Sender() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  void use(Delivery delivery, bool on) {
    const std::lock_guard lock(mutex_);
    usual_ = std::move(delivery);
    on_ = on;
    changed_.notify_all();
  }
  std::string url() const {
    const std::lock_guard lock(mutex_);
    return usual_.url;
  }
  // Sends what was kept now, on the caller's thread.
  std::string deliver(Delivery how, bool again) {
    std::vector<MadeEvent> events = again ? stripe_.all_events() : stripe_.take_events();
    std::string answers;
    int sent = 0;
    if (how.url.empty()) how.url = url();
    for (const int status : send(events, how)) {
      answers += (sent++ ? "," : "") + std::to_string(status);
    }
    return "{\"sent\":" + std::to_string(sent) + ",\"answers\":[" + answers + "]}";
  }

 private:
  std::vector<int> send(std::vector<MadeEvent> events, const Delivery& how) {
    if (how.reverse) std::reverse(events.begin(), events.end());
    std::vector<int> answers;
    for (const MadeEvent& event : events) {
      for (int i = 0; i < how.times; ++i) {
        std::string signature = stripe_.signature(event.payload);
        if (how.wrong_signature) signature.back() = signature.back() == '0' ? '1' : '0';
        answers.push_back(post(how.url, event.payload, signature));
      }
    }
    return answers;
  }
  // Like Stripe, it sends again what was not taken.
  void work() {
    std::vector<MadeEvent> again;
    while (true) {
      Delivery how;
      {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(50), [this] { return stopping_; });
        if (stopping_) return;
        if (!on_) continue;
        how = usual_;
      }
      std::vector<MadeEvent> events = std::move(again);
      again.clear();
      for (MadeEvent& event : stripe_.take_events()) events.push_back(std::move(event));
      if (events.empty()) continue;
      if (how.delay_ms > 0) ::poll(nullptr, 0, how.delay_ms);
      for (const MadeEvent& event : events) {
        const std::vector<int> answers = send({event}, how);
        if (answers.empty() || answers.back() != 200) again.push_back(event);
      }
      if (!again.empty()) ::poll(nullptr, 0, 300);
    }
  }

  StripeStandIn& stripe_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Delivery usual_;
  bool on_ = false, stopping_ = false;
  std::thread thread_;
};

StandInReply page(std::string_view body, const char* type) {
  StandInReply reply;
  reply.headers = {{"Content-Type", type}, {"Cache-Control", "no-store"}};
  reply.body = body;
  return reply;
}
StandInReply json(std::string body) {
  return page(body, "application/json");
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '"' ? "&quot;" : c == '&' ? "&amp;" : c == '<' ? "&lt;" : std::string(1, c);
  return out;
}

std::string with_query(const std::string& url, const std::string& query) {
  return url + (url.find('?') == std::string::npos ? "?" : "&") + query;
}

int number(const std::string& text, int otherwise) {
  return text.empty() ? otherwise : std::atoi(text.c_str());
}

class Pages {
 public:
  Pages(StripeStandIn& stripe, Sender& sender) : stripe_(stripe), sender_(sender) {}

  bool operator()(const StandInRequest& request, StandInReply& reply) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (path == "/v3/stripe.js" || path == "/v3/") {
      reply = page(plenary::test::stripe_js(), "text/javascript; charset=utf-8");
    } else if (path == "/v3/element.html") {
      reply = page(plenary::test::element_html(), "text/html; charset=utf-8");
    } else if (path == "/v3/element.js") {
      reply = page(plenary::test::element_js(), "text/javascript; charset=utf-8");
    } else if (path.starts_with("/3ds/")) {
      reply = bank(request, path.substr(5));
    } else if (path.starts_with("/control/")) {
      reply = control(path.substr(9), request.body);
    } else {
      return false;
    }
    return true;
  }

 private:
  StandInReply bank(const StandInRequest& request, const std::string& intent) {
    const std::size_t query = request.target.find('?');
    if (request.method != "POST") {
      const std::string back = query == std::string::npos
                                   ? std::string()
                                   : form_field(request.target.substr(query + 1), "return_url");
      return page(plenary::test::bank_html(escaped(intent), escaped(back)), "text/html; charset=utf-8");
    }
    const bool approves = form_field(request.body, "approve") == "1";
    stripe_.authenticate(intent, approves);
    StandInReply reply;
    reply.status = 303;
    reply.headers = {{"Location", with_query(form_field(request.body, "return_url"),
                                             "payment_intent=" + intent +
                                                 "&redirect_status=" + (approves ? "succeeded" : "failed"))}};
    return reply;
  }

  StandInReply control(const std::string& what, const std::string& form) {
    const auto given = [&](const char* name) { return form_field(form, name); };
    Delivery how{given("url"), number(given("delay_ms"), 0), number(given("times"), 1),
                 given("wrong_signature") == "1", given("reverse") == "1"};
    if (what == "state") return json(stripe_.state_json());
    if (what == "webhook") {
      if (how.url.empty()) how.url = sender_.url();
      sender_.use(how, given("off") != "1");
      return json("{}");
    }
    if (what == "deliver") return json(sender_.deliver(how, given("again") == "1"));
    if (what == "pay") {
      const std::string card = given("number");
      return json("{\"came\":\"" + stripe_.pay(given("intent"), card.empty() ? "4242424242424242" : card) +
                  "\"}");
    }
    if (what == "authenticate") {
      return json("{\"came\":\"" + stripe_.authenticate(given("intent"), given("approve") == "1") + "\"}");
    }
    if (what == "finish") {
      stripe_.finish(given("intent"), given("success") == "1");
      return json("{}");
    }
    if (what == "refund") {
      return json("{\"refund\":\"" +
                  stripe_.refund_in_dashboard(given("intent"), std::atoll(given("amount").c_str())) + "\"}");
    }
    if (what == "refund-settle") {
      stripe_.settle_refund(given("refund"), given("success") == "1");
      return json("{}");
    }
    if (what == "dispute") {
      const std::string reason = given("reason");
      return json("{\"dispute\":\"" +
                  stripe_.dispute(given("intent"), reason.empty() ? "fraudulent" : reason) + "\"}");
    }
    if (what == "dispute-update") {
      stripe_.update_dispute(given("dispute"), given("status"));
      return json("{}");
    }
    if (what == "payout") {
      return json("{\"payout\":\"" + stripe_.pay_out(std::atoll(given("amount").c_str()), given("currency")) +
                  "\"}");
    }
    if (what == "fault") {
      StripeFault fault;
      fault.path = given("path");
      fault.method = given("method");
      fault.times = number(given("times"), 1);
      fault.status = number(given("status"), 500);
      fault.is_done_first = given("after") == "1";
      fault.silent = given("silent") == "1";
      fault.drops = given("drops") == "1";
      fault.retry_after = given("retry_after");
      stripe_.add_fault(fault);
      return json("{}");
    }
    if (what == "delay") {
      stripe_.set_delay(number(given("ms"), 0));
      return json("{}");
    }
    if (what == "clear") {
      stripe_.clear_faults();
      return json("{}");
    }
    StandInReply reply = json("{\"error\":\"no such control\"}");
    reply.status = 404;
    return reply;
  }

  StripeStandIn& stripe_;
  Sender& sender_;
};

}  // namespace

int main(int argc, char** argv) {
  plenary::test::StripeAccountOptions options;
  options.many = true;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--live") {
      options.livemode = true;
      continue;
    }
    if (name.starts_with("--ahead=")) {  // of the system's clock, in seconds
      options.now = [ahead = std::atoll(name.c_str() + 8)] { return std::time(nullptr) + ahead; };
      continue;
    }
    if (name == "--port") options.port = static_cast<std::uint16_t>(std::atoi(value.c_str()));
    if (name == "--secret-key") options.secret_key = value;
    if (name == "--publishable-key") options.publishable_key = value;
    if (name == "--webhook-secret") options.webhook_secret = value;
    ++i;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  StripeStandIn stripe(options);
  Sender sender(stripe);
  Pages pages(stripe, sender);
  stripe.serve_also(
      [&pages](const StandInRequest& request, StandInReply& reply) { return pages(request, reply); });
  std::printf("%s\n", stripe.url().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
}
