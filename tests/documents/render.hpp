// Looks at a PDF with the tools that people read PDFs with: poppler, qpdf, zbar.
#pragma once

#include <string>
#include <string_view>

namespace plenary::documents::testing {

// The output of a command, both streams; `{}` in it is the file with `bytes`, `{dir}` its own empty folder. A
// test failure when the tool is missing or its exit code is not 0.
std::string run_on(std::string_view bytes, const std::string& command);
std::string text_of(const std::string& pdf);
std::string info_of(const std::string& pdf);
// What a scanner reads from the first page.
std::string scanned(const std::string& pdf);

}  // namespace plenary::documents::testing
