// A PDF being drawn with Cairo and Pango: pages of A4, tagged paragraphs in every script, figures with a text
// in their place. Private to the room. One thread at a time; each thread has fonts of its own. Errors:
// std::runtime_error when Cairo fails. source: ground rules 15, 4.7; ISO 32000-1, 14.8 and 14.9.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

typedef struct _cairo cairo_t;

namespace plenary::documents {

struct Colour {
  double red = 0, green = 0, blue = 0;  // 0 to 1
};
// "#0b5cad"; anything else: `otherwise`.
Colour colour_of(std::string_view text, Colour otherwise);
// Black or white, whichever is easier to read on it.
Colour readable_on(Colour background);

bool is_right_to_left(std::string_view language);

struct PdfMetadata {
  std::string language, title, author;
  Instant created_at;
};

struct TextStyle {
  double size = 11;  // points
  bool bold = false, monospace = false;
  Colour colour = {};
  bool centred = false;
  bool at_end = false;  // of the line: where numbers stand in tables
  double smallest = 0;  // shrinks to this size until it fits `lines`
  int lines = 0;        // 0: as many as it needs
};

class PdfDocument {
 public:
  static constexpr double width = 595.276, height = 841.890;  // A4, points

  explicit PdfDocument(const PdfMetadata& metadata);
  ~PdfDocument();
  PdfDocument(const PdfDocument&) = delete;
  PdfDocument& operator=(const PdfDocument&) = delete;

  cairo_t* cairo() const;
  bool right_to_left() const;
  // Draws at (x, y), the upper left corner, and gives the height. Lines begin where the document's language
  // begins to read, whichever way the text itself runs. `tag`: "H1", "P"; a structure element of its own.
  double paragraph(const char* tag, std::string_view text, double x, double y, double room,
                   const TextStyle& style);
  double height_of(std::string_view text, double room, const TextStyle& style);
  // What is drawn until end_group belongs together: "Table", "TR", "L". Groups nest, and may go over pages.
  void begin_group(const char* tag);
  void end_group(const char* tag);
  void rectangle(double x, double y, double width, double height, Colour colour);
  // Everything drawn until end_figure is a picture; `alternative` is read in its place.
  void begin_figure(std::string_view alternative, double x, double y, double width, double height);
  void end_figure();
  void next_page();
  // The file. Nothing may be drawn afterwards.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plenary::documents
