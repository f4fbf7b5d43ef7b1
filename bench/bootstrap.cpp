// bootstrap_conference as people wait for it: the release binary as a process of its own, from start to end,
// beside its budgets. `bench_bootstrap [PLENARY]`: the binary; by default the one beside this program's
// folder. source: design 7; issue of the administration: the example file in 100 ms, 2,500 products in 2 s.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace {

namespace fs = std::filesystem;
using Milliseconds = std::chrono::duration<double, std::milli>;

fs::path plenary, source = PLENARY_SOURCE_DIR;

// The command in `folder`; its output is thrown away. How long it took, or an end of the program.
double run(const fs::path& folder, std::vector<std::string> arguments) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chdir(folder.c_str()) != 0) ::_exit(9);
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(::open("errors", O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    std::vector<char*> words{const_cast<char*>(plenary.c_str())};
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    ::execv(plenary.c_str(), words.data());
    ::_exit(9);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const double took = Milliseconds(std::chrono::steady_clock::now() - begin).count();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::cerr << std::ifstream(folder / "errors").rdbuf();
    std::exit(1);
  }
  return took;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void report(const char* what, double took, double budget) {
  std::cout << fmt::format("  {:<66} {:>8.1f} ms   budget {:>6.0f} ms  {}\n", what, took, budget,
                           took <= budget ? "met" : "MISSED");
}

void write_large(const fs::path& file) {
  std::ofstream out(file);
  out << "[conference]\nname = \"Large\"\nstart = 2027-05-14\nend = 2027-05-22\ntimezone = "
         "\"Europe/Berlin\"\n"
         "[[conference.sections]]\nname = \"Talks\"\nstart = 2027-05-14\nend = 2027-05-22\n";
  for (int i = 0; i < 500; ++i) {
    out << fmt::format(
        "[[conference.tickets]]\nname = \"Ticket {}\"\nprice = {}.50\nquantity = 100\n"
        "available = {{ opens = 2026-01-01, closes = 2027-05-13 }}\n",
        i, i);
  }
  for (int i = 0; i < 2000; ++i) {
    out << fmt::format(
        "[[conference.addons]]\nname = \"Add-on {}\"\nprice = 5.00\nquantity = 10\n"
        "requires = [\"ticket-{}\", \"ticket-{}\"]\n",
        i, i % 500, (i + 7) % 500);
  }
}

// `url`: empty for SQLite in the folder.
void measure(const char* engine, const std::string& url) {
  std::cout << engine << '\n';
  constexpr int rounds = 9;
  std::vector<double> fresh, migrated, dry;
  const auto folder_for = [&](int i) {
    const fs::path folder = fs::temp_directory_path() / fmt::format("plenary-bench-{}-{}", ::getpid(), i);
    fs::remove_all(folder);
    fs::create_directory(folder);
    if (!url.empty()) std::ofstream(folder / "plenary.toml") << "[database]\nurl = \"" << url << "\"\n";
    fs::copy_file(source / "conference.example.toml", folder / "conference.toml");
    return folder;
  };
  const std::vector<std::string> create{"bootstrap_conference", "--config", "conference.toml"};
  for (int i = 0; i < rounds; ++i) {
    const fs::path folder = folder_for(i);
    if (url.empty()) fresh.push_back(run(folder, create));
    if (url.empty()) fs::remove(folder / "plenary.db");
    if (url.empty()) fs::remove(folder / "plenary.db-wal");
    if (url.empty()) fs::remove(folder / "plenary.db-shm");
    run(folder, {"migrate"});
    if (!url.empty()) {
      // One database for all rounds: each makes a conference of its own.
      std::ifstream in(folder / "conference.toml");
      std::string text{std::istreambuf_iterator<char>(in), {}};
      in.close();
      text.replace(text.find("slug = \"plenary-demo\""), 21, fmt::format("slug = \"demo-{}\"", i));
      std::ofstream(folder / "conference.toml") << text;
    }
    dry.push_back(run(folder, {"bootstrap_conference", "--config", "conference.toml", "--dry-run"}));
    migrated.push_back(run(folder, create));
    fs::remove_all(folder);
  }
  if (!fresh.empty())
    report("example file, empty folder: the database is made and migrated too", median(fresh), 100);
  report("example file, migrated database", median(migrated), 100);
  report("example file, --dry-run", median(dry), 100);
  const fs::path folder = folder_for(rounds);
  run(folder, {"migrate"});
  write_large(folder / "large.toml");
  report("500 tickets and 2,000 add-ons, created",
         run(folder, {"bootstrap_conference", "--config", "large.toml"}), 2000);
  report("the same, --dry-run --update",
         run(folder, {"bootstrap_conference", "--config", "large.toml", "--dry-run", "--update"}), 2000);
  report("the same, --update without a change",
         run(folder, {"bootstrap_conference", "--config", "large.toml", "--update"}), 2000);
  report("the same, exported", run(folder, {"export_conference", "large"}), 2000);
  fs::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  plenary = argc > 1 ? fs::absolute(argv[1]) : fs::absolute(fs::path(argv[0])).parent_path() / "plenary";
  while (!fs::exists(plenary) && plenary.parent_path() != plenary.root_path() && argc <= 1)
    plenary = plenary.parent_path().parent_path() / "plenary";
  if (!fs::exists(plenary)) {
    std::cerr << "bench_bootstrap: no plenary beside this program; give its path\n";
    return 2;
  }
  std::cout << "bootstrap_conference, process start to end, median of 9\n";
  measure("SQLite", "");
  // A durable server: `./dev bench` starts one.
  if (const char* url = std::getenv("PLENARY_TEST_POSTGRES")) measure("PostgreSQL", url);
  return 0;
}
