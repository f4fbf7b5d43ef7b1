// The page: seller at the top, the buyer's address where the window of an envelope is (DIN 5008, form B),
// facts beside it, then the lines, the sums, the tax of each rate, what the law wants said; at the foot of
// every page who sells. Everything stands on the other side where the language reads from right to left.
#include "documents/invoice.hpp"

#include <algorithm>
#include <array>

#include <cairo.h>

#include "documents/pdf_document.hpp"

namespace plenary::documents {
namespace {

constexpr double margin = 57;  // 20 mm
constexpr double inner = PdfDocument::width - 2 * margin;
constexpr double address_y = 128, address_width = 235;  // 45 mm
constexpr double facts_width = 200;
constexpr double content_y = 284;
constexpr double next_page_y = 57;
constexpr Colour ink{0.10, 0.11, 0.13}, quiet{0.36, 0.38, 0.42}, rule{0.80, 0.82, 0.85},
    shade{0.95, 0.96, 0.97};
constexpr Colour warning{0.69, 0.08, 0.08}, mark{0.96, 0.88, 0.88};
constexpr double cell_gap = 6, row_gap = 5;

struct Column {
  double x, width;
  bool at_end;
};

class Drawing {
 public:
  Drawing(const InvoiceDocument& invoice, int pages)
      : invoice_(invoice),
        pages_(pages),
        pdf_({invoice.language, invoice.title, invoice.seller_name, invoice.created_at}) {}

  std::string draw(int& pages) {
    footer_height_ = footer_height();
    begin_page();
    head();
    y_ = content_y;
    const double address_end = draw_address();
    y_ = std::max(y_, std::max(address_end, draw_facts()) + 26);
    y_ += text("H1", invoice_.heading, margin, y_, inner, {.size = 18, .bold = true, .colour = ink}) + 6;
    for (const std::string& one : invoice_.intro)
      y_ += text("P", one, margin, y_, inner, {.size = 10, .colour = ink}) + 2;
    y_ += 12;
    rows();
    totals();
    taxes();
    notes();
    draw_footer();
    pages = page_;
    return pdf_.finish();
  }

 private:
  // `x` counts from the side where reading begins.
  double side(double x, double width) const {
    return pdf_.right_to_left() ? PdfDocument::width - x - width : x;
  }
  double text(const char* tag, const std::string& words, double x, double y, double width,
              const TextStyle& style) {
    return pdf_.paragraph(tag, words, side(x, width), y, width, style);
  }
  void bar(double x, double y, double width, double height, Colour colour) {
    pdf_.rectangle(side(x, width), y, width, height, colour);
  }
  double page_end() const { return PdfDocument::height - footer_height_ - 44; }

  void begin_page() {
    ++page_;
    if (!invoice_.test_mark.empty()) watermark();
    y_ = next_page_y;
    if (!invoice_.test_mark.empty()) y_ = std::max(y_, test_band() + 16);
  }
  // True: it begins on a new page now. Inside a table, that one ends with its page and another begins.
  bool make_room(double height, bool in_table = false) {
    if (y_ + height <= page_end()) return false;
    if (in_table) pdf_.end_group("Table");
    draw_footer();
    pdf_.next_page();
    begin_page();
    if (in_table) pdf_.begin_group("Table");
    return true;
  }

  // As a path: for eyes alone; the band above says it for everybody.
  void watermark() {
    cairo_t* c = pdf_.cairo();
    cairo_save(c);
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(c, 180);
    cairo_translate(c, 165, 700);
    cairo_rotate(c, -0.95);
    cairo_move_to(c, 0, 0);
    cairo_text_path(c, "TEST");
    cairo_set_source_rgb(c, mark.red, mark.green, mark.blue);
    cairo_fill(c);
    cairo_restore(c);
  }

  double test_band() {
    const TextStyle style{.size = 11, .bold = true, .colour = {1, 1, 1}};
    const double high = pdf_.height_of(invoice_.test_mark, inner, style) + 10;
    pdf_.rectangle(0, 0, PdfDocument::width, high, warning);
    text("P", invoice_.test_mark, margin, 5, inner, style);
    return high;
  }

  void head() {
    double y = invoice_.test_mark.empty() ? 42 : 46;
    y += text("P", invoice_.seller_name, margin, y, inner,
              {.size = 15, .bold = true, .colour = ink, .smallest = 10, .lines = 1}) +
         1;
    for (const std::string& line : invoice_.seller_lines)
      y += text("P", line, margin, y, inner, {.size = 9, .colour = quiet, .smallest = 7, .lines = 1});
  }

