#include "web/static_files.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "web/test_site.hpp"

namespace plenary::web::test {
namespace {

const EmbeddedTree& tree() {
  static const EmbeddedTree tree({{"css/site.css", "body { color: black }"},
                                  {"css/site.css.br", "brotli bytes"},
                                  {"css/site.css.gz", "gzip bytes"},
                                  {"img/logo.png", "png"},
                                  {"js/app.js", "let x = 1;"},
                                  {"js/app.js.gz", "js gzip"}});
  return tree;
}

Response ask(const StaticFiles& files, const std::string& path, const std::string& headers = {}) {
  OwnedRequest request("GET /static/" + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  return files.answer(*request, path);
}

std::string path_of(const StaticFiles& files, std::string_view name) {
  return files.url(name).substr(8);
}

TEST(StaticFiles_, HashedNamesAreKeptForAYear) {
  StaticFiles files(&tree(), {});
  std::string url = files.url("css/site.css");
  EXPECT_TRUE(url.starts_with("/static/css/site.") && url.ends_with(".css") && url.size() == 33) << url;
  Response hashed = ask(files, path_of(files, "css/site.css"));
  EXPECT_EQ(hashed.body(), "body { color: black }");
  EXPECT_EQ(hashed.content_type, "text/css; charset=utf-8");
  EXPECT_EQ(*hashed.find("Cache-Control"), "public, max-age=31536000, immutable");
  Response plain = ask(files, "css/site.css");
  EXPECT_EQ(*plain.find("Cache-Control"), "public, no-cache");
  EXPECT_TRUE(ask(files, "css/site.000000000000.css").is_error_page);
  EXPECT_TRUE(ask(files, "nothing.css").is_error_page);
  EXPECT_EQ(files.url("nothing.css"), "/static/nothing.css");
}

TEST(StaticFiles_, TheCompressedFormIsSentToWhoeverTakesIt) {
  StaticFiles files(&tree(), {});
  Response brotli = ask(files, "css/site.css", "Accept-Encoding: gzip, deflate, br\r\n");
  EXPECT_EQ(brotli.body(), "brotli bytes");
  EXPECT_EQ(*brotli.find("Content-Encoding"), "br");
  EXPECT_EQ(*brotli.find("Vary"), "Accept-Encoding");
  EXPECT_EQ(ask(files, "css/site.css", "Accept-Encoding: gzip\r\n").body(), "gzip bytes");
  EXPECT_EQ(ask(files, "js/app.js", "Accept-Encoding: br, gzip\r\n").body(), "js gzip");
  EXPECT_EQ(ask(files, "img/logo.png", "Accept-Encoding: br, gzip\r\n").find("Content-Encoding"), nullptr);
  EXPECT_TRUE(ask(files, "css/site.css.br").is_error_page) << "the forms are no files of their own";
}

TEST(StaticFiles_, AnUnchangedFileIsNotSentAgain) {
  StaticFiles files(&tree(), {});
  std::string tag = *ask(files, "css/site.css").find("ETag");
  Response same = ask(files, "css/site.css", "If-None-Match: W/" + tag + "\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body(), "");
  EXPECT_EQ(*same.find("ETag"), tag);
  EXPECT_EQ(ask(files, "css/site.css", "If-None-Match: \"other\"\r\n").status, 200);
  EXPECT_EQ(ask(files, "css/site.css", "Accept-Encoding: br\r\nIf-None-Match: " + tag + "\r\n").status, 200)
      << "another form has another tag";
}

TEST(StaticFiles_, NegotiationFollowsTheHeader) {
  struct Case {
    const char* header;
    bool br, gz;
    Encoding expected;
  };
  const Case cases[] = {
      {"", true, true, Encoding::identity},
      {"gzip", true, true, Encoding::gzip},
      {"br", true, true, Encoding::brotli},
      {"gzip, br", true, true, Encoding::brotli},
      {"gzip;q=1.0, br;q=0.5", true, true, Encoding::gzip},
      {"br;q=0, gzip", true, true, Encoding::gzip},
      {"br;q=0, gzip;q=0", true, true, Encoding::identity},
      {"*", true, true, Encoding::brotli},
      {"*;q=0", true, true, Encoding::identity},
      {"identity", true, true, Encoding::identity},
      {"br", false, true, Encoding::identity},
      {"br, gzip", false, true, Encoding::gzip},
      {"gzip;q=nonsense", true, true, Encoding::identity},
  };
  for (const Case& one : cases) EXPECT_EQ(negotiate(one.header, one.br, one.gz), one.expected) << one.header;
}

class Overriding : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "plenary-static-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    std::filesystem::create_directories(folder / "css");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  void write(const std::string& path, const std::string& bytes) { std::ofstream(folder / path) << bytes; }
  std::filesystem::path folder;
};

TEST_F(Overriding, AFolderReplacesAndAddsFiles) {
  write("css/site.css", std::string(1000, 'x'));
  write("extra.txt", "more");
  write(".hidden", "no");
  StaticFiles files(&tree(), {.override_folder = folder});
  EXPECT_NE(files.url("css/site.css"), StaticFiles(&tree(), {}).url("css/site.css"));
  EXPECT_EQ(ask(files, "css/site.css").body(), std::string(1000, 'x'));
  EXPECT_EQ(ask(files, "extra.txt").body(), "more");
  EXPECT_TRUE(ask(files, ".hidden").is_error_page);
  EXPECT_EQ(ask(files, "img/logo.png").body(), "png");
  Response packed = ask(files, "css/site.css", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(*packed.find("Content-Encoding"), "gzip");
  std::string out(2000, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.body().data()));
  stream.avail_in = static_cast<uInt>(packed.body().size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(out.substr(0, stream.total_out), std::string(1000, 'x'));
}

TEST_F(Overriding, AReloadSeesChangesAndAFailedOneKeepsTheOldFiles) {
  write("css/site.css", "one");
  StaticFiles files(&tree(), {.override_folder = folder, .max_override_bytes = 100});
  write("css/site.css", "two!");
  EXPECT_EQ(ask(files, "css/site.css").body(), "one");
  files.reload();
  EXPECT_EQ(ask(files, "css/site.css").body(), "two!");
  write("huge.css", std::string(101, 'x'));
  EXPECT_THROW(files.reload(), std::runtime_error);
  EXPECT_EQ(ask(files, "css/site.css").body(), "two!");
}

TEST_F(Overriding, InDevelopmentTheNextRequestSeesTheChange) {
  write("css/site.css", "one");
  StaticFiles files(
      &tree(), {.override_folder = folder, .read_again = true, .look_every = std::chrono::milliseconds(0)});
  EXPECT_EQ(ask(files, "css/site.css").body(), "one");
  write("css/site.css", "two!");
  EXPECT_EQ(ask(files, "css/site.css").body(), "two!");
}

}  // namespace
}  // namespace plenary::web::test
