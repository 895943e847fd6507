#include <utility>

#include "adapters/sqlite/lanes.hpp"
#include "adapters/sqlite/memory_rows.hpp"
#include "adapters/sqlite/search_rows.hpp"

namespace holdfast::sqlite {
namespace {

class SqliteSessionStore final : public SessionStore {
 public:
  explicit SqliteSessionStore(std::shared_ptr<Lanes> lanes) : lanes_{std::move(lanes)} {}

  Task<Result<std::vector<MemorySession>>> sessions(SessionQuery query) override {
    auto work = [query = std::move(query)](Database& database) { return list_sessions(database, query); };
    return lanes_->read<std::vector<MemorySession>>(std::move(work));
  }
  Task<Result<std::optional<MemorySession>>> session(ItemId item) override {
    auto work = [item = std::move(item)](Database& database) { return load_session(database, item); };
    return lanes_->read<std::optional<MemorySession>>(std::move(work));
  }
  Task<Result<std::vector<OwnedExtraction>>> extractions(ExtractionQuery query) override {
    auto work = [query = std::move(query)](Database& database) { return list_extractions(database, query); };
    return lanes_->read<std::vector<OwnedExtraction>>(std::move(work));
  }
  Task<Result<std::vector<OwnedExtraction>>> extractions_of(std::string owner,
                                                            std::vector<std::uint64_t> ids) override {
    auto work = [owner = std::move(owner), ids = std::move(ids)](Database& database) {
      return load_extractions(database, owner, ids);
    };
    return lanes_->read<std::vector<OwnedExtraction>>(std::move(work));
  }
  /// A common word is in very many texts: nobody who reads something else waits behind it.
  Task<Result<FoundTexts>> find(TextQuery query) override {
    auto work = [query = std::move(query)](Database& database) { return find_texts(database, query); };
    return lanes_->inspect<FoundTexts>(std::move(work));
  }
  Task<Result<std::vector<Unembedded>>> without_vector(UnembeddedQuery query) override {
    auto work = [query = std::move(query)](Database& database) { return sqlite::without_vector(database, query); };
    return lanes_->read<std::vector<Unembedded>>(std::move(work));
  }

 private:
  std::shared_ptr<Lanes> lanes_;
};

}  // namespace

std::unique_ptr<SessionStore> make_session_store(std::shared_ptr<Lanes> lanes) {
  return std::make_unique<SqliteSessionStore>(std::move(lanes));
}

}  // namespace holdfast::sqlite
