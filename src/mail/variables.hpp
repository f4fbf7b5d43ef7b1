// What a message is called, when it goes out, and which variables its text may use: the list that is shown
// beside the editor and that the texts are held against. Messages that no conference may write anew (changes of
// an account, tests) have none. Constant; any thread. source: payments 21, 11.
#pragma once

#include <string_view>
#include <vector>

#include "mail/messages.hpp"

namespace plenary::mail {

struct Variable {
  std::string_view name;  // "order.reference"
  const char* about;      // for people, English
  bool is_list = false;   // for {% for … in … %}; `about` says what each has
};
const std::vector<Variable>& variables_of(const Message& message);

struct MessageTitle {
  const char* title;  // for people, English
  const char* when;
};
MessageTitle title_of(const Message& message);

// Whether organisers may write it anew.
bool is_editable(const Message& message);
// Whether its text is theirs: also what they write to buyers once (notes.hpp).
bool is_written(const Message& message);
std::vector<const Message*> editable_messages();

}  // namespace plenary::mail
