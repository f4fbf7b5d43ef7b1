#include "house/layers.hpp"

#include <fstream>
#include <regex>
#include <sstream>

namespace plenary::house {
namespace fs = std::filesystem;

namespace {

bool is_source(const fs::path& path) {
  return path.extension() == ".cpp" || path.extension() == ".hpp";
}

template <class OnInclude>
void each_include(const fs::path& src, OnInclude on_include) {
  static const std::regex include(R"(^\s*#\s*include\s*["<]([^">]+)[">])");
  for (const auto& entry : fs::recursive_directory_iterator(src)) {
    if (!entry.is_regular_file() || !is_source(entry.path())) continue;
    const std::string file = fs::relative(entry.path(), src).generic_string();
    std::ifstream in(entry.path());
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      std::smatch match;
      if (std::regex_search(line, match, include)) on_include(file, number, match[1].str());
    }
  }
}

}  // namespace

RoomTable read_rooms(const fs::path& rooms_file) {
  RoomTable rooms;
  std::ifstream in(rooms_file);
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    const auto colon = line.find(':');
    const auto bar = line.find('|');
    std::istringstream deps(line.substr(colon + 1, bar - colon - 1));
    auto& allowed = rooms[line.substr(0, colon)];
    for (std::string dep; deps >> dep;) allowed.insert(dep);
  }
  return rooms;
}

std::string room_of(const RoomTable& rooms, const std::string& path) {
  std::string folder = path;
  while (true) {
    const auto slash = folder.rfind('/');
    if (slash == std::string::npos) return {};
    folder.resize(slash);
    if (rooms.contains(folder)) return folder;
  }
}

std::vector<std::string> violations(const RoomTable& rooms, const fs::path& src) {
  std::vector<std::string> found;
  each_include(src, [&](const std::string& file, int line, const std::string& included) {
    const std::string from = room_of(rooms, file);
    if (from.empty()) {
      found.push_back(file + ": lies in no room of src/rooms.txt");
      return;
    }
    const std::string to = room_of(rooms, included);
    if (to.empty() || !fs::exists(src / included)) return;  // a library's header
    if (to == from) return;
    if (rooms.at(from).contains(to)) {
      // Domain rooms meet through their public headers, never through each other's stores.
      if (fs::path(included).stem() == "store")
        found.push_back(file + ":" + std::to_string(line) + ": the store of room " + to + " is its own (" +
                        included + ")");
      return;
    }
    found.push_back(file + ":" + std::to_string(line) + ": room " + from + " may not include room " + to +
                    " (" + included + ")");
  });
  return found;
}

std::vector<std::string> heavy_headers(const fs::path& src) {
  static const std::regex heavy(R"(^(boost/(asio|beast)|soci|nlohmann|rapidcheck))");
  std::vector<std::string> found;
  each_include(src, [&](const std::string& file, int line, const std::string& included) {
    // A header ending in _impl.hpp is private to the .cpp files of its own room.
    const bool is_private = file.size() > 9 && file.ends_with("_impl.hpp");
    if (file.ends_with(".hpp") && !is_private && std::regex_search(included, heavy))
      found.push_back(file + ":" + std::to_string(line) + ": " + included + " in a header others include");
  });
  return found;
}

}  // namespace plenary::house
