// Fresh proof: before dangerous acts (roles, secrets, money out, passwords, addresses, factors) the person
// gives the password or a code of the second factor again, unless that was done in the last ten minutes
// ([security] fresh_proof_minutes). What was posted travels with the question, sealed for this session and
// address, so that the act goes on as typed. Five wrong answers lock the session. One request, its thread.
// source: ground rules 15, 5.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "domain/accounts/types.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

// Called first thing in the POST of a signed-in person, before anything of the form is looked at. Nothing: go
// on. Else the answer to give: a page that asks, and carries along everything that was posted, but files;
// when it is answered rightly the same POST arrives again, with its fields as they were. The session has a
// new token then (Visit::session_hash is up to date).
Task<std::optional<web::Response>> asks_for_proof(Site& site, web::Request& request);

// Whether it would let pass at once.
bool is_freshly_proven(const Site& site, const web::Request& request);

inline constexpr std::string_view proof_kept_field = "proof_kept";
inline constexpr std::string_view proof_password_field = "proof_password";
inline constexpr std::string_view proof_code_field = "proof_code";

// What somebody gives to show who they are, and what came of it.
enum class Answer { none, too_often, wrong, password, code, recovery_code };
struct Answered {
  Answer answer = Answer::none;
  Instant again_at{};  // of too_often
  bool is_right() const { return answer >= Answer::password; }
  bool by_second_factor() const { return answer == Answer::code || answer == Answer::recovery_code; }
};
// Counts the try, then looks at the password (where it `counts`) or the code; a right code is used up with
// it.
Task<Answered> check_answer(Site& site, web::Request& request, std::int64_t user_id, bool password_counts,
                            const std::string& password, const std::string& code);

// A wrong password in a form that asks for the current one: counted and told to its owner. The answer to give
// when that was the fifth and has locked the session.
Task<std::optional<web::Response>> count_wrong_password(Site& site, web::Request& request);

// The current session, open or locked, gets a new token, with this response, and is proven as of now. False
// when it has ended.
Task<bool> prove_this_session(Site& site, web::Request& request, const std::string& session_hash,
                              const accounts::FoundSession& session, const Answered& answered);

}  // namespace plenary::site
