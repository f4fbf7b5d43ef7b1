// A real SMTP server on a loopback port, played from a script: it accepts, refuses, greylists, falls silent,
// drops the connection, offers STARTTLS with a certificate made for it, and asks for an account. One thread,
// one connection at a time. No sleeping: silence is a read that ends when the client gives up.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace plenary::test {

class SmtpServer {
 public:
  struct Script {
    // What to answer to a command ("RCPT TO:<ada@example.org>", "." for the end of a message, "" for the
    // greeting). Empty: the usual answer. "drop": hangs up. "silence": says nothing until the client goes.
    std::function<std::string(std::string_view command)> answer = [](std::string_view) {
      return std::string();
    };
    bool starttls = false;
    std::string certificate_name = "localhost";
    std::string username, password;  // given: AUTH PLAIN is offered and asked for
    std::size_t drop_after = 0;      // bytes of a message; 0: never
  };
  struct Mail {
    std::string from, to;  // without the angle brackets
    std::string text;      // dots undone
    bool encrypted = false, signed_in = false;
  };

  explicit SmtpServer(Script script);
  SmtpServer() : SmtpServer(Script()) {}
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  std::string url() const;  // "smtp://localhost:<port>"
  std::string certificate() const { return (folder_ / "cert.pem").string(); }
  std::vector<Mail> mails() const;
  std::vector<std::string> commands() const;  // without what AUTH carries
  int connections() const { return connections_; }

 private:
  struct Wire;
  void serve();
  void talk(Wire& wire);
  bool take_message(Wire& wire, Mail& mail);

  Script script_;
  std::filesystem::path folder_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<int> current_{-1};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Mail> mails_;
  std::vector<std::string> commands_;
  std::thread thread_;
};

}  // namespace plenary::test
