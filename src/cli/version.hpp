// The program's version, as CMake's project() says it.
#pragma once

namespace plenary::cli {

inline constexpr const char* version = PLENARY_VERSION;

}  // namespace plenary::cli
