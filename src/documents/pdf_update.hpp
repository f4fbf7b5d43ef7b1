// What Cairo 1.16 cannot write into a PDF: the document's language, that viewers show its title, and the
// texts that stand in for figures. Added by an incremental update, so that the file as drawn stays as it is.
// Private to the room; any thread. Errors: std::runtime_error for a file without a plain cross-reference
// table, as Cairo 1.16 writes it. source: ISO 32000-1, 7.5.6, 12.2, 14.9.2 and 14.9.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenary::documents {

struct PdfFigure {
  std::string alternative;
  double left = 0, bottom = 0, right = 0, top = 0;  // points from the lower left corner of the page
};

std::string with_language_and_figures(std::string pdf, std::string_view language,
                                      const std::vector<PdfFigure>& figures);

}  // namespace plenary::documents
