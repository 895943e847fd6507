#pragma once

#include <gtest/gtest.h>

#include "sim/memory_store.hpp"
#include "sim/sim_blobs.hpp"
#include "tests/contract/job_store_samples.hpp"

/// For tests of a whole engine: what it stands on, in memory and on virtual time.
namespace holdfast::sim::testing {

class Dice final : public Entropy {
 public:
  std::uint64_t next() override { return rng_.next(); }

 private:
  Rng rng_{5};
};

/// `Store`: a MemoryStore, or one that looks at what is asked of it.
template <class Store = MemoryStore>
class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    ledger_.now = [this] { return clock_.wall_now(); };
  }

  asio::io_context io_{1};
  Timeline timeline_{1};
  SimClock clock_{io_, timeline_, 0};
  Rng rng_{1};
  Dice dice_;
  StoreFaults faults_;
  MemoryLedger ledger_;
  Store store_{ledger_, clock_, rng_, faults_};
  Shelf shelf_;
  SimBlobs blobs_{shelf_, clock_, dice_, rng_, milliseconds{0}};
  views::EventHub hub_{clock_};
  RecipeBook recipes_;
};

}  // namespace holdfast::sim::testing
