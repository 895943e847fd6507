#pragma once

#include <map>
#include <memory>
#include <utility>

#include "ports/state_store.hpp"
#include "sim/store_calls.hpp"

namespace holdfast::sim {

/// Documents on a plain map, which outlives it: what StateStore promises, without waiting, failing or forgetting.
class MapStates final : public StateStore {
 public:
  using Documents = std::map<std::string, std::string>;
  explicit MapStates(Documents& documents) : documents_{documents} {}

  Task<Result<void>> keep(std::string name, std::string json) override {
    if (json.size() > kDocumentMax) co_return fail(ErrorClass::invalid, "HF-REQ-02", "the document is too long");
    documents_.insert_or_assign(std::move(name), std::move(json));
    co_return Result<void>{};
  }
  Task<Result<void>> forget(std::string name) override {
    documents_.erase(name);
    co_return Result<void>{};
  }
  Task<Result<std::optional<std::string>>> kept(std::string name) override {
    const auto found = documents_.find(name);
    co_return found == documents_.end() ? std::optional<std::string>{} : std::optional{found->second};
  }
  Task<Result<Documents>> kept_under(std::string prefix) override {
    Documents found;
    for (auto at = documents_.lower_bound(prefix); at != documents_.end() && at->first.starts_with(prefix); ++at)
      found.insert(*at);
    co_return found;
  }

 private:
  Documents& documents_;
};

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
