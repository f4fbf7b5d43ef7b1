#include "net/smtp.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.hpp"

namespace plenary::net {
namespace {

constexpr std::size_t longest_detail = 300;

// What libcurl tells while it works, reduced to where it stands and what the server answered last.
struct Progress {
  SmtpStage stage = SmtpStage::connect;
  int code = 0;
  std::string answer;   // last line of the server
  bool closed = false;  // our QUIT: its answer says nothing about the mail
  std::string_view rest;
  const SmtpClient::OnStage* on_stage = nullptr;

  void enter(SmtpStage next, std::string_view text) {
    if (stage == next) return;
    stage = next;
    tell(text);
  }
  void tell(std::string_view text) const {
    if (on_stage && *on_stage) (*on_stage)(stage, text);
  }

  void command(std::string_view line) {
    const std::string verb = ascii_upper(line.substr(0, 9));
    if (verb.starts_with("QUIT")) closed = true;
    if (verb.starts_with("EHLO") || verb.starts_with("HELO")) {
      if (stage == SmtpStage::connect) enter(SmtpStage::greeting, "");
    } else if (verb.starts_with("STARTTLS")) {
      enter(SmtpStage::tls, "");
    } else if (verb.starts_with("AUTH")) {
      enter(SmtpStage::sign_in, "");
    } else if (verb.starts_with("MAIL FROM")) {
      enter(SmtpStage::sender, "");
    } else if (verb.starts_with("RCPT TO")) {
      enter(SmtpStage::recipient, "");
    } else if (verb.starts_with("DATA")) {
      enter(SmtpStage::content, "");
    }
  }

  void reply(std::string_view lines) {
    if (closed) return;
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find('\n'), lines.size());
      const std::string_view line = trimmed(lines.substr(0, end));
      lines.remove_prefix(std::min(end + 1, lines.size()));
      if (line.size() < 3 ||
          !std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; })) {
        continue;
      }
      code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
      answer = line;
      if (stage == SmtpStage::connect && code == 220) enter(SmtpStage::greeting, without_addresses(line));
    }
  }
};

int on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* context) {
  auto& progress = *static_cast<Progress*>(context);
  try {
    if (type == CURLINFO_HEADER_OUT) progress.command({data, size});
    if (type == CURLINFO_HEADER_IN) progress.reply({data, size});
  } catch (...) {
    // Nothing may be thrown through libcurl; what is lost is a line for whoever watches.
  }
  return 0;
}

std::size_t on_read(char* to, std::size_t size, std::size_t count, void* context) {
  auto& progress = *static_cast<Progress*>(context);
  const std::size_t bytes = std::min(size * count, progress.rest.size());
  std::memcpy(to, progress.rest.data(), bytes);
  progress.rest.remove_prefix(bytes);
  return bytes;
}

std::size_t ignore_body(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("libcurl could not be started");
}

bool is_certificate_error(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_SSL_ISSUER_ERROR;
}
bool is_tls_error(CURLcode code) {
  return is_certificate_error(code) || code == CURLE_SSL_CONNECT_ERROR || code == CURLE_USE_SSL_FAILED ||
         code == CURLE_SSL_CIPHER;
}

// A refusal at RCPT or after the content that is about us, not about the recipient.
bool is_about_us(int code, std::string_view answer) {
  const std::string lower = ascii_lower(answer);
  return code == 530 || code == 534 || code == 535 || code == 538 ||
         lower.find("relay") != std::string::npos ||
         lower.find("authentication required") != std::string::npos;
}

bool is_refusal(const Progress& progress) {
  if (progress.stage == SmtpStage::recipient) {
    return progress.code == 501 || (progress.code >= 510 && progress.code < 600);
  }
  return progress.stage == SmtpStage::content && progress.code >= 550 && progress.code < 600;
}

std::string advice_for(CURLcode error, const SmtpResult& result) {
  switch (error) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "The name in [mail] smtp_url is not known here: correct it, or look at this machine's DNS.";
    case CURLE_COULDNT_CONNECT:
      return "Nobody answers at that host and port: look at [mail] smtp_url, at the firewall, and whether "
             "the mail "
             "server runs. Many networks block port 25: use 587 or 465.";
    case CURLE_USE_SSL_FAILED:
      return "The server offers no STARTTLS: use its smtps:// port, or another server; [mail] require_tls = "
             "false "
             "would send everything readable for others.";
    case CURLE_SSL_CONNECT_ERROR:
      return "The encrypted connection could not be made: smtps:// usually belongs to port 465, smtp:// to "
             "587.";
    case CURLE_OPERATION_TIMEDOUT:
      return "The server did not answer in time ([mail] timeout_seconds): look whether it is busy or "
             "blocked, and "
             "whether smtp:// and smtps:// were mixed up.";
    case CURLE_LOGIN_DENIED:
      return "The server does not accept [mail] username and password: correct them; some providers want a "
             "password "
             "made for programs.";
    default:
      break;
  }
  if (is_certificate_error(error)) {
    return "The server's certificate is not believed: use the host name that is in it, renew it, or install "
           "its "
           "authority on this machine.";
  }
  switch (result.stage) {
    case SmtpStage::sign_in:
      return "Look at [mail] username and password.";
    case SmtpStage::sender:
      return "The server does not let us send as this sender: set [mail] from to an address of this account.";
    case SmtpStage::recipient:
      return result.is_our_fault
                 ? "The server does not pass on mail for us: set [mail] username and password, or let this "
                   "machine in."
                 : "The recipient's address was not accepted: look whether it is typed correctly.";
    case SmtpStage::content:
      return "The server took the addresses and not the message: what it says is above.";
    default:
      return "It is tried again later by itself.";
  }
}

}  // namespace

