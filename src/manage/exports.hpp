// A file of what a list shows, made on the slow pool and written into the record of changes before anybody
// has it. `make` runs on a thread of the pool. Of an I/O thread; what is passed outlives the wait.
#pragma once

#include <functional>
#include <string>

#include "base/task.hpp"
#include "site/page_table.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

struct Export {
  std::string entity;  // as the record of changes knows it
  std::string title;   // there, such as "Export of orders"
  std::string filter;  // what it was asked for
  std::string prefix;  // of the file's name
  // Another kind of file than a table.
  std::string type = "text/csv; charset=utf-8", extension = "csv";
};
// What `make` throws comes out of it, and nothing is written then.
Task<web::Response> recorded_csv(site::Site& site, web::Request& request, const Export& what,
                                 const std::function<std::string()>& make);

}  // namespace plenary::manage
