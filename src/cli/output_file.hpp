// A file that a command writes for people. It appears whole or not at all, so that whoever overwrites one
// keeps the old one when the disk is full. Any thread. Errors: CommandFailed, with what to do.
#pragma once

#include <filesystem>
#include <string>

namespace plenary::cli {

enum class Readable { as_usual, by_owner };  // by_owner: it may hold secrets

void write_output(const std::filesystem::path& output, const std::string& text, bool overwrite,
                  Readable readable);

}  // namespace plenary::cli
