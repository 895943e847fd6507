#include "adapters/sqlite/account_rows.hpp"
#include "adapters/sqlite/job_rows.hpp"
#include "adapters/sqlite/lanes.hpp"

namespace holdfast {
namespace {

using sqlite::Database;
using sqlite::Haste;

/// Errors: not_found HF-ACC-04, when the statement before removed nothing.
Result<void> expect_removed(Database& database, const char* what) {
  if (sqlite3_changes(database.connection()) > 0) return {};
  return fail(ErrorClass::not_found, "HF-ACC-04", what);
}

/// Empty: there is none yet.
Result<std::string> known_key(Database& database) {
  HF_TRY(auto found, database.query("SELECT value FROM meta WHERE key = 'signing_key'"));
  HF_TRY(const bool row, found.step());
  return row ? found.text(0) : std::string{};
}

Result<std::string> key_or(Database& database, const std::string& proposed) {
  HF_TRY_VOID(database.run("INSERT INTO meta VALUES('signing_key', ?1) ON CONFLICT(key) DO NOTHING", proposed));
  return known_key(database);
}

class SqliteAccountStore final : public AccountStore {
 public:
  explicit SqliteAccountStore(std::shared_ptr<sqlite::Lanes> lanes) : lanes_{std::move(lanes)} {}

  Task<Result<void>> add_user(User user) override {
    auto work = [user = std::move(user)](Database& database) { return sqlite::insert_user(database, user); };
    return lanes_->write<void>(std::move(work));
  }
  Task<Result<std::optional<User>>> find_user(std::string name) override {
    auto work = [name = std::move(name)](Database& database) { return sqlite::user_named(database, name); };
    return lanes_->read<std::optional<User>>(std::move(work));
  }
  Task<Result<std::vector<User>>> users(std::string after, unsigned limit) override {
    auto work = [after = std::move(after), limit](Database& database) {
      return sqlite::users_after(database, after, limit);
    };
    return lanes_->read<std::vector<User>>(std::move(work));
  }
  Task<Result<User>> change_user(std::string name, ChangeUser decide) override {
    auto work = [name = std::move(name), decide = std::move(decide)](Database& database) {
      return sqlite::change_user(database, name, decide);
    };
    return lanes_->write<User>(std::move(work));
  }

  Task<Result<void>> add_refresh_token(RefreshToken token, WallTime now) override {
    auto work = [token = std::move(token), now](Database& database) -> Result<void> {
      HF_TRY_VOID(database.run("DELETE FROM refresh_tokens WHERE expires_at < ?1", sqlite::to_ms(now)));
      return sqlite::insert_refresh_token(database, token);
    };
    return lanes_->write<void>(std::move(work));
  }
  Task<Result<Refreshed>> refresh(std::string hash, RefreshToken next, JudgeRefresh judge) override {
    auto work = [hash = std::move(hash), next = std::move(next), judge = std::move(judge)](Database& database) {
      return sqlite::refresh(database, hash, next, judge);
    };
    return lanes_->write<Refreshed>(std::move(work));
  }
  Task<Result<void>> end_family(std::string hash) override {
    auto work = [hash = std::move(hash)](Database& database) { return sqlite::end_family_of(database, hash); };
    return lanes_->write<void>(std::move(work));
  }

  Task<Result<void>> add_api_token(ApiToken token) override {
    auto work = [token = std::move(token)](Database& database) { return sqlite::insert_api_token(database, token); };
    return lanes_->write<void>(std::move(work));
  }
  Task<Result<std::vector<ApiToken>>> api_tokens(std::string user) override {
    auto work = [user = std::move(user)](Database& database) { return sqlite::api_tokens_of(database, user); };
    return lanes_->read<std::vector<ApiToken>>(std::move(work));
  }
  Task<Result<std::optional<ApiToken>>> find_api_token(std::string hash) override {
    auto work = [hash = std::move(hash)](Database& database) { return sqlite::api_token_with(database, hash); };
    return lanes_->read<std::optional<ApiToken>>(std::move(work));
  }
  Task<Result<void>> api_token_used(std::string id, WallTime at) override {
    auto work = [id = std::move(id), at](Database& database) {
      return database.run("UPDATE api_tokens SET last_used_at = ?2 WHERE id = ?1", id, sqlite::to_ms(at));
    };
    return lanes_->write<void>(std::move(work), Haste::deferred);
  }
  Task<Result<void>> revoke_api_token(std::string user, std::string id) override {
    auto work = [user = std::move(user), id = std::move(id)](Database& database) -> Result<void> {
      HF_TRY_VOID(database.run("DELETE FROM api_tokens WHERE id = ?1 AND user = ?2", id, user));
      return expect_removed(database, "there is no such token");
    };
    return lanes_->write<void>(std::move(work));
  }

