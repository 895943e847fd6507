#include "sim/map_cache.hpp"

#include "tests/contract/cache_contract.hpp"
#include "tests/contract/simulated_cache_backend.hpp"

namespace holdfast::contract {
namespace {

class MapBackend : public SimulatedCacheBackend {
 public:
  Cache& cache() { return cache_; }

 private:
  sim::MapCache cache_{clock_};
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, CacheContract, MapBackend);

}  // namespace holdfast::contract
