// Files among posted answers, for forms that cannot be dealt with yet: stored, with their handles in the
// form, so that it can be kept, or travel with another page, and loses none (questions.hpp;
// docs/questions.md). In questions.cpp. One request, its thread. source: ground rules 15, 5.2; registration
// 20, D37.
#pragma once

#include "base/task.hpp"
#include "site/questions.hpp"
#include "web/form_data.hpp"

namespace plenary::site {

// The form as it was posted, with what take_files stored for these questions in place of the files.
web::FormData with_stored_files(const web::FormData& posted, const AnswerForm& form);

// The same for a form that nobody has looked at, because its sender has to sign in first. What may not be
// stored is told on the next page.
Task<void> store_posted_files(Site& site, web::Request& request);

}  // namespace plenary::site
