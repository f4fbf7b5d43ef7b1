// A form's one-use token, bound to the browser it was rendered for. What has to be found again by a repeat of
// the same submit (the session it gave birth to) is derived from it with the server's key, so that nothing
// secret is kept anywhere but at the browser. Another browser that learns a
// token derives nothing with it. source: registration 20, D32; docs/transactions.md, section 5; ground rules
// 15, 2.4.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "site/visit.hpp"
#include "web/guest_session.hpp"
#include "web/request.hpp"

namespace plenary::site {

inline constexpr std::string_view submission_field = "submission";

class Submission {
 public:
  // Nothing when the form carried none, or a malformed one.
  static std::optional<Submission> of(web::Request& request, const SigningKey& key);

  const std::string& hash() const { return hash_; }  // what accounts' submissions know it by
  // The guest's session that this submit brings into being, where the browser has none. A repeat finds it
  // again with the moment that the first submit noted (noted_guest).
  web::NewGuest guest(Instant began_at) const;

 private:
  Submission(std::string bound, Instant rendered_at, const SigningKey& key);
  std::string bound_, hash_;
  const SigningKey* key_;
};

// The server's, or the system's where a test gives none.
Random& random_of(const web::Request& request);

// A guest's session that begins now: that of this submit where there is one.
web::NewGuest new_guest(web::Request& request, const std::optional<Submission>& submission,
                        const SigningKey& key);

// When a new guest's session began, as the result of a submit keeps it: "new 1826000000", in seconds; and
// read from there.
std::string noted_guest(const web::NewGuest& guest);
std::optional<Instant> noted_guest(std::string_view note);

// Fresh tokens for the forms of one page. Each begins with the second it was made in: what is written of the
// submits of one moment stands together in the index.
std::vector<std::string> new_submissions(web::Request& request, std::size_t count);
std::string new_submission(web::Request& request);

}  // namespace plenary::site
