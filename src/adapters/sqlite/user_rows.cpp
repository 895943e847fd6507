#include "adapters/sqlite/account_rows.hpp"
#include "adapters/sqlite/job_rows.hpp"

namespace holdfast::sqlite {
namespace {

constexpr std::string_view kOne =
    "SELECT name, superuser, active, password_hash, version, created_at FROM users WHERE name = ?1";

User user_of(const Statement& row) {
  return {.name = row.text(0),
          .superuser = row.integer(1) != 0,
          .active = row.integer(2) != 0,
          .password_hash = row.text(3),
          .version = row.as<std::uint64_t>(4),
          .created_at = from_ms(row.integer(5))};
}

RefreshToken refresh_token_of(const Statement& row) {
  return {.hash = row.text(0),
          .family = row.text(1),
          .user = row.text(2),
          .user_version = row.as<std::uint64_t>(3),
          .expires_at = from_ms(row.integer(4)),
          .family_ends_at = from_ms(row.integer(5)),
          .used = row.integer(6) != 0};
}

Result<std::optional<RefreshToken>> refresh_token_with(Database& database, const std::string& hash) {
  HF_TRY(auto found,
         database.query("SELECT hash, family, user, user_version, expires_at, family_ends_at, used FROM refresh_tokens "
                        "WHERE hash = ?1",
                        hash));
  HF_TRY(const bool row, found.step());
  return row ? std::optional{refresh_token_of(found)} : std::nullopt;
}

Result<void> end_family(Database& database, const std::string& family) {
  return database.run("DELETE FROM refresh_tokens WHERE family = ?1", family);
}

Result<void> rotate(Database& database, const RefreshToken& old, RefreshToken next) {
  HF_TRY_VOID(database.run("UPDATE refresh_tokens SET used = 1 WHERE hash = ?1", old.hash));
  next.family = old.family;
  next.user = old.user;
  next.user_version = old.user_version;
  next.family_ends_at = old.family_ends_at;
  return insert_refresh_token(database, next);
}

}  // namespace

Result<void> insert_user(Database& database, const User& user) {
  HF_TRY(const auto there, user_named(database, user.name));
  if (there) return fail(ErrorClass::conflict, "HF-ACC-03", "the name is taken");
  return database.run(
      "INSERT INTO users(name, superuser, active, password_hash, version, created_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
      user.name, user.superuser, user.active, user.password_hash, user.version, to_ms(user.created_at));
}

Result<std::optional<User>> user_named(Database& database, const std::string& name) {
  HF_TRY(auto found, database.query(kOne, name));
  HF_TRY(const bool row, found.step());
  return row ? std::optional{user_of(found)} : std::nullopt;
}

Result<std::vector<User>> users_after(Database& database, const std::string& after, unsigned limit) {
  HF_TRY(auto found, database.query("SELECT name, superuser, active, password_hash, version, created_at FROM users "
                                    "WHERE name > ?1 ORDER BY name LIMIT ?2",
                                    after, limit));
  std::vector<User> users;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return users;
    users.push_back(user_of(found));
  }
}

Result<bool> any_users(Database& database) {
  HF_TRY(const auto any, database.integer("SELECT EXISTS(SELECT 1 FROM users)"));
  return any.value_or(0) != 0;
}

Result<void> update_user(Database& database, const User& before, const User& after) {
  HF_TRY_VOID(database.run(
      "UPDATE users SET superuser = ?2, active = ?3, password_hash = ?4, version = ?5 WHERE name = ?1", before.name,
      after.superuser, after.active, after.password_hash, after.version));
  if (after.version == before.version) return {};
  return database.run("DELETE FROM refresh_tokens WHERE user = ?1", before.name);
}

Result<User> change_user(Database& database, const std::string& name, const ChangeUser& decide) {
  HF_TRY(const auto user, user_named(database, name));
  if (!user) return fail(ErrorClass::not_found, "HF-ACC-04", "there is no such user");
  HF_TRY(const auto others,
         database.integer("SELECT count(*) FROM users WHERE superuser AND active AND name <> ?1", name));
  HF_TRY(User after, decide(*user, static_cast<unsigned>(others.value_or(0))));
  HF_TRY_VOID(update_user(database, *user, after));
  return after;
}

Result<void> insert_refresh_token(Database& database, const RefreshToken& token) {
  return database.run(
      "INSERT INTO refresh_tokens(hash, family, user, user_version, expires_at, family_ends_at, used) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      token.hash, token.family, token.user, token.user_version, to_ms(token.expires_at), to_ms(token.family_ends_at),
      token.used);
}

Result<Refreshed> refresh(Database& database, const std::string& hash, RefreshToken next, const JudgeRefresh& judge) {
  HF_TRY(const auto token, refresh_token_with(database, hash));
  if (!token) return Refreshed{};
  HF_TRY(const auto user, user_named(database, token->user));
  if (!user) return Refreshed{};
  const auto verdict = judge(*token, *user);
  if (verdict == account::RefreshVerdict::end_family) HF_TRY_VOID(end_family(database, token->family));
  if (verdict == account::RefreshVerdict::rotate) HF_TRY_VOID(rotate(database, *token, std::move(next)));
  return Refreshed{.verdict = verdict, .user = *user, .family_ends_at = token->family_ends_at};
}

Result<void> end_family_of(Database& database, const std::string& hash) {
  HF_TRY(const auto token, refresh_token_with(database, hash));
  return token ? end_family(database, token->family) : Result<void>{};
}

}  // namespace holdfast::sqlite
