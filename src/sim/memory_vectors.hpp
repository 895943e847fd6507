#pragma once

#include <utility>

#include "ports/vector_store.hpp"
#include "sim/memory_ledger.hpp"

namespace holdfast::sim {

/// VectorStore over a MemoryLedger that outlives it.
class MemoryVectors final : public VectorStore {
 public:
  explicit MemoryVectors(MemoryLedger& ledger) : ledger_{ledger} {}

  Task<Result<void>> put(ItemId item, std::vector<NewVector> vectors) override {
    HF_CO_TRY_VOID(check_vectors(vectors));
    co_return ledger_.put_vectors(item, std::move(vectors));
  }
  Task<Result<std::vector<StoredVector>>> load(VectorQuery query) override { co_return ledger_.vectors(query); }

 private:
  MemoryLedger& ledger_;
};

}  // namespace holdfast::sim
