#include "play_shop.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

namespace plenary::onsale {
namespace {

std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const auto from = text.find(before);
  if (from == text.npos) return {};
  const auto rest = text.substr(from + before.size());
  return rest.substr(0, rest.find(after));
}

std::string_view field(std::string_view body, std::string_view name) {
  while (!body.empty()) {
    const auto pair = body.substr(0, body.find('&'));
    body.remove_prefix(pair.size() < body.size() ? pair.size() + 1 : pair.size());
    if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  }
  return {};
}

}  // namespace

// What is sold, and the pages about it. The secret of an order is its number: this shop guards nothing.
class PlayShop::Desk {
 public:
  explicit Desk(const PlayShopOptions& options) : options_(options) {}

  void expire_holds() {
    held_ = 0;
    ++epoch_;
  }

  std::string answer(std::string_view request) {
    const bool post = request.starts_with("POST ");
    const auto path = between(request, " ", " ");
    const auto body = request.substr(request.find("\r\n\r\n") + 4);
    auto session = std::string(between(request, "session=", "\r"));
    session = session.substr(0, session.find(';'));
    if (path == "/healthz" || path == "/readyz") return page("ok");
    if (!path.starts_with("/onsale/register/")) return page("not here", 404);
    const auto place = path.substr(17);
    if (post && between(request, "csrf=", ";").substr(0, 5) != "token") return page("no csrf cookie", 403);
    if (place.empty()) return ticket_page();
    if (place == "cart/") return post ? add(body) : page("your cart");
    if (place == "checkout/") return post ? order(body, session) : checkout_page();
    if (place == "checkout/review/") return review_page(body);
    return order_page(place, path, post, body);
  }

 private:
  static std::string page(std::string_view html, int status = 200, std::string_view extra = {}) {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Type: text/html\r\nContent-Length: {}\r\n{}\r\n{}", status,
                       html.size(), extra, html);
  }
  static std::string redirect(std::string_view to, std::string_view outcome, std::string_view extra = {}) {
    return page("", 303, fmt::format("Location: {}\r\nPlenary-Outcome: {}\r\n{}", to, outcome, extra));
  }
  std::string form(std::string_view action, std::string_view inner) {
    return fmt::format(
        "<form method=\"post\" class='a>b' action=\"{}\"><input type=\"hidden\" name=\"csrf_token\" "
        "value=\"x&amp;y\">"
        "<input type=hidden name=submission value=s{}>{}<button name=go value=1>Go</button></form>",
        action, ++tokens_, inner);
  }
  bool room() const { return sold_ + held_ < options_.stock + (options_.oversells ? 1 : 0); }

  std::string ticket_page() {
    if (!room())
      return page("<p>Individual <span>Sold out</span></p>", 200,
                  "Set-Cookie: csrf=token; Path=/; HttpOnly\r\n");
    return page("<p>Tickets</p>" +
                    form("/onsale/register/cart/",
                         "<input type=hidden name=action value=add_ticket>"
                         "<input type=hidden name=ticket_type value=corporate>") +
                    form("/onsale/register/cart/",
                         "<input type=hidden name=action value=add_ticket>"
                         "<input type=hidden name=ticket_type value=individual>"
                         "<input type=number name=quantity value=1>"),
                200, "Set-Cookie: csrf=token; Path=/; HttpOnly\r\n");
  }

  // The first result of this form, or the result of doing it now.
  template <class F>
  std::string once(std::string_view body, F&& act) {
    const std::string token(field(body, "submission"));
    if (field(body, "csrf_token") != "x%26y" || token.empty())
      return page("bad form", 403, "Plenary-Outcome: forbidden\r\n");
    if (!options_.forgets_tokens) {
      if (const auto found = results_.find(token); found != results_.end()) return found->second;
    }
    return results_[token] = act();
  }

  std::string add(std::string_view body) {
    return once(body, [&] {
      if (!room()) return redirect("/onsale/register/", "sold_out");
      ++held_;
      const auto session = fmt::format("{}", ++carts_);
      epoch_of_[session] = epoch_;
      return redirect("/onsale/register/cart/", "added",
                      fmt::format("Set-Cookie: session={}; Path=/\r\n", session));
    });
  }

  std::string checkout_page() {
    return page(form("/onsale/register/checkout/review/",
                     "<input name=\"billing_name\" value=\"\">"
                     "<input name=\"billing_email\"><input name=billing_company>"));
  }

  std::string review_page(std::string_view body) {
    if (field(body, "billing_email").find("%40example.org") == std::string_view::npos)
      return page("bad e-mail");
    return page(
        form("/onsale/register/checkout/", fmt::format("<input type=hidden name=billing_email value='{}'>"
                                                       "<input type=hidden name=shown_total value=100.00>",
                                                       field(body, "billing_email"))));
  }

  std::string order(std::string_view body, const std::string& session) {
    return once(body, [&] {
      if (epoch_of_[session] != epoch_) return redirect("/onsale/register/cart/", "lapsed");
      const auto number = ++orders_;
      return redirect(
          fmt::format("http://127.0.0.1/onsale/register/orders/ORD-{}/secret{}/pay/", number, number),
          "ordered");
    });
  }

  std::string order_page(std::string_view place, std::string_view path, bool post, std::string_view body) {
    if (place.ends_with("/confirmation/"))
      return page(fmt::format("Paid: {}", between(place, "orders/", "/")));
    if (!place.ends_with("/pay/")) return page("not here", 404);
    if (!post)
      return page(form(path, "<input name=card_number><input name=card_expiry><input name=card_cvc>"));
    return once(body, [&] {
      if (field(body, "card_number") != "4242424242424242")
        return page("declined", 422, "Plenary-Outcome: declined\r\n");
      --held_;
      ++sold_;
      return redirect(fmt::format("{}confirmation/", path.substr(0, path.size() - 4)), "paid");
    });
  }

  const PlayShopOptions options_;
  std::int64_t sold_ = 0, held_ = 0, tokens_ = 0, carts_ = 0, orders_ = 0, epoch_ = 0;
  std::unordered_map<std::string, std::string> results_;
  std::unordered_map<std::string, std::int64_t> epoch_of_;
};