  double draw_address() {
    double y = address_y;
    y += text("P", invoice_.sender_line, margin, y, address_width,
              {.size = 7, .colour = quiet, .smallest = 5, .lines = 1});
    bar(margin, y + 1, address_width, 0.5, rule);
    y += 10;
    for (const std::string& line : invoice_.buyer_lines)
      y += text("P", line, margin, y, address_width, {.size = 11, .colour = ink}) + 1;
    return y;
  }

  double draw_facts() {
    double y = address_y;
    const double x = margin + inner - facts_width, label_width = 92;
    pdf_.begin_group("Table");
    for (const InvoiceFact& fact : invoice_.facts) {
      pdf_.begin_group("TR");
      const double one = text("TH", fact.label, x, y, label_width, {.size = 9, .colour = quiet});
      const double other = text("TD", fact.value, x + label_width + cell_gap, y - 0.7,
                                facts_width - label_width - cell_gap, {.size = 9.5, .colour = ink});
      pdf_.end_group("TR");
      y += std::max(one, other) + 4;
    }
    pdf_.end_group("Table");
    return y;
  }

  static constexpr std::array<Column, 6> columns{{{margin, 172, false},
                                                  {margin + 178, 48, true},
                                                  {margin + 232, 60, true},
                                                  {margin + 298, 56, true},
                                                  {margin + 360, 56, true},
                                                  {margin + 422, inner - 422, true}}};
  // A word is rather written smaller than broken.
  static TextStyle head_style(std::size_t column) {
    const bool at_end = columns.at(column).at_end;
    return {.size = 8.5, .bold = true, .colour = ink, .at_end = at_end, .smallest = 6.5, .lines = 1};
  }

  double cell(const char* tag, std::size_t column, const std::string& words, double y, bool bold = false) {
    const Column& c = columns.at(column);
    return text(tag, words, c.x, y, c.width,
                {.size = 9.5,
                 .bold = bold,
                 .colour = ink,
                 .at_end = c.at_end,
                 .smallest = c.at_end ? 6.0 : 9.5,
                 .lines = c.at_end ? 1 : 0});
  }

  void table_head() {
    const InvoiceLabels& l = invoice_.labels;
    const std::array<const std::string*, 6> words{&l.description, &l.quantity, &l.net,
                                                  &l.rate,        &l.tax,      &l.gross};
    double high = 0;
    for (std::size_t i = 0; i < words.size(); ++i)
      high = std::max(high, pdf_.height_of(*words[i], columns.at(i).width, head_style(i)));
    bar(margin - 4, y_ - 4, inner + 8, high + 8, shade);
    pdf_.begin_group("TR");
    for (std::size_t i = 0; i < words.size(); ++i)
      text("TH", *words[i], columns.at(i).x, y_, columns.at(i).width, head_style(i));
    pdf_.end_group("TR");
    y_ += high + 4 + row_gap;
  }

  double row_height(const InvoiceRow& row) {
    const double width = columns[0].width;
    return pdf_.height_of(row.description, width, {.size = 9.5}) +
           pdf_.height_of(row.detail, width, {.size = 8});
  }

  void rows() {
    if (!invoice_.rows.empty()) make_room(24 + row_height(invoice_.rows.front()));
    pdf_.begin_group("Table");
    table_head();
    for (const InvoiceRow& row : invoice_.rows) {
      const double high = row_height(row);
      if (make_room(high + row_gap, true)) table_head();
      pdf_.begin_group("TR");
      pdf_.begin_group("TD");
      double y = y_;
      y += cell("P", 0, row.description, y);
      text("P", row.detail, columns[0].x, y, columns[0].width, {.size = 8, .colour = quiet});
      pdf_.end_group("TD");
      cell("TD", 1, row.quantity, y_);
      cell("TD", 2, row.net, y_);
      cell("TD", 3, row.rate, y_);
      cell("TD", 4, row.tax, y_);
      cell("TD", 5, row.gross, y_);
      pdf_.end_group("TR");
      y_ += high + row_gap;
      bar(margin - 4, y_ - 2.5, inner + 8, 0.5, rule);
      y_ += 2.5;
    }
    pdf_.end_group("Table");
    y_ += 8;
  }

