#include "documents/pdf_document.hpp"

#include <array>
#include <cmath>
#include <stdexcept>

#include <cairo-pdf.h>
#include <fmt/format.h>
#include <pango/pangocairo.h>

#include "documents/pdf_update.hpp"

namespace plenary::documents {
namespace {

// The first that has the letter; scripts that none of them has are looked for among all fonts.
constexpr const char* proportional_fonts =
    "Noto Sans,Noto Sans Arabic,Noto Sans Hebrew,WenQuanYi Micro Hei,sans-serif";
constexpr const char* monospace_fonts = "Noto Sans Mono,DejaVu Sans Mono,monospace";

struct LayoutDeleter {
  void operator()(PangoLayout* layout) const { g_object_unref(layout); }
};
using Layout = std::unique_ptr<PangoLayout, LayoutDeleter>;

cairo_status_t append(void* text, const unsigned char* bytes, unsigned int count) {
  static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(fmt::format("drawing a PDF failed: {}", cairo_status_to_string(status)));
}

double luminance(Colour colour) {
  const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
  return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

Colour colour_of(std::string_view text, Colour otherwise) {
  if (text.size() != 7 || text.front() != '#') return otherwise;
  std::array<double, 3> parts{};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto high = hex_digit(text[1 + 2 * i]), low = hex_digit(text[2 + 2 * i]);
    if (!high || !low) return otherwise;
    parts[i] = (*high * 16 + *low) / 255.0;
  }
  return {parts[0], parts[1], parts[2]};
}

Colour readable_on(Colour background) {
  // Where both have the same contrast. source: WCAG 2.2, 1.4.3.
  constexpr double even = 0.179;
  return luminance(background) > even ? Colour{0, 0, 0} : Colour{1, 1, 1};
}

bool is_right_to_left(std::string_view language) {
  const std::string_view primary = language.substr(0, language.find_first_of("-_"));
  for (const std::string_view tag : {"ar", "he", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"})
    if (primary == tag) return true;
  return false;
}

struct PdfDocument::State {
  std::string bytes, language;
  bool right_to_left = false;
  std::vector<PdfFigure> figures;
  cairo_surface_t* surface = nullptr;
  cairo_t* cairo = nullptr;

  ~State() {
    if (cairo) cairo_destroy(cairo);
    if (surface) cairo_surface_destroy(surface);
  }

  Layout layout(std::string_view text, double room, const TextStyle& style, double size) {
    Layout layout(pango_cairo_create_layout(cairo));
    PangoContext* context = pango_layout_get_context(layout.get());
    pango_context_set_language(context, pango_language_from_string(language.c_str()));
    pango_context_set_base_dir(context, right_to_left ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context, FALSE);

    PangoFontDescription* font = pango_font_description_new();
    pango_font_description_set_family_static(font, style.monospace ? monospace_fonts : proportional_fonts);
    pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_layout_set_font_description(layout.get(), font);
    pango_font_description_free(font);

    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    pango_layout_set_width(layout.get(), static_cast<int>(room * PANGO_SCALE));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    // Pango turns left and right round for a text that runs against the document's direction; so each text
    // asks for the side it begins at by itself, and all begin at the same one.
    // Figures alone run as the document does.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // Pango offers nothing in its place
    const PangoDirection own = pango_find_base_dir(text.data(), static_cast<int>(text.size()));
#pragma GCC diagnostic pop
    const bool text_is_rtl = own == PANGO_DIRECTION_NEUTRAL ? right_to_left : own == PANGO_DIRECTION_RTL;
    pango_layout_set_alignment(layout.get(), style.centred                 ? PANGO_ALIGN_CENTER
                                             : text_is_rtl != style.at_end ? PANGO_ALIGN_RIGHT
                                                                           : PANGO_ALIGN_LEFT);
    return layout;
  }

  Layout fitted(std::string_view text, double room, const TextStyle& style) {
    double size = style.size;
    Layout made = layout(text, room, style, size);
    while (style.lines > 0 && size > style.smallest &&
           pango_layout_get_line_count(made.get()) > style.lines) {
      size = std::max(style.smallest, size - 1);
      made = layout(text, room, style, size);
    }
    return made;
  }
};

PdfDocument::PdfDocument(const PdfMetadata& metadata) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.language = metadata.language.empty() ? "en" : metadata.language;
  s.right_to_left = is_right_to_left(s.language);
  s.surface = cairo_pdf_surface_create_for_stream(append, &s.bytes, width, height);
  check(cairo_surface_status(s.surface));
  // PDF 1.5 carries the text of glyphs that stand in another order than their letters (Devanagari); from
  // Cairo 1.17.6 on it has no plain cross-reference table any more, which pdf_update.hpp reads.
  if (cairo_version() >= CAIRO_VERSION_ENCODE(1, 17, 6))
    cairo_pdf_surface_restrict_to_version(s.surface, CAIRO_PDF_VERSION_1_4);
  const auto set = [&](cairo_pdf_metadata_t what, const std::string& text) {
    if (!text.empty()) cairo_pdf_surface_set_metadata(s.surface, what, text.c_str());
  };
  set(CAIRO_PDF_METADATA_TITLE, metadata.title);
  set(CAIRO_PDF_METADATA_AUTHOR, metadata.author);
  set(CAIRO_PDF_METADATA_CREATOR, "Plenary");
  constexpr std::int64_t second = 1'000'000;
  const Instant whole{metadata.created_at.micros / second * second};
  set(CAIRO_PDF_METADATA_CREATE_DATE, whole.to_string());
  set(CAIRO_PDF_METADATA_MOD_DATE, whole.to_string());
  s.cairo = cairo_create(s.surface);
  check(cairo_status(s.cairo));
  cairo_tag_begin(s.cairo, "Document", nullptr);
}

PdfDocument::~PdfDocument() = default;

cairo_t* PdfDocument::cairo() const {
  return state_->cairo;
}
bool PdfDocument::right_to_left() const {
  return state_->right_to_left;
}

double PdfDocument::paragraph(const char* tag, std::string_view text, double x, double y, double room,
                              const TextStyle& style) {
  if (text.empty()) return 0;
  State& s = *state_;
  const Layout layout = s.fitted(text, room, style);
  cairo_tag_begin(s.cairo, tag, nullptr);
  cairo_set_source_rgb(s.cairo, style.colour.red, style.colour.green, style.colour.blue);
  cairo_move_to(s.cairo, x, y);
  pango_cairo_show_layout(s.cairo, layout.get());
  cairo_tag_end(s.cairo, tag);
  int ignored = 0, high = 0;
  pango_layout_get_size(layout.get(), &ignored, &high);
  return static_cast<double>(high) / PANGO_SCALE;
}

double PdfDocument::height_of(std::string_view text, double room, const TextStyle& style) {
  if (text.empty()) return 0;
  int ignored = 0, high = 0;
  pango_layout_get_size(state_->fitted(text, room, style).get(), &ignored, &high);
  return static_cast<double>(high) / PANGO_SCALE;
}

void PdfDocument::begin_group(const char* tag) {
  cairo_tag_begin(state_->cairo, tag, nullptr);
}

void PdfDocument::end_group(const char* tag) {
  cairo_tag_end(state_->cairo, tag);
}

void PdfDocument::rectangle(double x, double y, double w, double h, Colour colour) {
  cairo_t* c = state_->cairo;
  cairo_set_source_rgb(c, colour.red, colour.green, colour.blue);
  cairo_rectangle(c, x, y, w, h);
  cairo_fill(c);
}

void PdfDocument::begin_figure(std::string_view alternative, double x, double y, double w, double h) {
  // A PDF counts from the lower edge.
  state_->figures.push_back({std::string(alternative), x, height - y - h, x + w, height - y});
  cairo_tag_begin(state_->cairo, "Figure", nullptr);
}

void PdfDocument::end_figure() {
  cairo_tag_end(state_->cairo, "Figure");
}

void PdfDocument::next_page() {
  cairo_show_page(state_->cairo);
}

std::string PdfDocument::finish() {
  State& s = *state_;
  cairo_tag_end(s.cairo, "Document");
  cairo_show_page(s.cairo);
  check(cairo_status(s.cairo));
  cairo_surface_finish(s.surface);
  check(cairo_surface_status(s.surface));
  return with_language_and_figures(std::move(s.bytes), s.language, s.figures);
}

}  // namespace plenary::documents
