/// holdfast-sim: the real core and flow in simulated worlds, one for each seed.

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <thread>

#include "sim/options.hpp"
#include "sim/world.hpp"

namespace {

using namespace holdfast;

constexpr const char* kHelp =
    "holdfast-sim --seeds FROM..TO | --seed N [--hours H] [--trace] [--bug NAME|list] [--threads N] "
    "[--store sqlite|memory|drawn] [--scenario NAME|list] [--json] [--coverage]\n"
    "  Runs the engine on virtual time with crashes, lost writes, dead and hung workers, repeated answers "
    "and jumping clocks,\n"
    "  and checks every promise after every step. The same seed gives the same run: --trace tells what "
    "happened.\n"
    "  --store: the real SQLite store on a simulated disk, a model in memory, or as the seed says (1 in 8 "
    "SQLite).\n"
    "  --scenario NAME: a known race, set up on purpose, instead of what the seed draws; it has its own length.\n"
    "  --coverage: how often each kind of fault, change and state was reached; --json tells it in any case.\n"
    "  --bug NAME plants a known bug that must be caught. Exit: 0 all kept, 1 a promise was broken, 2 wrong "
    "use.\n";

struct Sum {
  std::uint64_t faults = 0;
  std::uint64_t seeds = 0;
  double hours = 0;
  std::size_t acknowledged = 0;
  std::size_t completed = 0;
  std::uint64_t trace = 0;
  sim::Coverage coverage;
  std::vector<std::pair<std::uint64_t, std::string>> violations;
};

sim::Report play(std::uint64_t seed, const sim::Options& options, const sim::PlantedBugs& bugs, bool trace) {
  const auto length = milliseconds{static_cast<std::int64_t>(options.hours * 3.6e6)};
  const auto scenario = options.race != nullptr ? sim::make_race(*options.race, seed, bugs, options.store)
                                                : sim::draw_scenario(seed, length, bugs, options.store);
  if (trace) std::cout << "seed " << seed << ": " << describe(scenario) << '\n';
  sim::World world{scenario};
  return trace ? world.run([](const std::string& line) { std::cout << line << '\n'; }) : world.run(nullptr);
}

void add(Sum* sum, std::uint64_t seed, const sim::Report& report) {
  sum->seeds += 1;
  sum->faults += report.faults;
  sum->hours += report.simulated_hours;
  sum->acknowledged += report.acknowledged;
  sum->completed += report.completed;
  sum->coverage.add(report.coverage);
  sum->trace ^= report.trace * (seed | 1U);
  for (const std::string& what : report.violations) sum->violations.emplace_back(seed, what);
}

/// 1 seed in 100 is played twice: lost determinism is itself a broken promise.
bool play_twice(std::uint64_t seed) { return seed % 100 == 0; }

Sum play_all(const sim::Options& options, const sim::PlantedBugs& bugs) {
  Sum sum;
  std::mutex guard;
  std::atomic<std::uint64_t> next{options.seed_from};
  const auto worker = [&] {
    for (std::uint64_t seed = next++; seed <= options.seed_to; seed = next++) {
      auto report = play(seed, options, bugs, options.trace);
      if (play_twice(seed) && play(seed, options, bugs, false).trace != report.trace) {
        report.violations.emplace_back("two runs of this seed differ");
      }
      const std::scoped_lock lock{guard};
      add(&sum, seed, report);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::max(options.threads, 1U); ++i) threads.emplace_back(worker);
  worker();
  threads.clear();
  std::ranges::sort(sum.violations);
  return sum;
}

void print_json(const Sum& sum) {
  boost::json::array violations;
  for (const auto& [seed, what] : sum.violations) violations.push_back({{"seed", seed}, {"what", what}});
  std::cout << boost::json::object{{"seeds", sum.seeds},         {"simulated_hours", sum.hours},
                                   {"faults", sum.faults},       {"acknowledged", sum.acknowledged},
                                   {"completed", sum.completed}, {"trace", sum.trace},
                                   {"violations", violations},
                                   {"coverage", boost::json::value_from(sum.coverage.counts())}}
            << '\n';
}

/// What was never reached comes first.
void print_coverage(const sim::Coverage& coverage) {
  const auto counts = coverage.counts();
  for (const bool never : {true, false}) {
    for (const auto& [what, times] : counts) {
      if ((times == 0) == never) std::printf("%12llu  %s\n", static_cast<unsigned long long>(times), what.c_str());
    }
  }
}

void print(const Sum& sum, const sim::Options& options) {
  if (options.json) return print_json(sum);
  std::printf(
      "%llu seeds, %.0f simulated hours, %llu faults, %zu uploads acknowledged, %zu completed: %zu "
      "violations\n",
      static_cast<unsigned long long>(sum.seeds), sum.hours, static_cast<unsigned long long>(sum.faults),
      sum.acknowledged, sum.completed, sum.violations.size());
  for (const auto& [seed, what] : sum.violations) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), what.c_str());
  }
  if (options.coverage) print_coverage(sum.coverage);
}

int refuse(const std::string& what) {
  std::cerr << "holdfast-sim: " << what << '\n' << kHelp;
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options =
      sim::parse_options(std::span<const char* const>{argv + 1, static_cast<std::size_t>(argc - 1)});
  if (!options) return refuse(options.error().what());
  if (options->help) return std::cout << kHelp, 0;
  if (options->list_bugs) {
    for (const std::string_view name : sim::planted_bug_names()) std::cout << name << '\n';
    return 0;
  }
  if (options->list_races) {
    for (const sim::Race& race : sim::races()) std::cout << race.name << ": " << race.what << '\n';
    return 0;
  }
  const auto bugs = options->bug.empty() ? sim::PlantedBugs{} : sim::planted_bug(options->bug);
  if (!bugs) return refuse("there is no bug named '" + options->bug + "'");
  const Sum sum = play_all(*options, *bugs);
  print(sum, *options);
  return sum.violations.empty() ? 0 : 1;
}
