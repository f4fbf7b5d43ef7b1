// The language in which organisers write mails: the template language with few tags and filters, no includes,
// no way round escaping, small limits, and nothing to see but what variables.hpp lists for the message. Three
// tags of its own stand for what differs between text and HTML: {% button url "Label" %}, {% order_lines %}
// and
// {% transfer %}. HTML is made of the text where none is written. Pure; any thread. Errors: TemplateError
// with line and column. source: payments 21, 11.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/messages.hpp"
#include "mail/texts.hpp"
#include "templating/context.hpp"
#include "templating/error.hpp"

namespace plenary::mail {

struct TextProblem {
  std::string part;          // "subject", "body", "html"
  int line = 0, column = 0;  // from 1; 0: of the part as a whole
  std::string what;          // English, with what was expected
};

// Everything that can be known without rendering: mistakes in the language, variables that the message does
// not have, the link that the mail is for missing, HTML that no mail should hold, too long, nothing at all.
// Empty: sound.
std::vector<TextProblem> check_text(const Message& message, const TextSource& source);
TextProblem problem_of(std::string_view part, const templating::TemplateError& error);

// What the three tags put where they stand.
struct TextBlocks {
  std::function<std::string(std::string_view name, bool is_html)> part;  // "order_lines", "transfer"
  std::function<std::string(const std::string& url, const std::string& label)> button;  // as HTML
  std::string mark;  // of this mail, not to be guessed: finds what the tags put, in text that becomes HTML
};

struct RenderedText {
  std::string subject, text, html;  // html: what stands inside the frame
};
// `filled` has the variables of the message's shipped templates; of them, those that are listed are visible.
RenderedText render_text(const Message& message, const TextSource& source, const templating::Context& filled,
                         const TextBlocks& blocks);
// Names the part in which it ended.
class TextError : public templating::TemplateError {
 public:
  TextError(std::string part, const templating::TemplateError& error)
      : TemplateError(error), part_(std::move(part)) {}
  const std::string& part() const { return part_; }

 private:
  std::string part_;
};

// Tags and filters that there are, for the page beside the editor.
std::vector<std::string> text_tags();
std::vector<std::string> text_filters();

}  // namespace plenary::mail
