#include "net/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "base/text.hpp"

namespace plenary::net {
namespace {

using Kind = HttpFailure::Kind;

constexpr std::size_t most_header_bytes = 64 * 1024;

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("libcurl could not be started");
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host == "::1";
}

// The parts of an address, as libcurl itself understands it.
struct Address {
  std::string scheme, host, port, path;
  bool operator==(const Address& o) const { return scheme == o.scheme && host == o.host && port == o.port; }
  std::string shown() const { return fmt::format("{}://{}{}", scheme, host, path); }  // without the query
};

class Url {
 public:
  explicit Url(const std::string& text) : url_(curl_url()) {
    valid_ = url_ && curl_url_set(url_, CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
  }
  ~Url() { curl_url_cleanup(url_); }
  Url(const Url&) = delete;
  Url& operator=(const Url&) = delete;

  bool valid() const { return valid_; }
  bool has_user() const { return !part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty(); }
  Address address() const {
    return {ascii_lower(part(CURLUPART_SCHEME)), ascii_lower(part(CURLUPART_HOST)),
            part(CURLUPART_PORT, CURLU_DEFAULT_PORT), part(CURLUPART_PATH)};
  }
  // A location relative to this address becomes a whole one; empty: it makes no sense.
  std::string joined(const std::string& location) {
    if (curl_url_set(url_, CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) return {};
    return part(CURLUPART_URL);
  }

 private:
  std::string part(CURLUPart which, unsigned flags = 0) const {
    char* text = nullptr;
    if (curl_url_get(url_, which, &text, flags) != CURLUE_OK) return {};
    std::string copy = text;
    curl_free(text);
    return copy;
  }
  CURLU* url_;
  bool valid_ = false;
};

[[noreturn]] void refuse(const std::string& text) {
  throw HttpFailure(Kind::refused, false, text);
}

Address checked_address(const std::string& url) {
  const Url parsed(url);
  if (!parsed.valid() || has_control_characters(url)) refuse("This is no address that can be asked.");
  if (parsed.has_user()) refuse("An address with a user name or password in it is not asked.");
  const Address address = parsed.address();
  if (address.scheme != "https" && !(address.scheme == "http" && is_loopback(address.host)))
    refuse(fmt::format("{} is not asked: it must begin with https:// (http:// to this machine alone).",
                       address.shown()));
  return address;
}

void check_header(std::string_view name, std::string_view value) {
  const bool plain_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  const bool plain_value = std::none_of(
      value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (!plain_name || !plain_value) refuse("A header with control characters or without a name is not sent.");
}

// What one attempt collects.
struct Receipt {
  HttpAnswer answer;
  std::size_t limit = 0, header_bytes = 0;
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* context) {
  auto& receipt = *static_cast<Receipt*>(context);
  const std::size_t bytes = size * count;
  if (receipt.answer.body.size() + bytes > receipt.limit) {
    receipt.too_large = true;
    return 0;
  }
  try {
    receipt.answer.body.append(data, bytes);
  } catch (...) {
    return 0;  // nothing may be thrown through libcurl
  }
  return bytes;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* context) {
  auto& receipt = *static_cast<Receipt*>(context);
  const std::size_t bytes = size * count;
  receipt.header_bytes += bytes;
  if (receipt.header_bytes > most_header_bytes) {
    receipt.too_large = true;
    return 0;
  }
  try {
    const std::string_view line(data, bytes);
    if (line.starts_with("HTTP/")) {
      receipt.answer.headers.clear();  // of an answer before the answer (100 Continue)
      return bytes;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      receipt.answer.headers.emplace_back(ascii_lower(trimmed(line.substr(0, colon))),
                                          std::string(trimmed(line.substr(colon + 1))));
  } catch (...) {
    return 0;
  }
  return bytes;
}

Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return Kind::resolve;
    case CURLE_COULDNT_CONNECT:
      return Kind::connect;
    case CURLE_OPERATION_TIMEDOUT:
      return Kind::timeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
      return Kind::tls;
    default:
      return Kind::cut;
  }
}

std::string failure_text(Kind kind, const HttpRequest& request, const Address& address) {
  const std::string what = request.method + " " + address.shown();
  switch (kind) {
    case Kind::resolve:
      return fmt::format("{}: the name {} is not known here. Look at the address and at this machine's DNS.",
                         what, address.host);
    case Kind::connect:
      return fmt::format("{}: nobody answers at {} port {}. Look at the address and at the firewall.", what,
                         address.host, address.port);
    case Kind::tls:
      return fmt::format(
          "{}: no encrypted connection that can be trusted. The certificate of {} is not believed, or it "
          "speaks "
          "no TLS 1.2.",
          what, address.host);
    case Kind::timeout:
      return fmt::format("{}: no answer in time.", what);
    case Kind::too_large:
      return fmt::format("{}: the answer is larger than is accepted.", what);
    default:
      return fmt::format("{}: the connection broke off before the answer was whole.", what);
  }
}

bool is_idempotent(const HttpRequest& request) {
  static constexpr std::array<std::string_view, 5> methods{"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
  return !request.idempotency_key.empty() ||
         std::find(methods.begin(), methods.end(), request.method) != methods.end();
}

bool is_passing(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Seconds, or a date. Nothing: not given, or no sense in it.
std::optional<Duration> retry_after(const HttpAnswer& answer) {
  const std::string text = answer.header("retry-after");
  if (text.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size())
    return Duration::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
  const std::time_t at = curl_getdate(text.c_str(), nullptr);
  if (at < 0) return std::nullopt;
  const std::int64_t now = Instant::system_now().micros / 1'000'000;
  return Duration::seconds(std::clamp<std::int64_t>(at - now, 0, 86'400));
}

class Headers {
 public:
  ~Headers() { curl_slist_free_all(list_); }
  Headers() = default;
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
  void add(std::string_view name, std::string_view value) {
    check_header(name, value);
    append(fmt::format("{}: {}", name, value));
  }
  void leave_out(const char* name) { append(std::string(name) + ":"); }
  curl_slist* get() const { return list_; }

 private:
  void append(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    if (!longer) throw std::bad_alloc();
    list_ = longer;
  }
  curl_slist* list_ = nullptr;
};

}  // namespace

std::string HttpAnswer::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_name) return value;
  }
  return {};
}

struct HttpClient::State {
  HttpOptions options;
  CURL* curl = nullptr;

  ~State() { curl_easy_cleanup(curl); }

  HttpAnswer attempt(const HttpRequest& request, const std::string& url, const Address& address) {
    Receipt receipt;
    receipt.limit = options.max_answer_bytes;
    Headers headers;
    for (const auto& [name, value] : request.headers) headers.add(name, value);
    if (request.authorization) {
      const auto& [scheme, secret] = *request.authorization;
      headers.add("Authorization", scheme + " " + secret.reveal());
    }
    if (!request.idempotency_key.empty()) headers.add("Idempotency-Key", request.idempotency_key);
    headers.leave_out("Expect");
    const bool has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";

    curl_easy_reset(curl);  // its connections stay
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(options.connect_timeout));
    const Duration limit{std::min(options.timeout.micros, request.timeout.value_or(options.timeout).micros)};
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(limit));
    curl_easy_setopt(curl, CURLOPT_USERAGENT, options.user_agent.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    if (has_body) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    // On a kept connection that turns out to be dead libcurl itself sends once more, whatever the method.
    if (!is_idempotent(request)) curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receipt);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receipt);
    const CURLcode code = curl_easy_perform(curl);
    curl_off_t connected = 0;
    curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &connected);
    if (code != CURLE_OK) {
      const Kind kind = receipt.too_large ? Kind::too_large : kind_of(code);
      const bool arrived =
          connected > 0 && kind != Kind::resolve && kind != Kind::connect && kind != Kind::tls;
      throw HttpFailure(kind, arrived, failure_text(kind, request, address));
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    receipt.answer.status = static_cast<int>(status);
    return std::move(receipt.answer);
  }

