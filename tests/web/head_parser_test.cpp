// Properties of the parser that a table cannot show.
#include "web/head_parser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "web/target.hpp"

namespace plenary::web::test {
namespace {

TEST(ChunkDecoder_, GivesTheSameBodyHoweverItIsCut) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& pieces, const std::vector<std::uint8_t>& cuts) {
    std::string wire, expected;
    for (const std::string& piece : pieces) {
      if (piece.empty()) continue;
      static constexpr char digits[] = "0123456789abcdef";
      std::string size;
      for (std::size_t n = piece.size(); n > 0; n /= 16) size.insert(size.begin(), digits[n % 16]);
      wire += size + "\r\n" + piece + "\r\n";
      expected += piece;
    }
    wire += "0\r\n\r\n";
    const std::string next = "GET / HTTP/1.1\r\n";
    std::string all = wire + next;
    ChunkDecoder decoder;
    std::string body;
    std::size_t at = 0, turn = 0;
    auto state = ChunkDecoder::State::more;
    while (state == ChunkDecoder::State::more) {
      RC_ASSERT(at < all.size());
      std::size_t step = cuts.empty() ? 7 : cuts[turn++ % cuts.size()] % 13 + 1;
      std::size_t consumed = 0;
      state = decoder.feed(std::string_view(all).substr(at, step), consumed, body, 1 << 20);
      at += consumed;
    }
    RC_ASSERT(state == ChunkDecoder::State::complete);
    RC_ASSERT(body == expected);
    RC_ASSERT(all.substr(at) == next);
  }));
}

TEST(HeadScanner_, FindsTheSameEndHoweverTheBytesArrive) {
  const std::string head = "GET /a/?b=c HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\r\n";
  for (std::size_t first = 0; first < head.size(); ++first) {
    HeadScanner scanner;
    scanner.scan(std::string_view(head).substr(0, first), {});
    EXPECT_EQ(scanner.scan(head + "body", {}), HeadScanner::State::complete);
    EXPECT_EQ(scanner.head_size(), head.size());
  }
}

TEST(Targets, DecodingIsExactOrRefused) {
  EXPECT_TRUE(rc::check([](const std::string& raw) {
    std::string storage;
    std::string_view reason;
    std::string target = "/" + raw;
    auto path = decode_path(target, storage, reason);
    if (!path) {
      RC_ASSERT(!reason.empty());
      return;
    }
    RC_ASSERT(path->find("/../") == std::string_view::npos);
    RC_ASSERT(!path->ends_with("/.."));
    RC_ASSERT(path->find('\0') == std::string_view::npos || raw.find('%') == std::string::npos);
  }));
}

TEST(Targets, AuthoritiesAreHostsAndPorts) {
  for (std::string good :
       {"localhost", "a.b-c_d.example", "a:1", "127.0.0.1:65535", "[::1]", "[2001:db8::1]:443"}) {
    EXPECT_TRUE(is_authority(good)) << good;
  }
  for (std::string bad : {"", ":", ":80", "a:", "a:65536", "a:8x", "a b", "a/b", "a@b", "[::1", "[::1]x",
                          "[::1]:", "[]", "a..b", ".a", "::1", "a:1:2", "a,b", "[zz]"}) {
    EXPECT_FALSE(is_authority(bad)) << bad;
  }
  EXPECT_FALSE(is_authority(std::string(300, 'a')));
}

}  // namespace
}  // namespace plenary::web::test
