// hotels_site migrate, hotels_site bootstrap_conference, hotels_site serve: every command of `plenary`, with
// the hotels in it.
#include "hotels.hpp"

int main(int argc, char** argv) {
  return plenary::main_program(argc, argv, hotels::extensions());
}
