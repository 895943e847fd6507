#include "adapters/sqlite/lanes.hpp"
#include "adapters/sqlite/retention_rows.hpp"

namespace holdfast::sqlite {
namespace {

class SqliteRetentionStore final : public RetentionStore {
 public:
  explicit SqliteRetentionStore(std::shared_ptr<Lanes> lanes) : lanes_{std::move(lanes)} {}

  Task<Result<std::vector<std::string>>> recipes_over() override {
    return lanes_->read<std::vector<std::string>>(&sqlite::recipes_over);
  }
  Task<Result<std::vector<Job>>> over(OverQuery query) override {
    auto work = [this, query = std::move(query)](Database& database) {
      return jobs_over(database, query, lanes_->now());
    };
    return lanes_->read<std::vector<Job>>(std::move(work));
  }
  Task<Result<std::uint64_t>> count_over(OverQuery query) override {
    auto work = [this, query = std::move(query)](Database& database) {
      return sqlite::count_over(database, query, lanes_->now());
    };
    return lanes_->inspect<std::uint64_t>(std::move(work));
  }
  Task<Result<Job>> remove(ItemId id, Decide decide) override {
    auto work = [this, id = std::move(id), decide = std::move(decide)](Database& database) {
      return remove_job(database, id, decide, lanes_->now());
    };
    return lanes_->write<Job>(std::move(work));
  }
  Task<Result<Pruned>> prune(PruneRequest request) override {
    auto work = [this, request](Database& database) { return sqlite::prune(database, request, lanes_->now()); };
    return request.only_count ? lanes_->inspect<Pruned>(std::move(work)) : lanes_->write<Pruned>(std::move(work));
  }
  Task<Result<std::size_t>> give_back(unsigned pages_max) override {
    auto work = [pages_max](Database& database) { return sqlite::give_back(database, pages_max); };
    return lanes_->write<std::size_t>(std::move(work), Haste::deferred);
  }

 private:
  std::shared_ptr<Lanes> lanes_;
};

}  // namespace

std::unique_ptr<RetentionStore> make_retention_store(std::shared_ptr<Lanes> lanes) {
  return std::make_unique<SqliteRetentionStore>(std::move(lanes));
}

}  // namespace holdfast::sqlite
