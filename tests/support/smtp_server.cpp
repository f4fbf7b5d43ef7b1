#include "support/smtp_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>

namespace plenary::test {

// A connection, plain or encrypted; reads lines.
struct SmtpServer::Wire {
  int fd = -1;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
  std::string buffer;

  bool encrypt(const std::filesystem::path& folder) {
    context.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate_file(context.get(), (folder / "cert.pem").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), (folder / "key.pem").c_str(), SSL_FILETYPE_PEM);
    ssl.reset(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), fd);
    return SSL_accept(ssl.get()) == 1;
  }
  long some(char* to, std::size_t size) {
    return ssl ? SSL_read(ssl.get(), to, static_cast<int>(size)) : ::recv(fd, to, size, 0);
  }
  void say(std::string text) {
    text += "\r\n";
    if (ssl) {
      SSL_write(ssl.get(), text.data(), static_cast<int>(text.size()));
    } else {
      (void)!::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    }
  }
  // Without its end; nothing when the client is gone.
  std::optional<std::string> line() {
    for (;;) {
      const std::size_t end = buffer.find("\r\n");
      if (end != std::string::npos) {
        std::string text = buffer.substr(0, end);
        buffer.erase(0, end + 2);
        return text;
      }
      char bytes[4096];
      const long got = some(bytes, sizeof bytes);
      if (got <= 0) return std::nullopt;
      buffer.append(bytes, static_cast<std::size_t>(got));
    }
  }
  void wait_until_gone() {
    char bytes[4096];
    while (some(bytes, sizeof bytes) > 0) {
    }
  }
};

SmtpServer::SmtpServer(Script script) : script_(std::move(script)) {
  std::signal(SIGPIPE, SIG_IGN);  // of TLS writes to a client that is gone
  std::string pattern = (std::filesystem::temp_directory_path() / "plenary-smtp-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("no folder for the SMTP stand-in");
  folder_ = pattern;
  if (script_.starttls) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" +
        script_.certificate_name + " -addext subjectAltName=DNS:" + script_.certificate_name + " -keyout " +
        (folder_ / "key.pem").string() + " -out " + certificate() + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("no certificate for the SMTP stand-in");
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port for the SMTP stand-in");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

SmtpServer::~SmtpServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  if (const int fd = current_; fd >= 0) ::shutdown(fd, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
  std::filesystem::remove_all(folder_);
}

std::string SmtpServer::url() const {
  return "smtp://localhost:" + std::to_string(port_);
}

std::vector<SmtpServer::Mail> SmtpServer::mails() const {
  const std::lock_guard lock(mutex_);
  return mails_;
}

std::vector<std::string> SmtpServer::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}

void SmtpServer::serve() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    current_ = fd;
    {
      Wire wire;
      wire.fd = fd;
      talk(wire);
    }
    current_ = -1;
    ::close(fd);
  }
}

void SmtpServer::talk(Wire& wire) {
  Mail mail;
  // False: the conversation is over.
  const auto answer = [&](std::string_view command, std::string_view usual) {
    std::string text = script_.answer(command);
    if (text.empty()) text = usual;
    if (text == "drop") return false;
    if (text == "silence") {
      wire.wait_until_gone();
      return false;
    }
    wire.say(text);
    return true;
  };
  const auto address = [](std::string_view line) {
    const std::size_t open = line.find('<'), close = line.rfind('>');
    return std::string(open < close ? line.substr(open + 1, close - open - 1) : std::string_view());
  };
  if (!answer("", "220 stand-in ESMTP")) return;
  while (const auto line = wire.line()) {
    {
      const std::lock_guard lock(mutex_);
      commands_.push_back(line->starts_with("AUTH") ? "AUTH" : *line);
    }
    bool goes_on = true;
    if (line->starts_with("EHLO")) {
      std::string text = "250-stand-in";
      if (script_.starttls && !wire.ssl) text += "\r\n250-STARTTLS";
      if (!script_.username.empty()) text += "\r\n250-AUTH PLAIN";
      goes_on = answer(*line, text + "\r\n250 8BITMIME");
    } else if (line->starts_with("STARTTLS")) {
      goes_on = answer(*line, "220 go on") && wire.encrypt(folder_);
    } else if (line->starts_with("AUTH PLAIN")) {
      std::string credentials = line->substr(std::min<std::size_t>(line->size(), 11));
      if (credentials.empty()) {
        wire.say("334 ");
        credentials = wire.line().value_or("");
      }
      std::string decoded(credentials.size() + 4, '\0');
      const int bytes = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                        reinterpret_cast<const unsigned char*>(credentials.data()),
                                        static_cast<int>(credentials.size()));
      decoded.resize(static_cast<std::size_t>(std::max(bytes, 0)));
      while (!decoded.empty() && decoded.back() == '\0') decoded.pop_back();
      const std::string wanted =
          std::string("\0", 1) + script_.username + std::string("\0", 1) + script_.password;
      mail.signed_in = decoded == wanted;
      goes_on = answer("AUTH", mail.signed_in ? "235 welcome" : "535 5.7.8 wrong account");
    } else if (line->starts_with("MAIL FROM")) {
      mail.from = address(*line);
      const bool may = script_.username.empty() || mail.signed_in;
      goes_on = answer(*line, may ? "250 sender ok" : "530 5.7.0 Authentication required");
    } else if (line->starts_with("RCPT TO")) {
      mail.to = address(*line);
      goes_on = answer(*line, "250 recipient ok");
    } else if (line->starts_with("DATA")) {
      goes_on = answer(*line, "354 go on") && take_message(wire, mail) && answer(".", "250 2.0.0 taken");
    } else if (line->starts_with("QUIT")) {
      wire.say("221 bye");
      return;
    } else {
      wire.say("502 not known here");
    }
    if (!goes_on) return;
  }
}

bool SmtpServer::take_message(Wire& wire, Mail& mail) {
  mail.text.clear();
  mail.encrypted = wire.ssl != nullptr;
  while (auto line = wire.line()) {
    if (*line == ".") {
      const std::lock_guard lock(mutex_);
      mails_.push_back(mail);
      return true;
    }
    if (line->starts_with("..")) line->erase(0, 1);
    mail.text += *line + "\r\n";
    if (script_.drop_after != 0 && mail.text.size() >= script_.drop_after) return false;
  }
  return false;
}

}  // namespace plenary::test
