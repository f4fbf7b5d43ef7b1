// What a new document will say, made of an order's lines; nothing is numbered or written here. Private to the
// room. Pure; any thread. source: taxes and invoices 25, 4.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "domain/conference/types.hpp"
#include "domain/invoicing/store.hpp"
#include "domain/invoicing/types.hpp"

namespace plenary::invoicing {

struct Draft {
  DocumentKind kind = DocumentKind::invoice;
  std::optional<Id> corrects_id;
  std::vector<Line> lines;
  std::vector<store::Cover> covers;  // the document's id to come
  std::int64_t gross() const;
};

// Lines that another one takes back wholly are left out with it, those taken back in part are said with what
// is left. `sign` -1: amounts and quantities turned round.
std::vector<Line> printed_lines(std::span<const registration::OrderLine* const> lines, int sign,
                                std::span<const std::pair<Id, std::string>> accounts);
std::vector<TaxSum> tax_sums(std::span<const Line> lines);

// The documents that bring an order's documents up to what it is. `wanted`: whether a line is to be said by
// them; covers: as they are. None: nothing is to be issued.
struct Standing {
  std::span<const registration::OrderLine> lines;
  std::span<const Document> documents;
  std::span<const store::Cover> covers;
  std::span<const std::pair<Id, std::string>> accounts;
  bool is_void = false;    // nothing of the order is left: everything said is taken back
  bool says_anew = false;  // a correction: everything is taken back and said again
};
std::vector<Draft> drafts(const Standing& standing);

}  // namespace plenary::invoicing
