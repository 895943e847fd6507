#include "adapters/sqlite/job_rows.hpp"
#include "adapters/sqlite/lanes.hpp"

namespace holdfast::sqlite {
namespace {

Result<void> put_user(Database& database, const User& user) {
  return database.run("INSERT INTO users VALUES(?1, ?2, ?3, ?4) ON CONFLICT(name) DO NOTHING", user.name,
                      user.superuser, user.password_hash, to_ms(user.created_at));
}

Result<std::optional<User>> user_named(Database& database, const std::string& name) {
  HF_TRY(
      auto found,
      database.query("SELECT name, superuser, password_hash, created_at FROM users WHERE name = ?1", name));
  HF_TRY(const bool row, found.step());
  if (!row) return std::optional<User>{};
  return std::optional{User{.name = found.text(0),
                            .superuser = found.integer(1) != 0,
                            .password_hash = found.text(2),
                            .created_at = from_ms(found.integer(3))}};
}

class SqliteAccountStore final : public AccountStore {
 public:
  explicit SqliteAccountStore(std::shared_ptr<Lanes> lanes) : lanes_{std::move(lanes)} {}

  Task<Result<void>> add_user(User user) override {
    auto work = [user = std::move(user)](Database& database) { return put_user(database, user); };
    return lanes_->write<void>(std::move(work));
  }
  Task<Result<std::optional<User>>> find_user(std::string name) override {
    auto work = [name = std::move(name)](Database& database) { return user_named(database, name); };
    return lanes_->read<std::optional<User>>(std::move(work));
  }

 private:
  std::shared_ptr<Lanes> lanes_;
};

}  // namespace

std::unique_ptr<AccountStore> make_account_store(std::shared_ptr<Lanes> lanes) {
  return std::make_unique<SqliteAccountStore>(std::move(lanes));
}

}  // namespace holdfast::sqlite
