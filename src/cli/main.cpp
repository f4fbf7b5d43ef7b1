#include "cli/run.hpp"

int main(int argc, char** argv) {
  return plenary::cli::main_program(argc, argv);
}
