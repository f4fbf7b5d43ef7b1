// How long a page takes: inheritance, 20 rows of 4 fields and 2 filters. Prints the figure beside the budget,
// and beside Django's where bench/templating_django.py has been run (it needs Python with Django).
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/embedded.hpp"
#include "templating/engine.hpp"
#include "templating/fields.hpp"

namespace {

using namespace plenary;
using namespace plenary::templating;

constexpr double budget_us = 20.0;

// The same texts as in templating_django.py.
constexpr std::string_view base_html =
    "<!DOCTYPE html><html><head><title>{% block title %}Plenary{% endblock %}</title></head><body>"
    "<nav>{% for link in links %}<a href=\"{{ link }}\">{{ link }}</a>{% endfor %}</nav>"
    "{% block content %}{% endblock %}<footer>{{ conference.name }}</footer></body></html>";
constexpr std::string_view page_html =
    "{% extends \"base.html\" %}{% block title %}Tickets - {{ block.super }}{% endblock %}"
    "{% block content %}<table>{% for row in rows %}<tr class=\"{% cycle 'odd' 'even' %}\">"
    "<td>{{ row.name|upper }}</td><td>{{ row.price|floatformat:2 }}</td><td>{{ row.left }}</td>"
    "<td>{{ row.note }}</td></tr>{% endfor %}</table>{% endblock %}";

struct Row {
  std::string name;
  Decimal price;
  int left;
  std::string note;
};
constexpr Field<Row> row_fields[] = {
    {"name", [](const Row& r) { return Value::borrowed(r.name); }},
    {"price", [](const Row& r) { return Value(r.price); }},
    {"left", [](const Row& r) { return Value(r.left); }},
    {"note", [](const Row& r) { return Value::borrowed(r.note); }},
};

struct Page {
  EmbeddedTree tree{{{"base.html", base_html}, {"page.html", page_html}}};
  std::vector<Row> rows;
  std::vector<std::string> links = {"/", "/tickets/", "/schedule/", "/sponsors/"};
  Engine engine{[this] {
    EngineOptions options;
    options.embedded = &tree;
    return options;
  }()};

  Page() {
    for (int i = 0; i < 20; ++i) {
      rows.push_back({fmt::format("Ticket type {}", i), Decimal::scaled(10000 + i * 250, 2), 100 - i,
                      "Early bird & friends <only>"});
    }
  }

  void fill(Context& context) const {
    std::vector<Value> values;
    for (const std::string& link : links) values.push_back(Value::borrowed(link));
    context.set("links", Value::list(std::move(values)));
    context.set("conference", Value::dict({{"name", "PyCon Plenary 2027"}}));
    context.set("rows", view_each(rows, row_fields));
  }
};

const Page& page() {
  static const Page page;
  return page;
}

void TicketPage(benchmark::State& state) {
  const Page& p = page();
  std::string out;
  for (auto _ : state) {
    Context context;
    p.fill(context);
    out.clear();
    p.engine.render("page.html", context, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK(TicketPage)->Unit(benchmark::kMicrosecond);
BENCHMARK(TicketPage)->Threads(2)->Unit(benchmark::kMicrosecond);

void CompileTicketPage(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(page().engine.compile(std::string(page_html)));
}
BENCHMARK(CompileTicketPage)->Unit(benchmark::kMicrosecond);

class WithBudget : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.benchmark_name() == "TicketPage") measured = run.GetAdjustedCPUTime();
    }
  }
  double measured = 0;
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  WithBudget reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  if (reporter.measured > 0) {
    fmt::print(
        "page with inheritance, 20 rows, 4 fields, 2 filters: {:.1f} us on one core (budget {:.0f} us)\n",
        reporter.measured, budget_us);
    std::fflush(stdout);
    // Django beside it, where it is installed: PLENARY_DJANGO_PYTHON names the interpreter.
    const char* python = std::getenv("PLENARY_DJANGO_PYTHON");
    const std::string command =
        fmt::format("{} bench/templating_django.py 2>/dev/null", python ? python : "python3");
    if (std::system(command.c_str()) != 0)
      fmt::print("Django: not here (set PLENARY_DJANGO_PYTHON to compare)\n");
  }
  return 0;
}
