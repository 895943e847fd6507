#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "ports/account_store.hpp"

/// Tables users, refresh_tokens, api_tokens, invitations, attempts and management_audit. Everything here runs inside a
/// transaction of the caller.
namespace holdfast::sqlite {

Result<void> insert_user(Database& database, const User& user);
Result<std::optional<User>> user_named(Database& database, const std::string& name);
Result<std::vector<User>> users_after(Database& database, const std::string& after, unsigned limit);
Result<bool> any_users(Database& database);
/// Changes a user; errors as AccountStore::change_user.
Result<User> change_user(Database& database, const std::string& name, const ChangeUser& decide);
/// Writes what a decision made of a user; one whose version grew loses the refresh tokens.
Result<void> update_user(Database& database, const User& before, const User& after);

Result<void> insert_refresh_token(Database& database, const RefreshToken& token);
Result<Refreshed> refresh(Database& database, const std::string& hash, RefreshToken next, const JudgeRefresh& judge);
Result<void> end_family_of(Database& database, const std::string& hash);

Result<void> insert_api_token(Database& database, const ApiToken& token);
Result<std::vector<ApiToken>> api_tokens_of(Database& database, const std::string& user);
Result<std::optional<ApiToken>> api_token_with(Database& database, const std::string& hash);

Result<void> insert_invitation(Database& database, const Invitation& invitation);
Result<std::vector<Invitation>> invitations_there(Database& database);
Result<std::optional<Invitation>> invitation_with(Database& database, const std::string& hash);
Result<User> use_invitation(Database& database, const std::string& hash, const UseLink& decide);

Result<milliseconds> admit(Database& database, const std::vector<AttemptSubject>& subjects, WallTime now);
Result<void> attempt_succeeded(Database& database, const std::vector<AttemptSubject>& subjects);

Result<std::uint64_t> insert_management(Database& database, const ManagementEntry& entry);
Result<void> end_management(Database& database, std::uint64_t seq, const std::string& outcome, const Subject& subject);
Result<std::vector<ManagementEntry>> management_before(Database& database, std::uint64_t before, unsigned limit);

}  // namespace holdfast::sqlite