std::string without_addresses(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && text[end] != ' ' && text[end] != '\r' && text[end] != '\n' &&
           text[end] != '\t')
      ++end;
    const std::string_view word = text.substr(i, end - i);
    if (word.find('@') != std::string_view::npos) {
      out += "<address>";
    } else {
      for (const char c : word) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    if (end < text.size() && !out.empty() && out.back() != ' ') out += ' ';
    i = end + 1;
  }
  out.resize(std::min(out.size(), longest_detail));
  // Not within a character.
  while (!out.empty() && !is_valid_utf8(out) && static_cast<unsigned char>(out.back()) >= 0x80)
    out.pop_back();
  if (!is_valid_utf8(out)) {
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  return std::string(trimmed(out));
}

std::string_view to_text(SmtpStage stage) {
  switch (stage) {
    case SmtpStage::connect:
      return "connecting";
    case SmtpStage::tls:
      return "encryption";
    case SmtpStage::greeting:
      return "greeting";
    case SmtpStage::sign_in:
      return "signing in";
    case SmtpStage::sender:
      return "sender";
    case SmtpStage::recipient:
      return "recipient";
    case SmtpStage::content:
      return "message";
    case SmtpStage::done:
      return "accepted";
  }
  return {};
}

struct SmtpClient::State {
  SmtpOptions options;
  CURL* curl = nullptr;
  std::string url;
  ~State() { curl_easy_cleanup(curl); }
};

SmtpClient::SmtpClient(SmtpOptions options) : state_(std::make_unique<State>()) {
  start_curl();
  state_->options = std::move(options);
  state_->url = state_->options.url;
  std::string greeting;
  for (const char c : state_->options.greeting) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-') greeting += c;
  }
  if (!greeting.empty()) state_->url += "/" + greeting;
  state_->curl = curl_easy_init();
  if (!state_->curl) throw std::runtime_error("libcurl could not be started");
}
SmtpClient::~SmtpClient() = default;

SmtpResult SmtpClient::send(const std::string& sender, const std::string& recipient, std::string_view message,
                            const OnStage& on_stage) {
  SmtpResult result;
  if (!is_email(sender) || !is_email(recipient)) {
    result.kind = is_email(recipient) ? SmtpResult::Kind::later : SmtpResult::Kind::refused;
    result.stage = is_email(recipient) ? SmtpStage::sender : SmtpStage::recipient;
    result.is_our_fault = is_email(recipient);
    result.detail = "this is no e-mail address";
    result.advice = advice_for(CURLE_OK, result);
    return result;
  }
  const SmtpOptions& options = state_->options;
  Progress progress;
  progress.rest = message;
  progress.on_stage = &on_stage;
  progress.tell(options.url);

  CURL* curl = state_->curl;
  curl_easy_reset(curl);  // its connection stays
  char error_text[CURL_ERROR_SIZE] = {};
  const std::string from = "<" + sender + ">", to = "<" + recipient + ">";
  curl_slist* recipients = curl_slist_append(nullptr, to.c_str());
  const auto milliseconds = static_cast<long>(options.timeout.micros / 1000);
  curl_easy_setopt(curl, CURLOPT_URL, state_->url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds);
  curl_easy_setopt(curl, CURLOPT_USE_SSL, options.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.username.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, options.username.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, options.password ? options.password->reveal().c_str() : "");
  }
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(curl, CURLOPT_READDATA, &progress);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore_body);
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &progress);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_text);
  const CURLcode error = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, nullptr);
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 0L);  // nothing is told once `progress` is gone
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  curl_slist_free_all(recipients);

  result.stage = progress.stage;
  result.code = progress.code;
  if (error == CURLE_OK) {
    progress.enter(SmtpStage::done, without_addresses(progress.answer));
    result.kind = SmtpResult::Kind::delivered;
    result.stage = SmtpStage::done;
    result.detail = without_addresses(progress.answer);
    return result;
  }
  if (is_tls_error(error)) result.stage = SmtpStage::tls;
  const bool said_no = progress.code >= 400;
  result.detail =
      without_addresses(said_no ? std::string_view(progress.answer)
                                : std::string_view(error_text[0] ? error_text : curl_easy_strerror(error)));
  const bool about_us = is_about_us(progress.code, progress.answer);
  if (is_refusal(progress) && !about_us) result.kind = SmtpResult::Kind::refused;
  result.is_our_fault =
      result.kind == SmtpResult::Kind::later &&
      (result.stage == SmtpStage::tls || error == CURLE_LOGIN_DENIED || error == CURLE_COULDNT_RESOLVE_HOST ||
       (progress.code >= 500 && (about_us || result.stage == SmtpStage::sender ||
                                 result.stage == SmtpStage::sign_in || result.stage == SmtpStage::greeting)));
  result.advice = advice_for(error, result);
  return result;
}

}  // namespace plenary::net
