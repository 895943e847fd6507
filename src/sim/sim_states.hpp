#pragma once

#include "ports/state_store.hpp"

namespace holdfast::sim {

/// What servers keep over a restart, in memory. It outlives them.
using KeptStates = std::map<std::string, std::string>;

class SimStates final : public StateStore {
 public:
  explicit SimStates(KeptStates& kept) : kept_{kept} {}

  Task<Result<void>> keep(std::string name, std::string json) override {
    if (json.size() > kDocumentMax) co_return fail(ErrorClass::invalid, "HF-REQ-02", "the document is too long");
    kept_.insert_or_assign(std::move(name), std::move(json));
    co_return Result<void>{};
  }
  Task<Result<void>> forget(std::string name) override {
    kept_.erase(name);
    co_return Result<void>{};
  }
  Task<Result<std::optional<std::string>>> kept(std::string name) override {
    const auto found = kept_.find(name);
    co_return found != kept_.end() ? std::optional{found->second} : std::nullopt;
  }
  Task<Result<KeptStates>> kept_under(std::string prefix) override {
    KeptStates under;
    for (auto at = kept_.lower_bound(prefix); at != kept_.end() && at->first.starts_with(prefix); ++at)
      under.insert(*at);
    co_return under;
  }

 private:
  KeptStates& kept_;
};

}  // namespace holdfast::sim
