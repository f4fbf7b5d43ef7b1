#include "mail/bounces.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "db/database.hpp"
#include "domain/registration/letters.hpp"
#include "mail/messages.hpp"
#include "mail/post.hpp"
#include "net/message_reader.hpp"
#include "net/smtp.hpp"

namespace plenary::mail {
namespace {

constexpr std::size_t longest_id = 250, most_bounces = 100;

std::string bare_id(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('<')) text.remove_prefix(1);
  text = text.substr(0, text.find('>'));
  if (text.size() > longest_id || has_control_characters(text) || !is_valid_utf8(text)) return {};
  return std::string(text);
}

std::string bare_recipient(std::string_view text) {
  // "rfc822; ada@example.org"
  const std::size_t semicolon = text.find(';');
  if (semicolon != std::string_view::npos) text.remove_prefix(semicolon + 1);
  text = trimmed(text);
  return is_email(text) ? std::string(text) : std::string();
}

Bounce bounce_of(const nlohmann::json& object) {
  const auto text = [&](const char* field, bool required) {
    const auto found = object.find(field);
    if (found == object.end() && !required) return std::string();
    if (found == object.end() || !found->is_string()) {
      throw Refused("invalid_bounce", "A bounce needs \"{field}\" as a text.", {{"field", field}});
    }
    return found->get<std::string>();
  };
  if (!object.is_object()) throw Refused("invalid_bounce", "A bounce is a JSON object.");
  const auto permanent = object.find("permanent");
  if (permanent == object.end() || !permanent->is_boolean()) {
    throw Refused("invalid_bounce", "A bounce needs \"permanent\" as true or false.");
  }
  Bounce bounce;
  bounce.message_id = bare_id(text("message_id", true));
  bounce.recipient = bare_recipient(text("recipient", false));
  bounce.detail = net::without_addresses(text("detail", false));
  bounce.is_permanent = permanent->get<bool>();
  if (bounce.message_id.empty()) {
    throw Refused("invalid_bounce",
                  "A bounce needs \"message_id\": the Message-ID of the mail that came back.");
  }
  return bounce;
}

// The groups of fields of a message/delivery-status part: the first is about the report, each further one
// about a recipient.
std::vector<net::MailHeaders> groups_of(std::string_view text) {
  std::vector<net::MailHeaders> groups;
  while (!text.empty() && groups.size() < most_bounces) {
    std::size_t body_at = 0;
    net::MailHeaders fields = net::read_headers(text, &body_at);
    if (body_at == 0) break;
    text.remove_prefix(std::min(body_at, text.size()));
    if (!fields.empty()) groups.push_back(std::move(fields));
  }
  return groups;
}

}  // namespace

std::vector<Bounce> read_json_bounces(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_discarded()) throw Refused("invalid_bounce", "This is no JSON.");
  std::vector<Bounce> bounces;
  if (!json.is_array()) {
    bounces.push_back(bounce_of(json));
    return bounces;
  }
  if (json.size() > most_bounces) {
    throw Refused("invalid_bounce", "At most {most} bounces at a time.",
                  {{"most", std::to_string(most_bounces)}});
  }
  for (const auto& object : json) bounces.push_back(bounce_of(object));
  return bounces;
}

std::vector<Bounce> read_report(std::string_view text) {
  const net::ReadMail mail = net::read_mail(text);
  std::string message_id;
  for (const char* type : {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers",
                           "message/global", "message/global-headers"}) {
    if (const net::MailPart* original = mail.part(type)) {
      message_id = bare_id(net::find_header(net::read_headers(original->bytes), "Message-ID"));
      break;
    }
  }
  const net::MailPart* status = mail.part("message/delivery-status");
  if (!status) status = mail.part("message/global-delivery-status");
  if (!status || message_id.empty()) return {};
  std::vector<Bounce> bounces;
  for (const net::MailHeaders& fields : groups_of(status->bytes)) {
    const std::string action = ascii_lower(trimmed(net::find_header(fields, "Action")));
    if (action.empty()) continue;
    Bounce bounce;
    bounce.message_id = message_id;
    bounce.recipient = bare_recipient(net::find_header(fields, "Original-Recipient"));
    if (bounce.recipient.empty())
      bounce.recipient = bare_recipient(net::find_header(fields, "Final-Recipient"));
    const std::string_view code = trimmed(net::find_header(fields, "Status"));
    std::string_view why = net::find_header(fields, "Diagnostic-Code");
    const std::size_t semicolon = why.find(';');
    if (semicolon != std::string_view::npos) why = trimmed(why.substr(semicolon + 1));
    bounce.detail = net::without_addresses(why.empty() ? code : why);
    // "failed" with 4.x.x: given up after trying for days, so for good as well.
    bounce.is_permanent = action == "failed";
    bounces.push_back(std::move(bounce));
  }
  return bounces;
}

std::optional<KnownBounce> find_bounced(db::Tx& tx, const Bounce& bounce) {
  const auto found = find_record(tx, bounce.message_id);
  if (!found) return std::nullopt;
  return KnownBounce{found->id, found->conference_id.value_or(db::global_lane)};
}

bool take_bounce(db::Tx& tx, const Bounce& bounce) {
  if (!bounce.is_permanent) return false;
  const auto found = find_record(tx, bounce.message_id);
  if (!found || found->status == "bounced") return false;
  const std::string why = bounce.detail.empty() ? "it came back" : bounce.detail;
  set_record_status(tx, found->id, "bounced", why);
  const Message* message = find_message(found->kind);
  if (message && message->about == Subject::order && found->order_id) {
    registration::mark_mail_problem(tx, *found->order_id, found->recipient, why);
  }
  if (message && message->about == Subject::seat && found->seat_id) {
    registration::mark_seat_mail_problem(tx, *found->seat_id, found->recipient, why);
  }
  return true;
}

}  // namespace plenary::mail
