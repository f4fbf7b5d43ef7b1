#include "documents/pdf_update.hpp"

#include <charconv>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

namespace plenary::documents {
namespace {

[[noreturn]] void unreadable(const char* what) {
  throw std::runtime_error(fmt::format("the drawn PDF has no {}; was Cairo changed?", what));
}

std::size_t number_at(std::string_view text, std::size_t at, const char* what) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r')) ++at;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  if (error != std::errc()) unreadable(what);
  return value;
}

struct Table {
  std::size_t at = 0;                // of "xref"
  std::vector<std::size_t> offsets;  // by object number; 0: free
  std::size_t root = 0, info = 0;    // object numbers; info 0: none
};

Table table_of(std::string_view pdf) {
  const std::size_t mark = pdf.rfind("startxref");
  if (mark == std::string_view::npos) unreadable("startxref");
  Table table;
  table.at = number_at(pdf, mark + 9, "offset after startxref");
  if (pdf.substr(std::min(table.at, pdf.size()), 5) != "xref\n") unreadable("plain cross-reference table");
  const std::size_t counts = table.at + 5;
  if (number_at(pdf, counts, "first object number") != 0) unreadable("cross-reference table in one piece");
  const std::size_t count = number_at(pdf, pdf.find(' ', counts), "number of objects");
  const std::size_t entries = pdf.find('\n', counts) + 1;
  constexpr std::size_t entry_bytes = 20;
  if (entries + count * entry_bytes > pdf.size()) unreadable("complete cross-reference table");
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view entry = pdf.substr(entries + i * entry_bytes, entry_bytes);
    table.offsets.push_back(entry[17] == 'n' ? number_at(entry, 0, "object's offset") : 0);
  }
  const std::string_view trailer = pdf.substr(table.at);
  const std::size_t root = trailer.find("/Root ");
  if (root == std::string_view::npos) unreadable("catalog");
  table.root = number_at(trailer, root + 6, "number of the catalog");
  const std::size_t info = trailer.find("/Info ");
  if (info != std::string_view::npos) table.info = number_at(trailer, info + 6, "number of the information");
  return table;
}

// From "N 0 obj" up to "endobj", both included.
std::string_view object_at(std::string_view pdf, std::size_t offset) {
  const std::size_t end = pdf.find("endobj", offset);
  if (offset == 0 || end == std::string_view::npos) unreadable("object where its table says");
  return pdf.substr(offset, end + 6 - offset);
}

// The dictionary's own ">>" is the last one of the object.
std::string with_entries(std::string_view object, std::string_view entries) {
  const std::size_t end = object.rfind(">>");
  if (end == std::string_view::npos) unreadable("dictionary in an object");
  return fmt::format("{}{}{}\n", object.substr(0, end), entries, object.substr(end));
}

// A text string in UTF-16 with its byte order mark. source: ISO 32000-1, 7.9.2.2.
std::string text_string(std::string_view utf8) {
  std::string hex = "<FEFF";
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t code = bytes == 1 ? lead : lead & (0xFFu >> (bytes + 1));
    for (std::size_t k = 1; k < bytes && i + k < utf8.size(); ++k)
      code = (code << 6) | (static_cast<unsigned char>(utf8[i + k]) & 0x3Fu);
    i += bytes;
    if (code >= 0x10000) {
      code -= 0x10000;
      hex += fmt::format("{:04X}{:04X}", 0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF));
    } else {
      hex += fmt::format("{:04X}", code);
    }
  }
  return hex + ">";
}

// Letters, digits and hyphens, as language tags are made of.
std::string language_string(std::string_view language) {
  std::string tag;
  for (const char c : language) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (plain) tag += c;
  }
  return "(" + (tag.empty() ? "en" : tag) + ")";
}

}  // namespace

std::string with_language_and_figures(std::string pdf, std::string_view language,
                                      const std::vector<PdfFigure>& figures) {
  const Table table = table_of(pdf);
  if (table.root >= table.offsets.size()) unreadable("catalog in its table");

  // Figures stand in the structure in the order they were drawn.
  struct Changed {
    std::size_t number;
    std::string object;
  };
  std::vector<Changed> changed;
  std::size_t next = 0;
  for (std::size_t number = 1; number < table.offsets.size() && next < figures.size(); ++number) {
    if (table.offsets[number] == 0) continue;
    const std::string_view object = object_at(pdf, table.offsets[number]);
    if (object.find("/Type /StructElem\n   /S /Figure\n") == std::string_view::npos) continue;
    const PdfFigure& figure = figures[next++];
    changed.push_back(
        {number, with_entries(object, fmt::format("   /Alt {}\n   /A << /O /Layout /Placement /Block /BBox [ "
                                                  "{:.2f} {:.2f} {:.2f} {:.2f} ] >>\n",
                                                  text_string(figure.alternative), figure.left, figure.bottom,
                                                  figure.right, figure.top))});
  }
  if (next != figures.size()) unreadable("structure element for each figure");
  changed.push_back({table.root, with_entries(object_at(pdf, table.offsets[table.root]),
                                              fmt::format("   /Lang {}\n   /ViewerPreferences << "
                                                          "/DisplayDocTitle true >>\n",
                                                          language_string(language)))});

  if (pdf.back() != '\n') pdf += '\n';
  std::string entries;
  for (const Changed& one : changed) {
    entries += fmt::format("{} 1\n{:010} 00000 n \n", one.number, pdf.size());
    pdf += one.object;
  }
  const std::size_t start = pdf.size();
  pdf += "xref\n" + entries +
         fmt::format("trailer\n<< /Size {}\n   /Root {} 0 R\n", table.offsets.size(), table.root);
  if (table.info) pdf += fmt::format("   /Info {} 0 R\n", table.info);
  pdf += fmt::format("   /Prev {}\n>>\nstartxref\n{}\n%%EOF\n", table.at, start);
  return pdf;
}

}  // namespace plenary::documents
