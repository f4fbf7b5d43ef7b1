#include "web/error_pages.hpp"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/text.hpp"

namespace plenary::web {

int ErrorPages::status_of(const Refused& refused) const {
  // Clashes with what others did meanwhile, not with what was typed.
  for (std::string_view code : {"sold_out", "conflict", "changed_meanwhile", "expired", "already_done"}) {
    if (refused.code() == code) return 409;
  }
  return 422;
}

std::string_view error_title(int status) {
  switch (status) {
    case 400:
      return message("The request could not be understood");
    case 401:
      return message("Please sign in");
    case 403:
      return message("This page is not open to you");
    case 404:
      return message("Page not found");
    case 405:
      return message("This address does not take that");
    case 408:
      return message("The request took too long");
    case 409:
      return message("Something changed meanwhile");
    case 413:
      return message("That is too large");
    case 414:
      return message("The address is too long");
    case 415:
      return message("That kind of file is not read here");
    case 417:
      return message("The request could not be understood");
    case 422:
      return message("Something needs to be corrected");
    case 429:
      return message("Too many requests");
    case 431:
      return message("The request headers are too large");
    case 500:
      return message("Something went wrong on our side");
    case 501:
      return message("This address does not take that");
    case 503:
      return message("Very busy right now");
    case 505:
      return message("This version of HTTP is not spoken here");
    default:
      return status < 500 ? message("The request was refused") : message("Something went wrong on our side");
  }
}

std::string_view error_advice(int status) {
  switch (status) {
    case 400:
      return "Check the address, or go back, load the page again and retry.";
    case 401:
      return "Sign in and open the page again.";
    case 403:
      return "Go back, load the page again and retry. If it stays, ask the organisers for access.";
    case 404:
      return "Check the address for typing mistakes, or begin at the home page.";
    case 405:
      return "Go back and use the link or button on the page.";
    case 408:
      return "Check your connection and try again.";
    case 409:
      return "Load the page again to see the present state.";
    case 413:
      return "Choose a smaller file or send less at once.";
    case 414:
      return "Shorten the address, or begin at the home page.";
    case 422:
      return "Go back, correct what is named above and send it again.";
    case 429:
      return "Wait a minute, then try again.";
    case 431:
      return "Delete this site's cookies in your browser and try again.";
    case 503:
      return "Nothing was lost. Wait a few seconds, then load the page again.";
    default:
      return status < 500 ? "Go back and try again."
                          : "Try again in a moment. If it stays, tell the organisers the number below.";
  }
}

Response builtin_error_page(const ErrorInfo& error, bool json) {
  std::string title = error.title.empty() ? std::string(error_title(error.status)) : error.title;
  std::string message = error.message;
  if (json) {
    nlohmann::json body = {{"error", error.code.empty() ? fmt::format("http_{}", error.status) : error.code},
                           {"message", message.empty() ? title : message}};
    if (!error.request_id.empty()) body["request_id"] = error.request_id;
    if (error.refused && !error.refused->field().empty()) body["field"] = error.refused->field();
    Response response =
        Response::json(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), error.status);
    response.no_store();
    return response;
  }
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{0}</title>\n</head>\n<body>\n"
      "<main>\n<h1>{0}</h1>\n",
      html_escape(title));
  if (!message.empty()) page += fmt::format("<p>{}</p>\n", html_escape(message));
  page +=
      fmt::format("<p>{}</p>\n<p><a href=\"/\">Home page</a></p>\n", html_escape(error_advice(error.status)));
  if (!error.request_id.empty())
    page += fmt::format("<p><small>Request {}</small></p>\n", html_escape(error.request_id));
  page += "</main>\n</body>\n</html>\n";
  Response response = Response::html(std::move(page), error.status);
  response.no_store();
  return response;
}

}  // namespace plenary::web
