// The templates and static files built into the program, by their path below templates/ and static/. Any
// thread.
#pragma once

#include "base/embedded.hpp"

namespace plenary {

const EmbeddedTree& embedded_templates();
const EmbeddedTree& embedded_static();

}  // namespace plenary
