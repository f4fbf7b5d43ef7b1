#include "mail/mailbox.hpp"

#include "net/mail_folder.hpp"
#include "net/message_reader.hpp"

namespace plenary::mail {

std::vector<ListedMail> list_mails(const std::filesystem::path& folder, std::size_t limit) {
  const net::MailFolder files(folder);
  std::vector<ListedMail> mails;
  for (const net::MailFolder::Entry& entry : files.list(limit)) {
    const auto text = files.read(entry.id);
    if (!text) continue;  // gone meanwhile
    const net::MailHeaders headers = net::read_headers(*text);
    mails.push_back({entry.id, std::string(net::find_header(headers, "To")),
                     std::string(net::find_header(headers, "Subject")), entry.written_at});
  }
  return mails;
}

std::optional<ShownMail> read_mail(const std::filesystem::path& folder, std::string_view id) {
  const auto text = net::MailFolder(folder).read(id);
  if (!text) return std::nullopt;
  net::ReadMail mail = net::read_mail(*text);
  ShownMail shown;
  shown.id = id;
  shown.subject = mail.header("Subject");
  shown.headers = std::move(mail.headers);
  for (net::MailPart& part : mail.parts) {
    if (!part.filename.empty()) {
      shown.attachments.push_back(
          {std::move(part.filename), std::move(part.content_type), std::move(part.bytes)});
    } else if (part.content_type == "text/html" && shown.html.empty()) {
      shown.html = std::move(part.bytes);
    } else if (part.content_type == "text/plain" && shown.text.empty()) {
      shown.text = std::move(part.bytes);
    }
  }
  return shown;
}

}  // namespace plenary::mail
