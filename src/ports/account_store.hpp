#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/account/account.hpp"
#include "core/account/attempts.hpp"
#include "core/account/decide.hpp"
#include "core/base/result.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// Decisions of core/account, run inside the store's own transaction on what is there. Pure: may be called on another
/// thread, and again if the transaction has to be repeated.
using ChangeUser = std::function<Result<User>(const User& user, unsigned other_superusers)>;
using JudgeRefresh = std::function<account::RefreshVerdict(const RefreshToken& token, const User& user)>;
using UseLink =
    std::function<Result<User>(const Invitation& link, const std::optional<User>& there, bool anybody)>;

/// Somebody who tries a password, seen from one side: "name/ana" or "address/192.0.2.7".
struct AttemptSubject {
  std::string subject;
  account::AttemptPolicy policy;
};

using Subject = std::map<std::string, std::string>;

struct Refreshed {
  account::RefreshVerdict verdict = account::RefreshVerdict::refuse;
  User user;                 ///< with `rotate`
  WallTime family_ends_at{};  ///< with `rotate`
};

/// Port: who may use the server, and what lets them in. Times are the caller's. Every method that writes is one
/// transaction and, unless it says otherwise, durable when it returns. Errors of all methods: as JobStore.
class AccountStore {
 public:
  virtual ~AccountStore() = default;

  /// Errors: conflict HF-ACC-03 (the name is taken).
  virtual Task<Result<void>> add_user(User user) = 0;
  virtual Task<Result<std::optional<User>>> find_user(std::string name) = 0;
  /// By name, those after `after`.
  virtual Task<Result<std::vector<User>>> users(std::string after, unsigned limit) = 0;
  /// Applies a decision. A user whose version grew loses every refresh token with it.
  /// Errors: not_found HF-ACC-04, what `decide` returned.
  virtual Task<Result<User>> change_user(std::string name, ChangeUser decide) = 0;

  /// Also forgets those that expired before `now`.
  virtual Task<Result<void>> add_refresh_token(RefreshToken token, WallTime now) = 0;
  /// Applies a decision about the token with this hash: `rotate` marks it used and adds `next`, whose family, user,
  /// version and end of family become those of the old one; `end_family` takes all of the family. A hash that is not
  /// there: `refuse`.
  virtual Task<Result<Refreshed>> refresh(std::string hash, RefreshToken next, JudgeRefresh judge) = 0;
  /// Log-out: takes all of the family of this token. One that is not there is no error.
  virtual Task<Result<void>> end_family(std::string hash) = 0;

  /// Errors: conflict HF-ACC-06 (the user has account::kApiTokensMax).
  virtual Task<Result<void>> add_api_token(ApiToken token) = 0;
  /// Newest first.
  virtual Task<Result<std::vector<ApiToken>>> api_tokens(std::string user) = 0;
  virtual Task<Result<std::optional<ApiToken>>> find_api_token(std::string hash) = 0;
  /// Need not be durable.
  virtual Task<Result<void>> api_token_used(std::string id, WallTime at) = 0;
  /// Errors: not_found HF-ACC-04 (there is none, or it is somebody else's).
  virtual Task<Result<void>> revoke_api_token(std::string user, std::string id) = 0;

  /// An older link of the same kind for the same name ends. Errors: conflict HF-ACC-03 (kind user: the name is
  /// taken), not_found HF-ACC-04 (kind password: there is no such user).
  virtual Task<Result<void>> add_invitation(Invitation invitation) = 0;
  /// Newest first; set-up links are not among them.
  virtual Task<Result<std::vector<Invitation>>> invitations() = 0;
  /// Errors: not_found HF-ACC-04.
  virtual Task<Result<void>> revoke_invitation(std::string id) = 0;
  virtual Task<Result<std::optional<Invitation>>> find_invitation(std::string hash) = 0;
  /// Applies a decision, writes the user it returns and takes the link out. A user whose version grew loses every
  /// refresh token with it. Errors: not_found HF-AUT-06 (there is no such link), what `decide` returned: then the link
  /// stays.
  virtual Task<Result<User>> use_invitation(std::string hash, UseLink decide) = 0;

  /// Counts an attempt for all of the subjects (account::admit), or for none if one of them has to wait. Returns the
  /// longest wait, 0: go on. Need not be durable. Forgets subjects of which nothing was heard for a day.
  virtual Task<Result<milliseconds>> admit(std::vector<AttemptSubject> subjects, WallTime now) = 0;
  /// The attempt was right: the first subject starts anew, the others get this one back. Need not be durable.
  virtual Task<Result<void>> attempt_succeeded(std::vector<AttemptSubject> subjects) = 0;

  /// Begins a line of the audit of management. Returns its number.
  virtual Task<Result<std::uint64_t>> begin_management(ManagementEntry entry) = 0;
  /// How it ended, and what it turned out to be about.
  virtual Task<Result<void>> end_management(std::uint64_t seq, std::string outcome, Subject subject) = 0;
  /// Newest first, those before `before`; 0: from the newest.
  virtual Task<Result<std::vector<ManagementEntry>>> management(std::uint64_t before, unsigned limit) = 0;

  /// The key that access tokens are signed with: the one that is there, else `proposed`, which is kept.
  virtual Task<Result<std::string>> signing_key(std::string proposed) = 0;
};

}  // namespace holdfast