PlayShop::PlayShop(const PlayShopOptions& options) : desk_(std::make_unique<Desk>(options)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(options.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 1024) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "listening on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, options, one] {
    std::vector<pollfd> sockets{{listener_, POLLIN, 0}};
    std::unordered_map<int, std::string> received;
    std::int64_t answers = 0;
    std::vector<char> buffer(64 * 1024);
    while (!stopping_) {
      poll(sockets.data(), sockets.size(), 20);
      if (expire_.exchange(false)) desk_->expire_holds();
      for (std::size_t i = 1; i < sockets.size();) {
        const int fd = sockets[i].fd;
        bool gone = false;
        if (sockets[i].revents != 0) {
          const auto n = recv(fd, buffer.data(), buffer.size(), 0);
          gone = n <= 0;
          auto& request = received[fd];
          if (n > 0) request.append(buffer.data(), static_cast<std::size_t>(n));
          const auto head_end = request.find("\r\n\r\n");
          const auto length = between(request, "Content-Length: ", "\r");
          const auto body = length.empty() ? 0 : std::stoul(std::string(length));
          if (head_end != std::string::npos && request.size() >= head_end + 4 + body) {
            const auto answer = desk_->answer(request);
            request.clear();
            const bool fortieth = ++answers == 40;
            const bool cut = (options.breaks_off || options.swallows) && fortieth;
            const auto first = cut && options.swallows         ? 0
                               : options.splits_answers || cut ? answer.size() / 2
                                                               : answer.size();
            gone = ::send(fd, answer.data(), first, MSG_NOSIGNAL) < 0 || cut;
            if (!gone && first < answer.size()) {
              usleep(200);
              gone = ::send(fd, answer.data() + first, answer.size() - first, MSG_NOSIGNAL) < 0;
            }
          }
        }
        if (gone) {
          close(fd);
          received.erase(fd);
          sockets[i] = sockets.back();
          sockets.pop_back();
        } else {
          ++i;
        }
      }
      if (sockets[0].revents != 0) {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (fd >= 0) sockets.push_back({fd, POLLIN, 0});
      }
    }
    for (std::size_t i = 1; i < sockets.size(); ++i) close(sockets[i].fd);
  });
}

PlayShop::~PlayShop() {
  stopping_ = true;
  thread_.join();
  close(listener_);
}

std::string PlayShop::url() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

}  // namespace plenary::onsale
