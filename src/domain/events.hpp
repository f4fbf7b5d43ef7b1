// The one visible place where rooms that need each other's events are connected: who hears of what. Called
// once at start, before the first transaction, by whoever runs the shop (the server, commands, tests); again
// is harmless. source: design, 2.
#pragma once

namespace plenary::domain {

void connect_rooms();

}  // namespace plenary::domain
