#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "sim/memory_ledger.hpp"
#include "sim/store_calls.hpp"

namespace holdfast::sim {

/// RetentionStore over a MemoryLedger that outlives it, without waiting or failing.
class LedgerRetention final : public RetentionStore {
 public:
  explicit LedgerRetention(MemoryLedger& ledger) : ledger_{ledger} {}

  Task<Result<std::vector<std::string>>> recipes_over() override { co_return ledger_.recipes_over(); }
  Task<Result<std::vector<Job>>> over(OverQuery query) override { co_return ledger_.over(query); }
  Task<Result<std::uint64_t>> count_over(OverQuery query) override { co_return ledger_.count_over(query); }
  Task<Result<Job>> remove(ItemId id, Decide decide) override { co_return ledger_.remove(id, decide); }
  Task<Result<Pruned>> prune(PruneRequest request) override { co_return ledger_.prune(request); }
  Task<Result<std::size_t>> give_back(unsigned /*pages_max*/) override { co_return std::size_t{0}; }

 private:
  MemoryLedger& ledger_;
};

/// A RetentionStore with the simulator's delays and faults around its calls.
class CalledRetention final : public RetentionStore {
 public:
  /// A removal made inside the store, as RetentionStore::remove; where somebody has to hear of it.
  using Remove = std::function<Task<Result<Job>>(RetentionStore& store, ItemId id, Decide decide)>;

  CalledRetention(std::unique_ptr<RetentionStore> store, StoreCalls calls, Remove remove = &plainly)
      : store_{std::move(store)}, calls_{calls}, remove_{std::move(remove)} {}

  Task<Result<std::vector<std::string>>> recipes_over() override {
    return calls_.call<std::vector<std::string>>([this] { return store_->recipes_over(); });
  }
  Task<Result<std::vector<Job>>> over(OverQuery query) override {
    return calls_.call<std::vector<Job>>([=, this] { return store_->over(query); });
  }
  Task<Result<std::uint64_t>> count_over(OverQuery query) override {
    return calls_.call<std::uint64_t>([=, this] { return store_->count_over(query); });
  }
  Task<Result<Job>> remove(ItemId id, Decide decide) override {
    return calls_.call<Job>([=, this] { return remove_(*store_, id, decide); });
  }
  Task<Result<Pruned>> prune(PruneRequest request) override {
    return calls_.call<Pruned>([=, this] { return store_->prune(request); });
  }
  Task<Result<std::size_t>> give_back(unsigned pages_max) override {
    return calls_.call<std::size_t>([=, this] { return store_->give_back(pages_max); });
  }

 private:
  static Task<Result<Job>> plainly(RetentionStore& store, ItemId id, Decide decide) {
    return store.remove(std::move(id), std::move(decide));
  }

  std::unique_ptr<RetentionStore> store_;
  StoreCalls calls_;
  Remove remove_;
};

}  // namespace holdfast::sim
