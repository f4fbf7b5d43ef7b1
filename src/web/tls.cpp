#include "web/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace plenary::web {
namespace {

std::string last_error() {
  unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "no reason given";
}

// A client that offers protocols must offer http/1.1; one that offers none gets it anyway.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                    unsigned int in_length, void*) {
  static constexpr unsigned char known[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, known, sizeof known - 1, in, in_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsContext::TlsContext(const TlsFiles& files) : context_(SSL_CTX_new(TLS_server_method())) {
  auto fail = [&](std::string_view what, const std::filesystem::path& file) {
    std::string reason = last_error();
    SSL_CTX_free(context_);
    return std::runtime_error(
        fmt::format("TLS: the {} {} cannot be used: {}. It must be readable and in PEM form.", what,
                    file.string(), reason));
  };
  if (!context_) throw std::runtime_error("TLS: OpenSSL gave no context.");
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context_,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context_, choose_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context_, files.certificate.c_str()) != 1) {
    throw fail("certificate", files.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context_, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw fail("key", files.key);
  if (SSL_CTX_check_private_key(context_) != 1)
    throw fail("key (it does not belong to the certificate)", files.key);
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int fd)
    : context_(std::move(context)), ssl_(SSL_new(context_->context_)) {
  if (!ssl_) throw std::bad_alloc();
  SSL_set_fd(ssl_, fd);
  SSL_set_accept_state(ssl_);
}

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

TlsSession::Result TlsSession::result_of(int returned) {
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_WANT_READ:
      return Result::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Result::wants_write;
    default:
      ERR_clear_error();
      return Result::closed;
  }
}

TlsSession::Result TlsSession::handshake() {
  ERR_clear_error();
  int returned = SSL_do_handshake(ssl_);
  return returned == 1 ? Result::done : result_of(returned);
}

TlsSession::Result TlsSession::read(char* data, std::size_t size, std::size_t& got) {
  ERR_clear_error();
  int returned = SSL_read_ex(ssl_, data, size, &got);
  return returned == 1 ? Result::done : result_of(returned);
}

TlsSession::Result TlsSession::write(std::string_view data, std::size_t& put) {
  ERR_clear_error();
  int returned = SSL_write_ex(ssl_, data.data(), data.size(), &put);
  return returned == 1 ? Result::done : result_of(returned);
}

bool TlsSession::has_pending() const {
  return SSL_has_pending(ssl_) == 1;
}

void TlsSession::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
  ERR_clear_error();
}

Instant certificate_end(const std::string& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "r"), std::fclose);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      in ? PEM_read_X509(in.get(), nullptr, nullptr, nullptr) : nullptr, X509_free);
  std::tm end{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    ERR_clear_error();
    throw std::runtime_error(fmt::format("{} holds no certificate that can be read", file));
  }
  return Instant{static_cast<std::int64_t>(::timegm(&end)) * 1'000'000};
}

}  // namespace plenary::web
