#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "ports/session_store.hpp"

namespace holdfast::web::testing {

/// For tests: sessions and extractions as a test puts them in, each in the order in which a store gives them.
class FakeSessions final : public SessionStore {
 public:
  Task<Result<std::vector<MemorySession>>> sessions(SessionQuery query) override {
    std::vector<MemorySession> found;
    bool beyond = !query.after;
    for (const MemorySession& session : kept) {
      if (beyond && session.owner == query.owner && found.size() < query.limit) found.push_back(session);
      beyond = beyond || session.item == query.after->item;
    }
    co_return found;
  }
  Task<Result<std::optional<MemorySession>>> session(ItemId item) override {
    const auto found = std::ranges::find(kept, item, &MemorySession::item);
    co_return found == kept.end() ? std::optional<MemorySession>{} : std::optional{*found};
  }
  Task<Result<std::vector<OwnedExtraction>>> extractions(ExtractionQuery query) override {
    std::vector<OwnedExtraction> found;
    for (const auto& [owner, one] : taken_out) {
      const bool wanted = owner == query.owner && one.stored.made.kind == query.kind &&
                          (query.before == 0 || one.stored.id < query.before);
      if (wanted && found.size() < query.limit) found.push_back(one);
    }
    co_return found;
  }
  Task<Result<std::vector<OwnedExtraction>>> extractions_of(std::string owner,
                                                            std::vector<std::uint64_t> ids) override {
    std::vector<OwnedExtraction> found;
    for (const std::uint64_t id : ids)
      for (const auto& [whose, one] : taken_out)
        if (whose == owner && one.stored.id == id) found.push_back(one);
    co_return found;
  }
  Task<Result<FoundTexts>> find(TextQuery query) override {
    asked = query;
    FoundTexts found;
    const auto holds = [&](const std::string& text) {
      return std::ranges::any_of(query.words, [&](const std::string& word) { return text.contains(word); });
    };
    for (const auto& [owner, one] : taken_out)
      if (owner == query.owner && holds(one.stored.made.text)) found.extractions.push_back(one);
    for (const auto& [owner, one] : said)
      if (owner == query.owner && holds(one.text)) found.segments.push_back(one);
    co_return found;
  }
  Task<Result<std::vector<Unembedded>>> without_vector(UnembeddedQuery) override {
    co_return std::vector<Unembedded>{};
  }

  TextQuery asked;  ///< by the last search
  std::vector<std::pair<std::string, SaidText>> said;  ///< with whose it is
  std::vector<MemorySession> kept;
  std::vector<std::pair<std::string, OwnedExtraction>> taken_out;  ///< with whose it is
};

}  // namespace holdfast::web::testing
