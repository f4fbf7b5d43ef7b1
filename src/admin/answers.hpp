// Answers beyond their list: all of a conference as a file with a row for each ticket and a column for each
// question, sent while it is read; and the files that were sent with them. For whoever may take answers out
// (access.hpp), files for whoever may see them. Threads: pieces are read on the slow pool. Errors: NotFound.
// source: registration 20, D37.
#pragma once

#include "admin/desk.hpp"
#include "base/task.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::admin {

Task<web::Response> show_answer_exports(Site& site, web::Request& request);
Task<web::Response> export_answers(Site& site, web::Request& request);
Task<web::Response> send_answer_file(Site& site, web::Request& request);

}  // namespace plenary::admin
