#include "support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace plenary::test {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

std::string unescape_html(std::string text) {
  for (auto [from, to] : {std::pair{"&quot;", "\""}, std::pair{"&#x27;", "'"}, std::pair{"&lt;", "<"},
                          std::pair{"&gt;", ">"}, std::pair{"&amp;", "&"}}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
      text.replace(at, std::strlen(from), to);
    }
  }
  return text;
}

}  // namespace

RawConnection::RawConnection(std::uint16_t port, std::chrono::milliseconds patience)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  timeval limit{};
  limit.tv_sec = patience.count() / 1000;
  limit.tv_usec = patience.count() % 1000 * 1000;
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    int error = errno;
    ::close(fd_);
    throw std::runtime_error("cannot connect to port " + std::to_string(port) + ": " + std::strerror(error));
  }
}

RawConnection::~RawConnection() {
  if (fd_ >= 0) ::close(fd_);
}

RawConnection::RawConnection(RawConnection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

void RawConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) return;  // refused early; the answer says why
    if (n <= 0)
      throw std::runtime_error(std::string("the server took no more bytes: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string RawConnection::receive_some() {
  char buffer[16384];
  while (true) {
    ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n >= 0) return std::string(buffer, static_cast<std::size_t>(n));
    if (errno == EINTR) continue;
    if (errno == ECONNRESET) return {};
    throw std::runtime_error(std::string("no answer: ") + std::strerror(errno));
  }
}

std::string RawConnection::receive_all() {
  std::string all;
  while (true) {
    std::string some = receive_some();
    if (some.empty()) return all;
    all += some;
  }
}

void RawConnection::shut_down_sending() {
  ::shutdown(fd_, SHUT_WR);
}

std::string HttpResponse::header(std::string_view name) const {
  std::vector<std::string> values = all(name);
  return values.empty() ? std::string() : values.front();
}

std::vector<std::string> HttpResponse::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [known, value] : headers) {
    if (lower(known) == lower(name)) values.push_back(value);
  }
  return values;
}

HttpResponse read_response(RawConnection& connection, std::string& rest, bool head_request) {
  auto more = [&](std::string_view waiting_for) {
    std::string some = connection.receive_some();
    if (some.empty()) {
      throw std::runtime_error("the server closed the connection before " + std::string(waiting_for) +
                               "; got: \"" + rest.substr(0, 200) + "\"");
    }
    rest += some;
  };
  HttpResponse response;
  while (true) {
    std::size_t end = 0;
    while ((end = rest.find("\r\n\r\n")) == std::string::npos) more("the end of the response head");
    std::string head = rest.substr(0, end);
    rest.erase(0, end + 4);
    if (!head.starts_with("HTTP/1.1 ") || head.size() < 12)
      throw std::runtime_error("no status line: " + head);
    response.status = std::stoi(head.substr(9, 3));
    if (response.status == 100) continue;
    std::size_t at = head.find("\r\n");
    while (at != std::string::npos) {
      std::size_t next = head.find("\r\n", at + 2);
      std::string line = head.substr(at + 2, next == std::string::npos ? std::string::npos : next - at - 2);
      std::size_t colon = line.find(':');
      if (colon == std::string::npos) throw std::runtime_error("no header: " + line);
      response.headers.emplace_back(line.substr(0, colon), trim(std::string_view(line).substr(colon + 1)));
      at = next;
    }
    break;
  }
  if (head_request || response.status == 204 || response.status == 304) return response;
  if (response.header("Transfer-Encoding") == "chunked") {
    while (true) {
      std::size_t end = 0;
      while ((end = rest.find("\r\n")) == std::string::npos) more("a chunk's size");
      std::size_t size = std::stoul(rest.substr(0, end), nullptr, 16);
      while (rest.size() < end + 2 + size + 2) more("a chunk");
      response.body += rest.substr(end + 2, size);
      rest.erase(0, end + 2 + size + 2);
      if (size == 0) return response;
    }
  }
  std::string length = response.header("Content-Length");
  if (length.empty()) {
    response.body = rest + connection.receive_all();
    rest.clear();
    return response;
  }
  std::size_t size = std::stoul(length);
  while (rest.size() < size) more("the end of the body");
  response.body = rest.substr(0, size);
  rest.erase(0, size);
  return response;
}

std::string form_encode(const std::vector<std::pair<std::string, std::string>>& fields) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  auto encode = [&](std::string_view text) {
    for (char c : text) {
      if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.') {
        out += c;
      } else {
        auto byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte >> 4], digits[byte & 15]};
      }
    }
  };
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    encode(name);
    out += '=';
    encode(value);
  }
  return out;
}

std::string input_value(std::string_view html, std::string_view name) {
  std::string wanted = "name=\"" + std::string(name) + "\"";
  std::size_t at = html.find(wanted);
  if (at == std::string_view::npos) return {};
  std::size_t begin = html.rfind('<', at);
  std::size_t end = html.find('>', at);
  std::string_view tag = html.substr(begin, end - begin);
  std::size_t value = tag.find("value=\"");
  if (value == std::string_view::npos) return {};
  value += 7;
  return unescape_html(std::string(tag.substr(value, tag.find('"', value) - value)));
}

HttpClient::HttpClient(std::uint16_t port, std::string host) : port_(port), host_(std::move(host)) {}

HttpResponse HttpClient::get(std::string_view path, const Fields& headers) {
  return request("GET", path, {}, headers);
}

HttpResponse HttpClient::post(std::string_view path, Fields fields, const Fields& headers) {
  bool has_token = std::any_of(fields.begin(), fields.end(),
                               [](const auto& field) { return field.first == "csrfmiddlewaretoken"; });
  if (!has_token && !csrf_token_.empty()) fields.emplace_back("csrfmiddlewaretoken", csrf_token_);
  Fields all = headers;
  all.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return request("POST", path, form_encode(fields), all);
}

HttpResponse HttpClient::request(std::string_view method, std::string_view path, std::string_view body,
                                 const Fields& headers) {
  std::string text = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: " + host_ + "\r\n";
  if (!cookies_.empty()) {
    text += "Cookie: ";
    bool first = true;
    for (const auto& [name, value] : cookies_) {
      if (!first) text += "; ";
      first = false;
      text += name + "=" + value;
    }
    text += "\r\n";
  }
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n";
  text += body;

  if (connection_.empty()) {
    connection_.emplace_back(port_);
    ++connections_opened_;
    rest_.clear();
  }
  HttpResponse response;
  try {
    connection_.front().send(text);
    response = read_response(connection_.front(), rest_, method == "HEAD");
  } catch (...) {
    connection_.clear();
    throw;
  }
  if (lower(response.header("Connection")) == "close") connection_.clear();

  for (const std::string& cookie : response.all("Set-Cookie")) {
    std::string pair = cookie.substr(0, cookie.find(';'));
    std::size_t equals = pair.find('=');
    std::string name = pair.substr(0, equals);
    if (lower(cookie).find("max-age=0") != std::string::npos) {
      cookies_.erase(name);
    } else {
      cookies_[name] = pair.substr(equals + 1);
    }
  }
  if (std::string token = input_value(response.body, "csrfmiddlewaretoken"); !token.empty())
    csrf_token_ = token;
  return response;
}

HttpResponse HttpClient::follow(HttpResponse response) {
  for (int hops = 0; hops < 10 && response.status >= 301 && response.status <= 308; ++hops) {
    std::string location = response.header("Location");
    if (!location.starts_with('/')) break;
    response = get(location);
  }
  return response;
}

}  // namespace plenary::test
