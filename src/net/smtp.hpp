// Sends one e-mail at a time over SMTP (libcurl): smtp:// with STARTTLS, smtps://, accounts, verified
// certificates, a limit on every wait. Answers are classified: delivered, refused for good, or to be tried
// later. Nothing of it is logged; details that come back hold no address. One client belongs to one thread;
// it keeps its connection. Never call it inside a transaction. source: ground rules 15, 6.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "base/time.hpp"

namespace plenary::net {

struct SmtpOptions {
  std::string url;  // "smtp://host:587", "smtps://host:465"
  std::string username;
  std::optional<Secret> password;
  bool require_tls = true;                   // on smtp://: STARTTLS must succeed
  Duration timeout = Duration::seconds(30);  // of connecting, and of everything else together
  std::string greeting;                      // our name in EHLO; empty: the machine's
  std::string ca_file;                       // PEM of the authorities believed; empty: the system's
};

// How far a delivery came; of a failure: where it ended.
enum class SmtpStage { connect, tls, greeting, sign_in, sender, recipient, content, done };

struct SmtpResult {
  enum class Kind { delivered, refused, later } kind = Kind::later;
  SmtpStage stage = SmtpStage::connect;
  int code = 0;        // the server's last answer; 0: none
  std::string detail;  // what the server or the network said; no addresses, no control characters
  bool is_our_fault =
      false;           // settings: account, certificate, sender; trying later helps only once they are mended
  std::string advice;  // what to do about it, in words; empty when delivered
};

std::string_view to_text(SmtpStage stage);  // "connecting", "encryption", …

class SmtpClient {
 public:
  explicit SmtpClient(SmtpOptions options);
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  // `on_stage` hears of each stage as it begins and the server's greeting lines, for people who watch.
  using OnStage = std::function<void(SmtpStage stage, std::string_view text)>;
  // Addresses bare: "ada@example.org". `message` with CRLF line ends (message.hpp).
  SmtpResult send(const std::string& sender, const std::string& recipient, std::string_view message,
                  const OnStage& on_stage = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Addresses in a text replaced by "<address>", control characters by blanks, cut to 300 bytes.
std::string without_addresses(std::string_view text);

}  // namespace plenary::net
