// What an invoice or a credit note says, in its own language: its snapshot turned into texts, for the PDF and
// for the page that shows the same. Every word comes from the translations, every figure from the snapshot.
// Pure; any thread; `invoice_pdf` is slow. Errors: std::runtime_error for a snapshot that cannot be read.
// source: taxes and invoices 25, 4; ground rules 15, 3.2 and 4.7.
#pragma once

#include <string>

#include "documents/invoice.hpp"
#include "domain/invoicing/types.hpp"

namespace plenary::mail {

documents::InvoiceDocument invoice_document(const invoicing::Document& document);
// For invoicing::keep_file: rendered there once and never again.
std::string invoice_pdf(const invoicing::Document& document);
// "PY27-00001.pdf", fit for a header and every file system.
std::string invoice_file_name(const invoicing::Document& document);
// "Invoice" or "Credit note" in a language.
std::string kind_name(std::string_view language, invoicing::DocumentKind kind);

}  // namespace plenary::mail
