#pragma once

#include "ports/session_store.hpp"
#include "sim/memory_ledger.hpp"

namespace holdfast::sim {

/// SessionStore over a MemoryLedger that outlives it.
class MemorySessions final : public SessionStore {
 public:
  explicit MemorySessions(const MemoryLedger& ledger) : ledger_{ledger} {}

  Task<Result<std::vector<MemorySession>>> sessions(SessionQuery query) override;
  Task<Result<std::optional<MemorySession>>> session(ItemId item) override;
  Task<Result<std::vector<OwnedExtraction>>> extractions(ExtractionQuery query) override;

 private:
  [[nodiscard]] MemorySession made_of(const Job& job, WallTime started_at) const;

  const MemoryLedger& ledger_;
};

}  // namespace holdfast::sim
