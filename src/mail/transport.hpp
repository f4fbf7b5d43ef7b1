// How mail leaves: over SMTP, or into a folder where no server is set. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "net/message.hpp"
#include "net/smtp.hpp"

namespace plenary::mail {

class Transport {
 public:
  virtual ~Transport() = default;
  // A folder answers delivered, with the file as detail; it throws std::runtime_error where it cannot be
  // written.
  virtual net::SmtpResult send(const net::MailMessage& message,
                               const net::SmtpClient::OnStage& on_stage = {}) = 0;
};

// As [mail] says.
std::unique_ptr<Transport> make_transport(const config::Settings& settings);
std::unique_ptr<Transport> make_smtp_transport(net::SmtpOptions options);
std::unique_ptr<Transport> make_folder_transport(std::filesystem::path folder);

}  // namespace plenary::mail
