#include "mail/transport.hpp"

#include <utility>

#include "mail/wording.hpp"
#include "net/mail_folder.hpp"

namespace plenary::mail {
namespace {

class SmtpTransport : public Transport {
 public:
  explicit SmtpTransport(net::SmtpOptions options) : client_(std::move(options)) {}
  net::SmtpResult send(const net::MailMessage& message, const net::SmtpClient::OnStage& on_stage) override {
    const std::string& sender =
        message.envelope_sender.empty() ? message.from.email : message.envelope_sender;
    return client_.send(sender, message.to.email, net::to_text(message), on_stage);
  }

 private:
  net::SmtpClient client_;
};

class FolderTransport : public Transport {
 public:
  explicit FolderTransport(std::filesystem::path folder) : folder_(std::move(folder)) {}
  net::SmtpResult send(const net::MailMessage& message, const net::SmtpClient::OnStage&) override {
    net::SmtpResult result;
    result.detail = folder_.store(message.message_id, net::to_text(message)).string();
    result.kind = net::SmtpResult::Kind::delivered;
    result.stage = net::SmtpStage::done;
    return result;
  }

 private:
  net::MailFolder folder_;
};

}  // namespace

std::unique_ptr<Transport> make_smtp_transport(net::SmtpOptions options) {
  return std::make_unique<SmtpTransport>(std::move(options));
}

std::unique_ptr<Transport> make_folder_transport(std::filesystem::path folder) {
  return std::make_unique<FolderTransport>(std::move(folder));
}

std::unique_ptr<Transport> make_transport(const config::Settings& settings) {
  const config::MailSettings& mail = settings.mail;
  if (!mail.smtp_url) return make_folder_transport(mail.folder);
  return make_smtp_transport({.url = *mail.smtp_url,
                              .username = mail.username,
                              .password = mail.password,
                              .require_tls = mail.require_tls,
                              .timeout = mail.timeout,
                              .greeting = host_of(settings.server.base_url()),
                              .ca_file = {}});
}

}  // namespace plenary::mail
