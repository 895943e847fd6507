#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "ports/state_store.hpp"

namespace holdfast::sim {

/// Documents on a plain map, which outlives it: what StateStore promises, without waiting or forgetting. For the
/// simulator and for every test that wants a StateStore.
class MapStates final : public StateStore {
 public:
  using Documents = std::map<std::string, std::string>;
  explicit MapStates(Documents& documents) : documents_{documents} {}

  Task<Result<void>> keep(std::string name, std::string json) override {
    if (error) co_return std::unexpected{*error};
    if (json.size() > kDocumentMax) co_return fail(ErrorClass::invalid, "HF-REQ-02", "the document is too long");
    documents_.insert_or_assign(std::move(name), std::move(json));
    co_return Result<void>{};
  }
  Task<Result<void>> forget(std::string name) override {
    if (error) co_return std::unexpected{*error};
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

  std::optional<Error> error{};  ///< of every call that writes

 private:
  Documents& documents_;
};

}  // namespace holdfast::sim
