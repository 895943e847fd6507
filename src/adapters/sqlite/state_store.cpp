#include "adapters/sqlite/lanes.hpp"

namespace holdfast::sqlite {
namespace {

using Documents = std::map<std::string, std::string>;

Result<std::optional<std::string>> document(Database& database, const std::string& name) {
  HF_TRY(auto found, database.query("SELECT json FROM states WHERE name = ?1", name));
  HF_TRY(const bool row, found.step());
  return row ? std::optional{found.text(0)} : std::nullopt;
}

Result<Documents> documents_under(Database& database, const std::string& prefix) {
  // Names are compared byte by byte, so those that begin with the prefix stand together from it on.
  HF_TRY(auto found, database.query("SELECT name, json FROM states WHERE name >= ?1 ORDER BY name", prefix));
  Documents documents;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row || !found.view(0).starts_with(prefix)) return documents;
    documents.emplace(found.text(0), found.text(1));
  }
}

class SqliteStateStore final : public StateStore {
 public:
  explicit SqliteStateStore(std::shared_ptr<Lanes> lanes) : lanes_{std::move(lanes)} {}

  Task<Result<void>> keep(std::string name, std::string json) override {
    if (json.size() > kDocumentMax) co_return fail(ErrorClass::invalid, "HF-REQ-02", "the document is too long");
    auto work = [name = std::move(name), json = std::move(json)](Database& database) {
      return database.run("INSERT INTO states VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET json = ?2", name, json);
    };
    co_return co_await lanes_->write<void>(std::move(work));
  }
  Task<Result<void>> forget(std::string name) override {
    auto work = [name = std::move(name)](Database& database) {
      return database.run("DELETE FROM states WHERE name = ?1", name);
    };
    return lanes_->write<void>(std::move(work));
  }
  Task<Result<std::optional<std::string>>> kept(std::string name) override {
    auto work = [name = std::move(name)](Database& database) { return document(database, name); };
    return lanes_->read<std::optional<std::string>>(std::move(work));
  }
  Task<Result<Documents>> kept_under(std::string prefix) override {
    auto work = [prefix = std::move(prefix)](Database& database) { return documents_under(database, prefix); };
    return lanes_->read<Documents>(std::move(work));
  }

 private:
  std::shared_ptr<Lanes> lanes_;
};

}  // namespace

std::unique_ptr<StateStore> make_state_store(std::shared_ptr<Lanes> lanes) {
  return std::make_unique<SqliteStateStore>(std::move(lanes));
}

}  // namespace holdfast::sqlite
