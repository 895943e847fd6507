#pragma once

#include <memory>

#include "sim/map_states.hpp"
#include "sim/store_calls.hpp"

namespace holdfast::sim {

/// A StateStore with the simulator's delays and faults around its calls.
class CalledStates final : public StateStore {
 public:
  CalledStates(std::unique_ptr<StateStore> states, StoreCalls calls) : states_{std::move(states)}, calls_{calls} {}

  Task<Result<void>> keep(std::string name, std::string json) override {
    return calls_.call<void>([=, this] { return states_->keep(name, json); });
  }
  Task<Result<void>> forget(std::string name) override {
    return calls_.call<void>([=, this] { return states_->forget(name); });
  }
  Task<Result<std::optional<std::string>>> kept(std::string name) override {
    return calls_.call<std::optional<std::string>>([=, this] { return states_->kept(name); });
  }
  Task<Result<std::map<std::string, std::string>>> kept_under(std::string prefix) override {
    return calls_.call<std::map<std::string, std::string>>([=, this] { return states_->kept_under(prefix); });
  }

 private:
  std::unique_ptr<StateStore> states_;
  StoreCalls calls_;
};

}  // namespace holdfast::sim
