#include "web/errors.hpp"
#include "web/head_parser.hpp"
#include "web/request.hpp"
#include "web/request_access.hpp"
#include "web/services.hpp"

namespace plenary::web {

OwnedRequest::OwnedRequest(std::string wire, const Services* services, std::string client_address)
    : wire_(std::make_unique<std::string>(std::move(wire))), request_(std::make_unique<Request>()) {
  HeadScanner scanner;
  auto state = scanner.scan(*wire_, {});
  if (state == HeadScanner::State::failed) {
    throw HttpError(scanner.failure().status, std::string(scanner.failure().reason));
  }
  if (state == HeadScanner::State::more) throw HttpError(400, "the head does not end");
  ParsedHead head;
  std::string_view text = *wire_;
  if (auto failure =
          parse_head(text.substr(scanner.begin(), scanner.head_size() - scanner.begin()), {}, head)) {
    throw HttpError(failure->status, std::string(failure->reason));
  }
  if (auto failure = Request::Access::fill(*request_, head)) {
    throw HttpError(failure->status, std::string(failure->reason));
  }
  Request::Access::body(*request_, text.substr(scanner.head_size()));
  Request::Access::client(*request_, client_address, services && services->secure ? "https" : "http");
  Request::Access::services(*request_, services);
  Request::Access::id(*request_, "test-1");
  if (services && services->router) {
    Match match = services->router->match(request_->method(), request_->path());
    if (match.kind == Match::Kind::found) Request::Access::match(*request_, match);
  }
}

}  // namespace plenary::web