  // Half of it for certain, the other half by chance, so that many do not come back together.
  Duration wait_before(int attempt) const {
    std::int64_t micros = options.first_wait.micros;
    for (int i = 1; i < attempt && micros < options.longest_wait.micros; ++i) micros *= 2;
    micros = std::min(micros, options.longest_wait.micros);
    Random& random = options.random ? *options.random : Random::system();
    return Duration{micros / 2 +
                    static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(micros / 2 + 1)))};
  }
  void wait(Duration time) const {
    if (options.wait) return options.wait(time);
    std::this_thread::sleep_for(std::chrono::microseconds(time.micros));
  }
  static long milliseconds(Duration time) { return static_cast<long>(time.micros / 1000); }
};

HttpClient::HttpClient(HttpOptions options) : state_(std::make_unique<State>()) {
  start_curl();
  state_->options = std::move(options);
  state_->curl = curl_easy_init();
  if (!state_->curl) throw std::runtime_error("libcurl could not be started");
}
HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::send(const HttpRequest& request) {
  const HttpOptions& options = state_->options;
  const bool may_repeat = is_idempotent(request);
  std::string url = request.url;
  Address address = checked_address(url);
  int redirects = 0;
  for (int attempt = 1;; ++attempt) {
    const bool last = attempt >= options.attempts;
    Duration pause = state_->wait_before(attempt);
    try {
      HttpAnswer answer = state_->attempt(request, url, address);
      answer.attempts = attempt;
      if (is_redirect(answer.status) && redirects < options.redirects &&
          (request.method == "GET" || request.method == "HEAD")) {
        const std::string target = Url(url).joined(answer.header("location"));
        // A secret must not travel to somebody else's server.
        if (target.empty() || !(checked_address(target) == address))
          refuse(fmt::format("{} leads to another server, which is not followed.", address.shown()));
        url = target;
        address = checked_address(url);
        ++redirects;
        --attempt;
        continue;
      }
      if (!is_passing(answer.status) || !may_repeat || last) return answer;
      if (const auto wished = retry_after(answer)) {
        if (*wished > options.longest_wait) return answer;
        pause = std::max(pause, *wished);
      }
    } catch (const HttpFailure& failure) {
      const bool will_not_change =
          failure.kind() == Kind::refused || failure.kind() == Kind::too_large || failure.kind() == Kind::tls;
      if (last || will_not_change || (failure.may_have_arrived() && !may_repeat)) throw;
    }
    state_->wait(pause);
  }
}

std::string form_encoded(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  const auto add = [&](std::string_view text) {
    for (const char c : text) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                         c == '-' || c == '_' || c == '.' || c == '~';
      if (plain) {
        out += c;
      } else {
        out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
      }
    }
  };
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    add(name);
    out += '=';
    add(value);
  }
  return out;
}

}  // namespace plenary::net
