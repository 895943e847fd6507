#include "sim/watched_store.hpp"

#include <boost/asio/co_spawn.hpp>

#include "sim/sqlite_storage.hpp"
#include "tests/contract/job_store_contract.hpp"

namespace holdfast {
namespace {

/// The real store as a world has it, held to the same promises; whatever is opened again has been through a
/// power cut, and the witness must agree with every call.
class PowerCutBackend {
 public:
  PowerCutBackend() { open(); }
  JobStore& store() { return *store_; }
  void set_now(WallTime now) { now_ = now; }
  void reopen() {
    storage_.cut_off(sim::Death::machine);
    store_.reset();
    storage_.look_at_remains(sim::Death::machine);
    open();
  }

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
  void open() {
    const auto ready = storage_.prepare();
    ASSERT_TRUE(ready.has_value()) << ready.error().what();
    store_ = storage_.connect(clock_, [] { ADD_FAILURE() << "the store stopped"; });
  }

  asio::io_context io_{1};
  sim::Timeline timeline_{1};
  sim::SimClock clock_{io_, timeline_, 0};
  Rng rng_{1};
  sim::StoreFaults faults_;
  WallTime now_{};
  sim::SqliteStorage storage_{{rng_, faults_, [this] { return now_; }, {}},
                              {[](const sim::Commit&) {}, [](const Job&, const sim::Books&) {},
                               [](const std::string& what) { ADD_FAILURE() << what; }}};
  std::unique_ptr<JobStore> store_;
};

}  // namespace

namespace contract {
HF_JOB_STORE_CONTRACT(SqliteAfterPowerCuts, PowerCutBackend);
}  // namespace contract

}  // namespace holdfast
