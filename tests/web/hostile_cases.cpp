#include "web/hostile_cases.hpp"

namespace plenary::web::test {
namespace {

const std::string host = "Host: localhost\r\n";

std::string get(const std::string& target, const std::string& headers = host) {
  return "GET " + target + " HTTP/1.1\r\n" + headers + "\r\n";
}
std::string post(const std::string& headers, const std::string& body) {
  return "POST /echo/ HTTP/1.1\r\n" + host + headers + "\r\n" + body;
}
std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}
std::string times(const std::string& text, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}
std::string multipart(const std::string& boundary, const std::string& body) {
  return "POST /upload/ HTTP/1.1\r\n" + host + "Content-Type: multipart/form-data; boundary=" + boundary +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string urlencoded(const std::string& body) {
  return "POST /upload/ HTTP/1.1\r\n" + host +
         "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

void framing(std::vector<HostileCase>& cases) {
  auto add = [&](std::string name, std::string bytes, std::vector<int> statuses, bool closes = true) {
    cases.push_back({std::move(name), std::move(bytes), std::move(statuses), closes});
  };
  add("both lengths", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), {400});
  add("both lengths, chunked first", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
      {400});
  add("two different lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"), {400});
  add("two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), {400});
  add("a list of lengths", post("Content-Length: 5, 5\r\n", "hello"), {400});
  add("a negative length", post("Content-Length: -1\r\n", ""), {400});
  add("a length with a plus", post("Content-Length: +5\r\n", "hello"), {400});
  add("a hexadecimal length", post("Content-Length: 0x5\r\n", "hello"), {400});
  add("a length with a blank inside", post("Content-Length: 5 5\r\n", "hello"), {400});
  add("an empty length", post("Content-Length: \r\n", "hello"), {400});
  add("a length beyond 64 bits", post("Content-Length: 99999999999999999999\r\n", "hello"), {413});
  add("a length over the limit", post("Content-Length: 65537\r\n", "hello"), {413});
  add("a length with letters", post("Content-Length: 5a\r\n", "hello"), {400});
  add("no length at all", "POST /echo/ HTTP/1.1\r\n" + host + "\r\n", {200}, false);
  add("a body on GET is read and not taken for a request",
      "GET /echo/ HTTP/1.1\r\n" + host + "Content-Length: 4\r\n\r\nGET " + get("/"), {200, 200}, false);
  add("Transfer-Encoding: identity", post("Transfer-Encoding: identity\r\n", "hello"), {400});
  add("Transfer-Encoding: gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), {501});
  add("Transfer-Encoding: chunked, gzip", post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), {400});
  add("Transfer-Encoding: chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
      {400});
  add("Transfer-Encoding: xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), {400});
  add("Transfer-Encoding with a vertical tab", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), {400});
  add("Transfer-Encoding quoted", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), {400});
  add("Transfer-Encoding twice",
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), {400});
  add("Transfer-Encoding with a blank before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
      {400});
  add("Transfer-Encoding empty", post("Transfer-Encoding:\r\n", ""), {400});
  add("Transfer-Encoding in HTTP/1.0",
      "POST /echo/ HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400});
  add("Transfer-Encoding in capitals", post("TRANSFER-ENCODING: CHUNKED\r\n", "5\r\nhello\r\n0\r\n\r\n"),
      {200}, false);
  add("an unknown expectation", post("Expect: 200-ok\r\nContent-Length: 5\r\n", "hello"), {417});

  add("good chunks with extension and trailer", chunked("5;name=value\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n"),
      {200}, false);
  add("a chunk without size", chunked("\r\nhello\r\n0\r\n\r\n"), {400});
  add("a chunk size of letters", chunked("xyz\r\nhello\r\n0\r\n\r\n"), {400});
  add("a chunk size with 0x", chunked("0x5\r\nhello\r\n0\r\n\r\n"), {400});
  add("a negative chunk size", chunked("-5\r\nhello\r\n0\r\n\r\n"), {400});
  add("a chunk size with a blank", chunked("5 \r\nhello\r\n0\r\n\r\n"), {400});
  add("a chunk size ended by a bare line feed", chunked("5\nhello\r\n0\r\n\r\n"), {400});
  add("a chunk longer than it says", chunked("3\r\nhello\r\n0\r\n\r\n"), {400});
  add("a chunk ended by a bare line feed", chunked("5\r\nhello\n0\r\n\r\n"), {400});
  add("a chunk extension with a line feed", chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"), {400});
  add("a giant chunk extension", chunked("5;" + times("a", 300) + "\r\nhello\r\n0\r\n\r\n"), {400});
  add("a chunk size beyond 60 bits", chunked("fffffffffffffffff\r\n"), {413});
  add("a chunk over the limit", chunked("fffffff\r\n"), {413});
  add("many chunks over the limit",
      chunked(times("4000\r\n" + std::string(0x4000, 'a') + "\r\n", 5) + "0\r\n\r\n"), {413});
  add("a trailer without colon", chunked("0\r\nnonsense\r\n\r\n"), {400});
  add("a folded trailer", chunked("0\r\nA: b\r\n c\r\n\r\n"), {400});
  add("giant trailers", chunked("0\r\n" + times("A: " + times("b", 90) + "\r\n", 60) + "\r\n"), {431});
  add("the end of chunks with a bare line feed", chunked("0\r\n\n"), {400});
}

void heads(std::vector<HostileCase>& cases) {
  auto add = [&](std::string name, std::string bytes, std::vector<int> statuses, bool closes = true) {
    cases.push_back({std::move(name), std::move(bytes), std::move(statuses), closes});
  };
  add("bare line feeds", "GET / HTTP/1.1\nHost: localhost\n\n", {400});
  add("one bare line feed among headers", "GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", {400});
  add("a bare carriage return in a value", get("/", host + "X: a\rb\r\n"), {400});
  add("a bare carriage return in the request line", "GET /\rX HTTP/1.1\r\n" + host + "\r\n", {400});
  add("a folded header", get("/", host + "X: a\r\n b\r\n"), {400});
  add("a header folded by a tab", get("/", host + "X: a\r\n\tb\r\n"), {400});
  add("a blank line of blanks", get("/", host + " \r\n"), {400});
  add("the first header folded", "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", {400});
  add("a blank before the colon", get("/", "Host : localhost\r\n"), {400});
  add("a tab before the colon", get("/", host + "X\t: y\r\n"), {400});
  add("a header without colon", get("/", host + "nonsense\r\n"), {400});
  add("a header without name", get("/", host + ": y\r\n"), {400});
  add("a header name with a blank", get("/", host + "X Y: z\r\n"), {400});
  add("a header name with a quote", get("/", host + "X\"Y: z\r\n"), {400});
  add("a header name with a letter beyond ASCII", get("/", host + "X\xc3\xa9: z\r\n"), {400});
  add("a NUL in a header value", get("/", host + std::string("X: a\0b\r\n", 8)), {400});
  add("a NUL in a header name", get("/", host + std::string("X\0: b\r\n", 7)), {400});
  add("a DEL in a header value", get("/", host + "X: a\x7f\r\n"), {400});
  add("letters beyond ASCII in a value are passed on", get("/", host + "X: caf\xc3\xa9\r\n"), {200}, false);
  add("too many headers", get("/", host + times("X: y\r\n", 60)), {431});
  add("one giant header", get("/", host + "X: " + times("y", 9000) + "\r\n"), {431});
  add("headers without end", "GET / HTTP/1.1\r\n" + host + times("X-Header: value\r\n", 800), {431});
  add("no Host", get("/", ""), {400});
  add("two Hosts", get("/", host + host), {400});
  add("two different Hosts", get("/", host + "Host: evil.example\r\n"), {400});
  add("an empty Host", get("/", "Host:\r\n"), {400});
  add("a foreign Host", get("/", "Host: evil.example\r\n"), {400});
  add("a Host with a path", get("/", "Host: localhost/x\r\n"), {400});
  add("a Host with user information", get("/", "Host: localhost@evil.example\r\n"), {400});
  add("a Host that ends like an allowed one", get("/", "Host: notpyconf.example\r\n"), {400});
  add("a Host below an allowed domain", get("/", "Host: 2027.pyconf.example\r\n"), {200}, false);
  add("a Host with an impossible port", get("/", "Host: localhost:99999\r\n"), {400});
  add("a Host with a port of letters", get("/", "Host: localhost:http\r\n"), {400});
  add("a Host with a list", get("/", "Host: localhost, evil.example\r\n"), {400});
  add("a Host in capitals", get("/", "Host: LOCALHOST:8000\r\n"), {200}, false);
  add("X-Forwarded-Host from a stranger changes nothing",
      get("/", host + "X-Forwarded-Host: evil.example\r\n"), {200}, false);
  add("two Content-Types", get("/", host + "Content-Type: a/b\r\nContent-Type: c/d\r\n"), {400});
  add("two Authorizations", get("/", host + "Authorization: a\r\nAuthorization: b\r\n"), {400});
  add("two Origins", get("/", host + "Origin: http://localhost\r\nOrigin: http://evil.example\r\n"), {400});

  add("no HTTP at all", "hello\r\n\r\n", {400});
  add("a TLS hello on plain HTTP", "\x16\x03\x01\x02\x01\x01", {400});
  add("the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505});
  add("HTTP/0.9", "GET /\r\n\r\n", {400});
  add("HTTP/1.0 is answered and closed", "GET / HTTP/1.0\r\n" + host + "\r\n", {200});
  add("HTTP/1.0 with keep-alive", "GET / HTTP/1.0\r\n" + host + "Connection: keep-alive\r\n\r\n", {200},
      false);
  add("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", {400});
  add("HTTP/1.2", "GET / HTTP/1.2\r\n" + host + "\r\n", {505});
  add("HTTP/3.0", "GET / HTTP/3.0\r\n" + host + "\r\n", {505});
  add("HTTP/1.10", "GET / HTTP/1.10\r\n" + host + "\r\n", {400});
  add("http/1.1 in small letters", "GET / http/1.1\r\n" + host + "\r\n", {400});
  add("a blank after the version", "GET / HTTP/1.1 \r\n" + host + "\r\n", {400});
  add("two blanks in the request line", "GET  / HTTP/1.1\r\n" + host + "\r\n", {400});
  add("a tab in the request line", "GET\t/ HTTP/1.1\r\n" + host + "\r\n", {400});
  add("a blank before the method", " GET / HTTP/1.1\r\n" + host + "\r\n", {400});
  add("one empty line before the request is allowed", "\r\n" + get("/"), {200}, false);
  add("three empty lines before the request are not", "\r\n\r\n\r\n" + get("/"), {400});
  add("TRACE", "TRACE / HTTP/1.1\r\n" + host + "\r\n", {405});
  add("CONNECT", "CONNECT localhost:80 HTTP/1.1\r\n" + host + "\r\n", {405});
  add("a method nobody knows", "BREW / HTTP/1.1\r\n" + host + "\r\n", {501});
  add("a method in small letters", "get / HTTP/1.1\r\n" + host + "\r\n", {501});
  add("a method with a slash", "GE/T / HTTP/1.1\r\n" + host + "\r\n", {400});
  add("DELETE where only GET is", "DELETE / HTTP/1.1\r\n" + host + "\r\n", {405}, false);
}

void targets(std::vector<HostileCase>& cases) {
  auto add = [&](std::string name, std::string bytes, std::vector<int> statuses, bool closes = true) {
    cases.push_back({std::move(name), std::move(bytes), std::move(statuses), closes});
  };
  add("a giant target", get("/" + times("a", 3000)), {414});
  add("a target without end", "GET /" + times("a", 20000), {414});
  add("an encoded slash", get("/a%2Fb/"), {400});
  add("an encoded backslash", get("/a%5cb/"), {400});
  add("a backslash", get("/a\\b/"), {400});
  add("an encoded NUL", get("/a%00b/"), {400});
  add("an encoded line feed", get("/a%0d%0ab/"), {400});
  add("an encoded DEL", get("/a%7f/"), {400});
  add("half an escape", get("/a%2/"), {400});
  add("an escape at the end", get("/a%"), {400});
  add("an escape without hexadecimal digits", get("/a%zz/"), {400});
  add("invalid UTF-8", get("/a%ff/"), {400});
  add("overlong UTF-8 of a slash", get("/a%c0%af/"), {400});
  add("a surrogate in UTF-8", get("/a%ed%a0%80/"), {400});
  add("dot segments", get("/echo/../"), {400});
  add("encoded dot segments", get("/echo/%2e%2e/"), {400});
  add("half encoded dot segments", get("/echo/.%2E"), {400});
  add("a single dot segment", get("/./echo/"), {400});
  add("double slashes are no page", get("//echo/"), {404}, false);
  add("double slashes do not redirect to another host", get("//evil.example"), {404}, false);
  add("bytes beyond ASCII", get("/caf\xc3\xa9/"), {400});
  add("a fragment", get("/#top"), {400});
  add("a quote in the path", get("/\"/"), {400});
  add("a pipe in the query is passed on", get("/?a=b|c"), {200}, false);
  add("half an escape in the query", get("/?a=%2"), {400});
  add("invalid UTF-8 in the query", get("/?a=%ff"), {400});
  add("a NUL in the query", get("/?a=%00"), {400});
  add("too many query parameters", get("/?" + times("a=b&", 300)), {400});
  add("an absolute target of this host", get("http://localhost/"), {200}, false);
  add("an absolute target of another host", get("http://evil.example/"), {400});
  add("an absolute target with user information", get("http://a@localhost/"), {400});
  add("an absolute target of another scheme", get("ftp://localhost/"), {400});
  add("an absolute target without host", get("http:///"), {400});
  add("a target without slash", get("echo/"), {400});
  add("an asterisk for GET", get("*"), {400});
  add("an asterisk for OPTIONS", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", {204}, false);
  add("an empty target", "GET  HTTP/1.1\r\n" + host + "\r\n", {400});
  add("an upper-case escape decodes to a page", get("/%65cho/"), {200}, false);
}

void forms_and_pipelines(std::vector<HostileCase>& cases) {
  auto add = [&](std::string name, std::string bytes, std::vector<int> statuses, bool closes = true) {
    cases.push_back({std::move(name), std::move(bytes), std::move(statuses), closes});
  };
  add("three requests at once are answered in order",
      get("/") + post("Content-Length: 5\r\n", "hello") + get("/nowhere/"), {200, 200, 404}, false);
  add("a good request before a bad one", get("/") + "GET / HTTP/1.1\n\n", {200, 400});
  add("nothing is read after Connection: close", get("/", host + "Connection: close\r\n") + get("/"), {200});
  add("Connection: close among others", get("/", host + "Connection: TE, Close\r\n"), {200});
  add("nothing is read after a refusal", get("/a%00/") + get("/"), {400});
  add("a hidden request in a refused body", post("Content-Length: 4\r\nContent-Length: 0\r\n", "") + get("/"),
      {400});
  add("a multipart form",
      multipart("x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n"), {200},
      false);
  add("a multipart boundary of 71 characters", multipart(times("x", 71), "--" + times("x", 71) + "--\r\n"),
      {400}, false);
  add("a multipart form that does not end",
      multipart("x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb"), {400}, false);
  add("a multipart form with another boundary", multipart("x", "--y\r\n\r\n\r\n--y--\r\n"), {400}, false);
  add("a multipart part without name",
      multipart("x", "--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--\r\n"), {400}, false);
  add("a multipart part with giant headers",
      multipart("x", "--x\r\nX: " + times("a", 5000) + "\r\n\r\nb\r\n--x--\r\n"), {413}, false);
  add("a multipart form without boundary", multipart("", "--\r\n"), {400}, false);
  add("text after the last boundary", multipart("x", "--x--\r\nmore"), {400}, false);
  add("a form with half an escape", urlencoded("a=%4"), {400}, false);
  add("a form with a NUL", urlencoded("a=%00"), {400}, false);
  add("a form in invalid UTF-8", urlencoded("a=%ff"), {400}, false);
  add("a form of too many fields", urlencoded(times("a=b&", 1001)), {413}, false);
  add("a form in another charset",
      "POST /upload/ HTTP/1.1\r\n" + host +
          "Content-Type: application/x-www-form-urlencoded; charset=utf-16\r\nContent-Length: 3\r\n\r\na=b",
      {415}, false);
  add("JSON where a form is wanted",
      "POST /upload/ HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
      {415}, false);
}

}  // namespace

std::vector<HostileCase> hostile_cases() {
  std::vector<HostileCase> cases;
  framing(cases);
  heads(cases);
  targets(cases);
  forms_and_pipelines(cases);
  return cases;
}

}  // namespace plenary::web::test
