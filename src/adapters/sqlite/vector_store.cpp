#include <utility>

#include "adapters/sqlite/lanes.hpp"
#include "adapters/sqlite/vector_rows.hpp"

namespace holdfast::sqlite {
namespace {

class SqliteVectorStore final : public VectorStore {
 public:
  explicit SqliteVectorStore(std::shared_ptr<Lanes> lanes) : lanes_{std::move(lanes)} {}

  Task<Result<void>> put(ItemId item, std::vector<NewVector> vectors) override {
    HF_CO_TRY_VOID(check_vectors(vectors));
    auto work = [this, item = std::move(item), vectors = std::move(vectors)](Database& database) {
      return put_vectors(database, item, vectors, lanes_->now());
    };
    co_return co_await lanes_->write<void>(std::move(work));
  }
  Task<Result<std::vector<StoredVector>>> load(VectorQuery query) override {
    auto work = [query = std::move(query)](Database& database) { return load_vectors(database, query); };
    return lanes_->read<std::vector<StoredVector>>(std::move(work));
  }

 private:
  std::shared_ptr<Lanes> lanes_;
};

}  // namespace

std::unique_ptr<VectorStore> make_vector_store(std::shared_ptr<Lanes> lanes) {
  return std::make_unique<SqliteVectorStore>(std::move(lanes));
}

}  // namespace holdfast::sqlite
