#pragma once

#include <functional>

#include "ports/session_store.hpp"
#include "sim/memory_ledger.hpp"

namespace holdfast::sim {

/// SessionStore over a MemoryLedger that outlives it. What holds a word is found by comparing it with each word of each
/// text.
class MemorySessions final : public SessionStore {
 public:
  explicit MemorySessions(const MemoryLedger& ledger) : ledger_{ledger} {}

  Task<Result<std::vector<MemorySession>>> sessions(SessionQuery query) override;
  Task<Result<std::optional<MemorySession>>> session(ItemId item) override;
  Task<Result<std::vector<OwnedExtraction>>> extractions(ExtractionQuery query) override;
  Task<Result<std::vector<OwnedExtraction>>> extractions_of(std::string owner,
                                                            std::vector<std::uint64_t> ids) override;
  Task<Result<FoundTexts>> find(TextQuery query) override;
  Task<Result<std::vector<Unembedded>>> without_vector(UnembeddedQuery query) override;

 private:
  [[nodiscard]] MemorySession made_of(const Job& job, const RecordedAt& recorded) const;
  /// Other sessions of the owner with the same file, oldest first.
  [[nodiscard]] std::vector<ItemId> same_recording(const Job& job) const;
  [[nodiscard]] bool is_repeated(const Job& job, const std::function<bool(const Job&)>& tells) const;
  [[nodiscard]] OwnedExtraction owned(const Job& job, StoredExtraction stored) const;
  /// Of an owner; those of a recording that is there again are left out.
  [[nodiscard]] std::vector<OwnedExtraction> all_of(const std::string& owner) const;
  [[nodiscard]] std::vector<SaidText> said_by(const std::string& owner) const;

  const MemoryLedger& ledger_;
};

}  // namespace holdfast::sim
