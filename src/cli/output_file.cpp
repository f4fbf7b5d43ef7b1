#include "cli/output_file.hpp"

#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "cli/commands.hpp"

namespace plenary::cli {

void write_output(const std::filesystem::path& output, const std::string& text, bool overwrite,
                  Readable readable) {
  if (std::filesystem::exists(output) && !overwrite) {
    throw CommandFailed(fmt::format("{} is there already; name another file, or add --force to overwrite it.",
                                    output.string()));
  }
  const std::filesystem::path part = output.string() + ".part";
  std::error_code error;
  std::filesystem::remove(part, error);  // of an earlier attempt, with whatever rights it had
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    if (out && readable == Readable::by_owner) {
      using std::filesystem::perms;
      std::filesystem::permissions(part, perms::owner_read | perms::owner_write, error);
    }
    if (!error) out << text << std::flush;
    if (!out || error)
      throw CommandFailed(fmt::format("{} cannot be written; is the folder there?", part.string()));
  }
  std::filesystem::rename(part, output, error);
  if (error) throw CommandFailed(fmt::format("{} cannot be written: {}.", output.string(), error.message()));
}

}  // namespace plenary::cli
