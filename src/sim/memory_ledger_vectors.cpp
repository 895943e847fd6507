#include <algorithm>

#include "ports/session_store.hpp"
#include "sim/memory_ledger.hpp"

namespace holdfast::sim {

Result<void> MemoryLedger::put_vectors(const ItemId& id, std::vector<NewVector> made) {
  const auto has_result = [&](const NewVector& one) {
    const auto found = results_.find(id);
    const auto of_stage = [&](const StoredResult& result) { return result.stage == one.stage; };
    return found != results_.end() && std::ranges::any_of(found->second, of_stage);
  };
  if (!jobs_.contains(id) || !std::ranges::all_of(made, has_result))
    return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such result any more");
  auto& there = vectors_[id];
  for (NewVector& one : made) {
    std::erase_if(there, [&](const StoredVector& old) {
      return old.made.space == one.space && old.made.stage == one.stage && old.made.subject == one.subject;
    });
    there.push_back({.id = ++last_vector_,
                     .item = id,
                     .owner = jobs_.at(id).owner,
                     .made_at = now(),
                     .made = std::move(one)});
  }
  return {};
}

void MemoryLedger::drop_vectors(const ItemId& id, const std::string& stage) {
  std::erase_if(vectors_[id], [&](const StoredVector& old) { return old.made.stage == stage; });
}

bool MemoryLedger::has_vector(const ItemId& id, const StoredExtraction& of, const std::string& model) const {
  const auto stored = vectors_.find(id);
  return stored != vectors_.end() && std::ranges::any_of(stored->second, [&](const StoredVector& one) {
           return one.made.space == kMemorySpace && one.made.stage == of.stage &&
                  one.made.subject == std::to_string(of.id) && (model.empty() || one.made.model == model);
         });
}

std::vector<StoredVector> MemoryLedger::vectors(const VectorQuery& query) const {
  std::vector<StoredVector> found;
  for (const auto& [id, stored] : vectors_) {
    for (const StoredVector& one : stored) {
      const bool compared = one.made.space == query.space && one.made.model == query.model;
      const bool theirs = query.owner.empty() || one.owner == query.owner;
      if (compared && theirs && one.id > query.after) found.push_back(one);
    }
  }
  std::ranges::sort(found, {}, &StoredVector::id);
  if (found.size() > query.limit) found.resize(query.limit);
  return found;
}

}  // namespace holdfast::sim
