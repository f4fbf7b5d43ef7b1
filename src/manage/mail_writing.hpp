// What pages on which organisers write a mail have in common: a text as it was typed, tried out with its
// preview, everything wrong with it at its field, a test mail, and what can be put in. One request, its
// thread. source: payments 21, 11; staff pages 70.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/content.hpp"
#include "mail/renderer.hpp"
#include "mail/text_language.hpp"
#include "site/page.hpp"
#include "web/forms.hpp"
#include "web/response.hpp"

namespace plenary::manage {

using site::Site;

// From the fields subject, body and html of a form, where it has them.
mail::TextSource typed_mail_text(const web::Form& form, bool has_html = true);

// The fields of a subject and a text, with their limits.
std::vector<web::Field> mail_text_fields();

// A test of what stands in the form, to whoever is signed in.
struct TestMail {
  std::string_view message;  // its name
  std::string language;
  std::int64_t order_id = 0;  // that it is about; 0: made-up data
  mail::TextSource text;
};
// Its one row of the outbox, at most one in ten seconds of each person. False: one went out a moment ago.
Task<bool> send_test_mail(Site& site, web::Request& request, const TestMail& test);
// What the page says then.
std::string test_mail_notice(const web::Request& request, bool is_sent);

struct TriedText {
  std::optional<mail::Letter> preview;  // where nothing is wrong
  std::vector<mail::TextProblem> problems;
};
// `about`: whose message and values; its links open nothing.
TriedText try_text(const Site& site, const mail::Content& about, const mail::TextSource& text);
void add_text_problems(web::Form& form, const std::vector<mail::TextProblem>& problems);

// For the includes mail_help.html and mail_preview.html.
void set_mail_help(site::Page& page, const web::Request& request, const mail::Message& about);
void set_mail_preview(site::Page& page, const TriedText& tried);
// Mails are laid out by style attributes; the frame that shows them runs nothing.
void admit_mail_preview(web::Response& response, const TriedText& tried);

}  // namespace plenary::manage
