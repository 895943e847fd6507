#include "sim/sim_states.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/contract/state_store_contract.hpp"

namespace holdfast::contract {
namespace {

class SimStatesBackend {
 public:
  StateStore& states() { return *states_; }
  void reopen() { states_ = std::make_unique<sim::SimStates>(kept_); }
  template <class T>
  T run(Task<T> task) {
    asio::io_context io;
    std::optional<T> out;
    asio::co_spawn(io, std::move(task), [&out](const std::exception_ptr&, T value) { out = std::move(value); });
    io.run();
    return *std::move(out);
  }

 private:
  sim::KeptStates kept_;
  std::unique_ptr<StateStore> states_ = std::make_unique<sim::SimStates>(kept_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sim, StateStoreContract, SimStatesBackend);

}  // namespace
}  // namespace holdfast::contract
