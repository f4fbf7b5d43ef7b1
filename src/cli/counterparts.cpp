// Commands that people know from Django: they answer with what to use here, or why none is needed.
// Nothing to be done is success; something else to be run is not. source: ground rules 15, 1.2.
#include <array>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"

namespace plenary::cli {
namespace {

struct Counterpart {
  const char* name;
  const char* summary;
  const char* answer;
  int exit_code;
};

constexpr std::array<Counterpart, 4> counterparts{{
    {"runserver", "Not here: see serve",
     "The server is started with: plenary serve\nIt listens where [server] listen says, by default "
     "127.0.0.1:8000.",
     wrong_usage},
    {"collectstatic", "Not needed",
     "Not needed: static files are part of the program, compressed and with hashed names.\n"
     "Your own files go into the folder that [server] static_dir names; they win over the built-in ones.",
     done},
    {"makemigrations", "Not needed",
     "Not needed: the schema's steps come with the program. Apply them with: plenary migrate", done},
    {"shell", "Not here: see the answer",
     "There is no shell. Look at rows with the database's own client (sqlite3 or psql), change them in the "
     "data admin\n"
     "at /admin/, and see what else can be done from here with: plenary --help",
     wrong_usage},
}};

}  // namespace

void add_counterparts(CLI::App& app, Context& context) {
  for (const Counterpart& counterpart : counterparts) {
    CLI::App* command = app.add_subcommand(counterpart.name, counterpart.summary)->group("From Django");
    command->prefix_command()->fallthrough(false);  // whatever options and arguments it had there
    command->callback([&context, &counterpart] {
      context.action = [&context, &counterpart] {
        (counterpart.exit_code == done ? context.out : context.err) << counterpart.answer << '\n';
        return counterpart.exit_code;
      };
    });
  }
}

}  // namespace plenary::cli
