// A conference site with a page of its own: the hotels near the venue. What it adds to Plenary, for main.cpp
// and the tests.
#pragma once

#include <plenary/plenary.hpp>

namespace hotels {

plenary::Extensions extensions();

}  // namespace hotels
