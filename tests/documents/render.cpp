#include "documents/render.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/wait.h>

namespace plenary::documents::testing {

std::string run_on(std::string_view bytes, const std::string& command) {
  std::string folder = (std::filesystem::temp_directory_path() / "documents-XXXXXX").string();
  if (!mkdtemp(folder.data())) throw std::runtime_error("no temporary folder");
  const std::string file = folder + "/file";
  std::ofstream(file, std::ios::binary) << bytes;
  std::string line = command;
  for (const auto& [mark, value] : {std::pair<std::string, std::string>{"{dir}", folder}, {"{}", file}})
    for (std::size_t at = line.find(mark); at != std::string::npos; at = line.find(mark, at + value.size()))
      line.replace(at, mark.size(), value);
  std::string output;
  FILE* pipe = popen((line + " 2>&1").c_str(), "r");
  if (!pipe) throw std::runtime_error("no pipe");
  std::array<char, 4096> buffer;
  while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), got);
  const int status = pclose(pipe);
  EXPECT_EQ(WEXITSTATUS(status), 0) << line << "\n" << output;
  std::filesystem::remove_all(folder);
  return output;
}

std::string text_of(const std::string& pdf) {
  return run_on(pdf, "pdftotext -enc UTF-8 {} -");
}
std::string info_of(const std::string& pdf) {
  return run_on(pdf, "pdfinfo {}");
}
std::string scanned(const std::string& pdf) {
  std::string text = run_on(
      pdf, "pdftoppm -r 110 -png -singlefile {} {dir}/page && zbarimg --nodbus --raw -q {dir}/page.png");
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace plenary::documents::testing
