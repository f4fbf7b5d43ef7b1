// TLS with a certificate made for the test.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/http_client.hpp"
#include "web/test_site.hpp"

namespace plenary::web::test {
namespace {

using plenary::test::RawConnection;

class Certificates : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "plenary-tls-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    make("first");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void make(const std::string& name) {
    std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" +
        name + " -keyout " + (folder / "key.pem").string() + " -out " + (folder / "cert.pem").string() +
        " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  ServerOptions options() {
    ServerOptions options = TestSite::quick_options();
    options.tls = TlsFiles{folder / "cert.pem", folder / "key.pem"};
    return options;
  }
  std::filesystem::path folder;
};

// One request over TLS; the name in the server's certificate is put into `name`.
std::string over_tls(std::uint16_t port, const std::string& request, std::string* name = nullptr,
                     int version = 0, const std::string& protocols = {}) {
  RawConnection connection(port);
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (version) SSL_CTX_set_max_proto_version(context.get(), version);
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  if (!protocols.empty()) {
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  }
  SSL_set_fd(ssl.get(), connection.fd());
  if (SSL_connect(ssl.get()) != 1) {
    ERR_clear_error();
    return "no handshake";
  }
  if (name) {
    std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl.get()), X509_free);
    char text[100] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, text, sizeof text);
    *name = text;
  }
  SSL_write(ssl.get(), request.data(), static_cast<int>(request.size()));
  std::string answer;
  char buffer[16384];
  int n = 0;
  while ((n = SSL_read(ssl.get(), buffer, sizeof buffer)) > 0)
    answer.append(buffer, static_cast<std::size_t>(n));
  ERR_clear_error();
  return answer;
}

const std::string closing = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

TEST_F(Certificates, ServePagesWithSecureCookiesAndHsts) {
  TestSite site({}, options(), true);
  std::string answer = over_tls(site.port(), "GET /form/" + closing);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer.substr(0, 200);
  EXPECT_NE(answer.find("Strict-Transport-Security: max-age=31536000"), std::string::npos);
  EXPECT_NE(answer.find("Set-Cookie: __Host-plenary_csrf="), std::string::npos);
  EXPECT_NE(answer.find("; Secure"), std::string::npos);
  std::string big = over_tls(site.port(), "GET /big/" + closing);
  EXPECT_EQ(big.size() - big.find("\r\n\r\n") - 4, 24u * 1024 * 1024);
}

TEST_F(Certificates, AreReadAgainForNewConnections) {
  TestSite site({}, options(), true);
  std::string name;
  over_tls(site.port(), "GET /" + closing, &name);
  EXPECT_EQ(name, "first");
  make("second");
  site.server->reload_tls();
  over_tls(site.port(), "GET /" + closing, &name);
  EXPECT_EQ(name, "second");
  std::ofstream(folder / "cert.pem") << "nonsense";
  EXPECT_THROW(site.server->reload_tls(), std::runtime_error);
  over_tls(site.port(), "GET /" + closing, &name);
  EXPECT_EQ(name, "second") << "the good one stays";
}

TEST_F(Certificates, PlainHttpAndOldVersionsAndOtherProtocolsAreTurnedAway) {
  TestSite site({}, options(), true);
  RawConnection plain(site.port());
  plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(plain.receive_all().find("HTTP/"), std::string::npos);
  EXPECT_EQ(over_tls(site.port(), "GET /" + closing, nullptr, TLS1_1_VERSION), "no handshake");
  EXPECT_EQ(over_tls(site.port(), "GET /" + closing, nullptr, 0, "\x02h2"), "no handshake");
  EXPECT_TRUE(
      over_tls(site.port(), "GET /" + closing, nullptr, 0, "\x02h2\x08http/1.1").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(over_tls(site.port(), "GET /" + closing).starts_with("HTTP/1.1 200 "));
}

TEST_F(Certificates, AMissingOneIsNamed) {
  ServerOptions wrong = options();
  wrong.tls->key = folder / "nowhere.pem";
  try {
    Services services;
    Router router({});
    services.router = &router;
    Server server(wrong, services);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("nowhere.pem"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace plenary::web::test
