// Reads src/rooms.txt and holds every #include below src/ against it.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace plenary::house {

// Room path → the rooms it may include directly (itself is always allowed).
using RoomTable = std::map<std::string, std::set<std::string>>;

RoomTable read_rooms(const std::filesystem::path& rooms_file);
// The room that owns a path below src/: the longest declared prefix. Empty when none does.
std::string room_of(const RoomTable& rooms, const std::string& path_below_src);
// One line for each include of a room that is not declared: "file:line: room a may not include room b (…)".
std::vector<std::string> violations(const RoomTable& rooms, const std::filesystem::path& src);

// Libraries whose headers must not be seen through somebody else's header, and the rooms that may use them at
// all.
std::vector<std::string> heavy_headers(const std::filesystem::path& src);

}  // namespace plenary::house
