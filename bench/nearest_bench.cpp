/// nearest_bench COUNT SECONDS: how long the ten nearest of so many vectors of 384 numbers take, as numbers in JSON.
/// bench/run makes a table of them.

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "adapters/highway/vector_index.hpp"
#include "core/base/rng.hpp"
#include "core/similar/embedding.hpp"

namespace {

using namespace holdfast;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kDimension = 384;
constexpr std::size_t kWanted = 10;

std::vector<float> some_vector(Rng& rng) {
  std::vector<float> vector(kDimension);
  for (float& value : vector) value = static_cast<float>(rng.below(20'001)) / 10'000.0F - 1.0F;
  similar::normalise(vector);
  return vector;
}

double resident_mb() {
  std::ifstream lines{"/proc/self/status"};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

double asked_once(HighwayIndex& index, std::vector<float> to) {
  asio::io_context io;
  const auto start = Steady::now();
  auto found = asio::co_spawn(io, index.nearest(std::move(to), kWanted), asio::use_future);
  io.run();
  const auto nearest = found.get();
  const double took = std::chrono::duration<double, std::milli>(Steady::now() - start).count();
  return nearest.empty() ? -1 : took;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto count = std::strtoull(argv[1], nullptr, 10);
  const double seconds = std::strtod(argv[2], nullptr);
  asio::thread_pool pool{1};
  HighwayIndex index{&pool};
  Rng rng{1};
  const double before = resident_mb();
  for (std::uint64_t id = 1; id <= count; ++id) {
    if (!index.add(id, similar::to_halves(some_vector(rng)))) return 1;
  }
  const double memory = resident_mb() - before;
  std::vector<double> times;
  const auto end = Steady::now() + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
  while (times.size() < 100 || Steady::now() < end) times.push_back(asked_once(index, some_vector(rng)));
  std::ranges::sort(times);
  std::printf("{\"median_ms\":%.4f,\"p99_ms\":%.4f,\"resident_mb\":%.1f}\n", times[times.size() / 2],
              times[times.size() * 99 / 100], memory);
  return times.front() < 0 ? 1 : 0;
}
