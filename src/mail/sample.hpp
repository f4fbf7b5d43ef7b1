// What a message would be about, made up: for previews and test mails, in the conference's own products,
// money and days. With a real order its lines, names and sums are those of the order, while its links and
// access codes stay made up: nobody opens anything from a preview. Functions of a transaction or pure; any
// thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mail/content.hpp"

namespace plenary::mail {

Content sample_content(const Message& message, std::string_view language,
                       std::shared_ptr<const registration::Catalogue> catalogue, Instant now);
// `order`: of the same conference. Of messages that are about no order or ticket: nothing changes.
void use_order(db::Tx& tx, Content& content, const registration::Order& order);

}  // namespace plenary::mail
