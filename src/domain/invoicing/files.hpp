// The file of a document: rendered once from its snapshot, stored with its SHA-256, and handed out as stored
// from then on, whatever becomes of templates, fonts and names. Whoever renders first wins; a second one gets
// the first one's file. `keep_file` renders outside of any transaction and may block: for jobs, commands and
// the slow pool. Errors: std::runtime_error for a stored file whose hash is another by now. source: taxes and
// invoices 25, 4.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "db/database.hpp"
#include "domain/invoicing/types.hpp"

namespace plenary::invoicing {

using Render = std::function<std::string(const Document& document)>;  // the PDF's bytes

// Makes the row, hash and all, outside of a write.
StoredFile file_of(Id document_id, std::string_view bytes);
// Stores it unless there is one. True: it was the first.
bool store_file(db::Tx& tx, const StoredFile& file);
std::optional<StoredFile> find_file(db::Tx& tx, Id document_id);
// The bytes, checked against the hash.
std::string bytes_of(const StoredFile& file);

// The document's bytes: stored ones, else rendered and stored now.
std::string keep_file(db::Database& database, const Document& document, const Render& render);

std::string base64(std::string_view bytes);
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace plenary::invoicing