  Task<Result<void>> add_invitation(Invitation invitation) override {
    auto work = [invitation = std::move(invitation)](Database& database) {
      return sqlite::insert_invitation(database, invitation);
    };
    return lanes_->write<void>(std::move(work));
  }
  Task<Result<std::vector<Invitation>>> invitations() override {
    return lanes_->read<std::vector<Invitation>>(&sqlite::invitations_there);
  }
  Task<Result<void>> revoke_invitation(std::string id) override {
    auto work = [id = std::move(id)](Database& database) -> Result<void> {
      HF_TRY_VOID(database.run("DELETE FROM invitations WHERE id = ?1 AND kind <> 0", id));
      return expect_removed(database, "there is no such invitation");
    };
    return lanes_->write<void>(std::move(work));
  }
  Task<Result<std::optional<Invitation>>> find_invitation(std::string hash) override {
    auto work = [hash = std::move(hash)](Database& database) { return sqlite::invitation_with(database, hash); };
    return lanes_->read<std::optional<Invitation>>(std::move(work));
  }
  Task<Result<User>> use_invitation(std::string hash, UseLink decide) override {
    auto work = [hash = std::move(hash), decide = std::move(decide)](Database& database) {
      return sqlite::use_invitation(database, hash, decide);
    };
    return lanes_->write<User>(std::move(work));
  }

  Task<Result<milliseconds>> admit(std::vector<AttemptSubject> subjects, WallTime now) override {
    auto work = [subjects = std::move(subjects), now](Database& database) {
      return sqlite::admit(database, subjects, now);
    };
    return lanes_->write<milliseconds>(std::move(work), Haste::deferred);
  }
  Task<Result<void>> attempt_succeeded(std::vector<AttemptSubject> subjects) override {
    auto work = [subjects = std::move(subjects)](Database& database) {
      return sqlite::attempt_succeeded(database, subjects);
    };
    return lanes_->write<void>(std::move(work), Haste::deferred);
  }

  Task<Result<std::uint64_t>> begin_management(ManagementEntry entry) override {
    auto work = [entry = std::move(entry)](Database& database) { return sqlite::insert_management(database, entry); };
    return lanes_->write<std::uint64_t>(std::move(work));
  }
  Task<Result<void>> end_management(std::uint64_t seq, std::string outcome, Subject subject) override {
    auto work = [seq, outcome = std::move(outcome), subject = std::move(subject)](Database& database) {
      return sqlite::end_management(database, seq, outcome, subject);
    };
    return lanes_->write<void>(std::move(work));
  }
  Task<Result<std::vector<ManagementEntry>>> management(std::uint64_t before, unsigned limit) override {
    auto work = [before, limit](Database& database) { return sqlite::management_before(database, before, limit); };
    return lanes_->read<std::vector<ManagementEntry>>(std::move(work));
  }

  /// Only the first start writes: a store that takes no writes now is no reason not to start.
  Task<Result<std::string>> signing_key(std::string proposed) override {
    HF_CO_TRY(const std::string known, co_await lanes_->read<std::string>(&known_key));
    if (!known.empty()) co_return known;
    auto work = [proposed = std::move(proposed)](Database& database) { return key_or(database, proposed); };
    auto writing = lanes_->write<std::string>(std::move(work));
    co_return co_await std::move(writing);
  }

 private:
  std::shared_ptr<sqlite::Lanes> lanes_;
};

}  // namespace

std::unique_ptr<AccountStore> sqlite::make_account_store(std::shared_ptr<Lanes> lanes) {
  return std::make_unique<SqliteAccountStore>(std::move(lanes));
}

}  // namespace holdfast
