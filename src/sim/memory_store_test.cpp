#include "sim/memory_store.hpp"
#include "sim/memory_sessions.hpp"
#include "sim/memory_vectors.hpp"

#include <boost/asio/co_spawn.hpp>

#include "tests/contract/job_store_contract.hpp"
#include "sim/called_retention.hpp"
#include "tests/contract/retention_store_contract.hpp"
#include "tests/contract/session_store_contract.hpp"
#include "tests/contract/state_store_contract.hpp"
#include "tests/contract/vector_store_contract.hpp"

namespace holdfast {
namespace {

/// The simulated store keeps the same promises as every other one: a fake that is not held to them proves
/// nothing.
class MemoryBackend {
 public:
  MemoryBackend() {
    ledger_.now = [this] { return now_; };
  }
  JobStore& store() { return store_; }
  StateStore& states() { return states_; }
  RetentionStore& retention() { return retention_; }
  SessionStore& sessions() { return sessions_; }
  VectorStore& vectors() { return vectors_; }
  void reopen() {}  // the ledger is what survives; a store has nothing else
  void set_now(WallTime now) { now_ = now; }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    asio::co_spawn(io_, std::move(task), [&answer](std::exception_ptr bug, T value) {
      if (!bug) answer = std::move(value);
    });
    while (!answer) {
      io_.restart();
      io_.poll();
      timeline_.wake_one(timeline_.next());
    }
    return std::move(*answer);
  }

 private:
  asio::io_context io_{1};
  sim::Timeline timeline_{1};
  sim::SimClock clock_{io_, timeline_, 0};
  Rng rng_{1};
  sim::StoreFaults faults_;
  sim::MemoryLedger ledger_;
  sim::MemoryStore store_{ledger_, clock_, rng_, faults_};
  sim::MemorySessions sessions_{ledger_};
  sim::MemoryVectors vectors_{ledger_};
  sim::MapStates::Documents documents_;
  sim::CalledStates states_{std::make_unique<sim::MapStates>(documents_), sim::StoreCalls{clock_, rng_, faults_}};
  sim::CalledRetention retention_{std::make_unique<sim::LedgerRetention>(ledger_),
                                  sim::StoreCalls{clock_, rng_, faults_}};
  WallTime now_{};
};

}  // namespace

namespace contract {
HF_JOB_STORE_CONTRACT(Memory, MemoryBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StateStoreContract, MemoryBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, RetentionStoreContract, MemoryBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, SessionStoreContract, MemoryBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, VectorStoreContract, MemoryBackend);
}  // namespace contract

}  // namespace holdfast