  void totals() {
    const double label_width = 170, value_width = 100;
    const double x = margin + inner - label_width - value_width;
    make_room(26 * static_cast<double>(invoice_.totals.size()));  // together, where one page holds them
    pdf_.begin_group("Table");
    for (const InvoiceTotal& total : invoice_.totals) {
      const TextStyle style{.size = total.is_strong ? 12.0 : 10.0, .bold = total.is_strong, .colour = ink};
      TextStyle value = style;
      value.at_end = true;
      value.lines = 1;
      value.smallest = 7;
      const double high = pdf_.height_of(total.label, label_width, style);
      make_room(high + 10, true);
      if (total.is_strong) {
        bar(x, y_ - 1, label_width + value_width, 0.8, ink);
        y_ += 4;
      }
      pdf_.begin_group("TR");
      text("TH", total.label, x, y_, label_width, style);
      text("TD", total.value, x + label_width, y_, value_width, value);
      pdf_.end_group("TR");
      y_ += high + 4;
    }
    pdf_.end_group("Table");
    y_ += 12;
  }

  void taxes() {
    if (invoice_.taxes.empty()) return;
    constexpr double line = 16;
    make_room(line * static_cast<double>(invoice_.taxes.size() + 2));
    y_ += text("H2", invoice_.labels.taxes, margin, y_, inner, {.size = 10, .bold = true, .colour = ink}) + 4;
    const std::array<Column, 4> places{{{margin, 196, false},
                                        {margin + 202, 90, true},
                                        {margin + 298, 80, true},
                                        {margin + 384, inner - 384, true}}};
    const auto row = [&](const char* tag, const std::array<const std::string*, 4>& words, bool bold) {
      pdf_.begin_group("TR");
      double high = 0;
      for (std::size_t i = 0; i < words.size(); ++i)
        high = std::max(
            high,
            text(i == 0 ? "TH" : tag, *words[i], places.at(i).x, y_, places.at(i).width,
                 {.size = 9, .bold = bold, .colour = bold ? quiet : ink, .at_end = places.at(i).at_end}));
      pdf_.end_group("TR");
      y_ += high + 3;
    };
    pdf_.begin_group("Table");
    const InvoiceLabels& l = invoice_.labels;
    row("TH", {&l.rate, &l.net, &l.tax, &l.gross}, true);
    for (const InvoiceTaxRow& tax : invoice_.taxes)
      row("TD", {&tax.rate, &tax.net, &tax.tax, &tax.gross}, false);
    pdf_.end_group("Table");
    y_ += 12;
  }

  void notes() {
    const TextStyle style{.size = 10, .colour = ink};
    for (const std::string& note : invoice_.notes) {
      make_room(pdf_.height_of(note, inner, style));
      y_ += text("P", note, margin, y_, inner, style) + 6;
    }
  }

  double footer_width() const {
    const double columns_of_it = static_cast<double>(std::max<std::size_t>(invoice_.footer.size(), 1));
    return (inner - 12 * (columns_of_it - 1)) / columns_of_it;
  }
  static TextStyle small() { return {.size = 7.5, .colour = quiet, .smallest = 6, .lines = 2}; }

  double footer_height() {
    double high = 0;
    for (const auto& lines : invoice_.footer) {
      double one = 0;
      for (const std::string& line : lines) one += pdf_.height_of(line, footer_width(), small());
      high = std::max(high, one);
    }
    return high + 6;
  }

  void draw_footer() {
    const double top = PdfDocument::height - footer_height_ - 26;
    bar(margin, top, inner, 0.5, rule);
    double x = margin;
    for (const auto& lines : invoice_.footer) {
      double y = top + 6;
      for (const std::string& line : lines) y += text("P", line, x, y, footer_width(), small());
      x += footer_width() + 12;
    }
    if (pages_ < 2) return;
    std::string page = invoice_.labels.page;
    const auto fill = [&](const std::string& place, int number) {
      if (const std::size_t at = page.find(place); at != std::string::npos)
        page.replace(at, place.size(), std::to_string(number));
    };
    fill("{page}", page_);
    fill("{pages}", pages_);
    text("P", page, margin, top - 13, inner, {.size = 8, .colour = quiet, .at_end = true});
  }

  const InvoiceDocument& invoice_;
  int pages_, page_ = 0;
  PdfDocument pdf_;
  double y_ = 0, footer_height_ = 0;
};

}  // namespace

std::string invoice_pdf(const InvoiceDocument& invoice) {
  int pages = 0;
  std::string file = Drawing(invoice, 1).draw(pages);
  if (pages < 2) return file;
  return Drawing(invoice, pages).draw(pages);
}

}  // namespace plenary::documents
