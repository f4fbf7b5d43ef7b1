// The page: a band with the conference in its colour, who it is for, then facts beside the QR code (on the
// other side where the language reads from right to left), notes at the foot. Large enough for a phone.
#include "documents/ticket.hpp"

#include <algorithm>

#include <cairo.h>

#include "documents/pdf_document.hpp"
#include "documents/qr_code.hpp"

namespace plenary::documents {
namespace {

constexpr double margin = 42;
constexpr double inner = PdfDocument::width - 2 * margin;
constexpr double code_side = 190, gutter = 28;
constexpr double facts_width = inner - code_side - gutter;
constexpr double page_end = PdfDocument::height - margin;
constexpr Colour ink{0.10, 0.11, 0.13}, quiet{0.36, 0.38, 0.42}, warning{0.69, 0.08, 0.08};
constexpr Colour our_accent{0.04, 0.36, 0.68};

double draw_band(PdfDocument& pdf, const TicketDocument& ticket) {
  const Colour accent = colour_of(ticket.accent_color, our_accent);
  const Colour on_it = readable_on(accent);
  const TextStyle small{.size = 13, .bold = true, .colour = on_it};
  const TextStyle large{.size = 27, .bold = true, .colour = on_it, .smallest = 16, .lines = 2};
  const double high = 34 + pdf.height_of(ticket.labels.heading, inner, small) + 4 +
                      pdf.height_of(ticket.conference_name, inner, large) + 28;
  pdf.rectangle(0, 0, PdfDocument::width, high, accent);
  double y = 34;
  y += pdf.paragraph("P", ticket.labels.heading, margin, y, inner, small) + 4;
  pdf.paragraph("H1", ticket.conference_name, margin, y, inner, large);
  return high;
}

double draw_sandbox_mark(PdfDocument& pdf, const TicketDocument& ticket, double y) {
  if (ticket.sandbox_mark.empty()) return y;
  const TextStyle style{.size = 15, .bold = true, .colour = {1, 1, 1}};
  const double high = pdf.height_of(ticket.sandbox_mark, inner, style) + 12;
  pdf.rectangle(0, y, PdfDocument::width, high, warning);
  pdf.paragraph("P", ticket.sandbox_mark, margin, y + 6, inner, style);
  return y + high;
}

// A label and what belongs to it, below each other.
double draw_fact(PdfDocument& pdf, const std::string& label, const std::string& value, double x, double y,
                 double room, const TextStyle& style) {
  if (value.empty()) return y;
  y += pdf.paragraph("P", label, x, y, room, {.size = 10.5, .colour = quiet}) + 1;
  y += pdf.paragraph("P", value, x, y, room, style);
  return y + 14;
}

double draw_code(PdfDocument& pdf, const TicketDocument& ticket, double x, double y) {
  const QrCode code = qr_code(ticket.qr_text);
  const double module = code_side / (code.size + 2 * qr_quiet_zone);
  pdf.begin_figure(ticket.labels.qr_code, x, y, code_side, code_side);
  pdf.rectangle(x, y, code_side, code_side, {1, 1, 1});
  // One path, so that no hairline shows between neighbours.
  cairo_t* c = pdf.cairo();
  for (int row = 0; row < code.size; ++row)
    for (int column = 0; column < code.size;) {
      int run = 0;
      while (column + run < code.size && code.at(column + run, row)) ++run;
      if (run > 0)
        cairo_rectangle(c, x + (column + qr_quiet_zone) * module, y + (row + qr_quiet_zone) * module,
                        run * module, module);
      column += std::max(run, 1);
    }
  cairo_set_source_rgb(c, 0, 0, 0);
  cairo_fill(c);
  pdf.end_figure();
  y += code_side + 4;
  y += pdf.paragraph("P", ticket.labels.access_code, x, y, code_side,
                     {.size = 10.5, .colour = quiet, .centred = true});
  y += pdf.paragraph("P", ticket.access_code, x, y, code_side,
                     {.size = 20, .bold = true, .monospace = true, .colour = ink, .centred = true});
  return y;
}

// On the page that was begun, and on more when the notes are long.
void draw_ticket(PdfDocument& pdf, const TicketDocument& ticket) {
  double y = draw_sandbox_mark(pdf, ticket, draw_band(pdf, ticket)) + 30;

  const TicketLabels& labels = ticket.labels;
  const bool open = ticket.holder_name.empty();
  y += pdf.paragraph("P", labels.holder, margin, y, inner, {.size = 10.5, .colour = quiet}) + 1;
  y += pdf.paragraph("H2", open ? ticket.open_text : ticket.holder_name, margin, y, inner,
                     {.size = 31, .bold = !open, .colour = open ? quiet : ink, .smallest = 14, .lines = 3}) +
       20;

  const double facts_x = pdf.right_to_left() ? margin + code_side + gutter : margin;
  const double code_x = pdf.right_to_left() ? margin : margin + facts_width + gutter;
  const TextStyle value{.size = 14, .colour = ink};
  double facts = y;
  facts = draw_fact(pdf, labels.ticket_type, ticket.ticket_type, facts_x, facts, facts_width,
                    {.size = 18, .bold = true, .colour = ink, .smallest = 12, .lines = 3});
  facts = draw_fact(pdf, labels.dates, ticket.dates, facts_x, facts, facts_width, value);
  const std::string place =
      ticket.venue + (ticket.venue.empty() || ticket.address.empty() ? "" : "\n") + ticket.address;
  facts = draw_fact(pdf, labels.venue, place, facts_x, facts, facts_width,
                    {.size = 14, .colour = ink, .smallest = 9, .lines = 8});
  facts = draw_fact(pdf, labels.order_reference, ticket.order_reference, facts_x, facts, facts_width, value);
  const double code = draw_code(pdf, ticket, code_x, y - 4);

  y = std::max(facts, code) + 24;
  const TextStyle note{.size = 11, .colour = quiet};
  for (const std::string& text : ticket.notes) {
    const double high = pdf.height_of(text, inner, note);
    if (y + high > page_end) {
      pdf.next_page();
      y = margin;
    }
    y += pdf.paragraph("P", text, margin, y, inner, note) + 8;
  }
}

}  // namespace

std::string ticket_pdf(const TicketDocument& ticket) {
  return tickets_pdf({&ticket, 1}, ticket.title);
}

std::string tickets_pdf(std::span<const TicketDocument> tickets, std::string_view title) {
  const TicketDocument& first = tickets.front();
  PdfDocument pdf({first.language, std::string(title), first.conference_name, first.created_at});
  for (const TicketDocument& ticket : tickets) {
    if (&ticket != &first) pdf.next_page();
    draw_ticket(pdf, ticket);
  }
  return pdf.finish();
}

}  // namespace plenary::documents
