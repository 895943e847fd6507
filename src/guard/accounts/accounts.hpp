#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ports/account_store.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/log.hpp"
#include "ports/secrets.hpp"

namespace holdfast::guard {

/// What somebody gets who has logged in.
struct SignedIn {
  User user;
  std::string access_token;
  WallTime access_until{};
  std::string refresh_token;
  WallTime refresh_until{};
};

/// Too many attempts: the next one is looked at after `wait`.
struct TooSoon {
  milliseconds wait{};
};

using LogInOutcome = std::variant<SignedIn, TooSoon>;

/// Whose request it is.
struct Known {
  User user;
  WallTime until{};  ///< so long what was shown is good
  bool by_api_token = false;
};

/// A link that was just made. Its secret is told once and kept by nobody.
struct MadeLink {
  Invitation invitation;
  std::string secret;
};

struct MadeApiToken {
  ApiToken token;
  std::string secret;
};

/// Accounts: who is asking, and what becomes of log-ins, links and tokens. Decisions are those of core/account.
class Accounts {
 public:
  struct Deps {
    AccountStore& store;
    Secrets& secrets;
    Clock& clock;
    Entropy& entropy;
    Log* log = nullptr;
  };
  explicit Accounts(Deps deps) : deps_{deps} {}

  [[nodiscard]] AccountStore& store() const { return deps_.store; }
  [[nodiscard]] WallTime now() const { return deps_.clock.wall_now(); }

  /// Takes the key that tokens are signed with out of the store. Call before anything else.
  Task<Result<void>> start();

  /// `address`: who tries, for the limits. Errors: invalid HF-AUT-04 (name or password is wrong; nobody learns which),
  /// overloaded HF-AUT-05.
  Task<Result<LogInOutcome>> log_in(std::string name, std::string password, std::string address);
  /// Errors: invalid HF-AUT-01 (not good any more).
  Task<Result<SignedIn>> refresh(std::string refresh_token);
  Task<Result<void>> log_out(std::string refresh_token);
  /// `bearer`: an access token or an API token. Errors: invalid HF-AUT-01.
  Task<Result<Known>> who_is(std::string bearer);

  /// The secret of a new set-up link; nothing: there are users.
  Task<Result<std::optional<std::string>>> make_setup_link();
  /// `kind`: user or password. Errors: invalid HF-ACC-01, conflict HF-ACC-03, not_found HF-ACC-04.
  Task<Result<MadeLink>> invite(Invitation wanted);
  /// Uses a set-up link. Errors: not_found HF-AUT-06, invalid HF-ACC-01, HF-ACC-02.
  Task<Result<SignedIn>> set_up(std::string secret, std::string name, std::string password);
  /// Uses an invitation or a link for a new password. Errors: not_found HF-AUT-06, invalid HF-ACC-02.
  Task<Result<SignedIn>> accept(std::string secret, std::string password);

  /// Errors: invalid HF-ACC-01, HF-ACC-02, conflict HF-ACC-03.
  Task<Result<User>> add_user(std::string name, std::string password, bool superuser);
  /// Errors: not_found HF-ACC-04, conflict HF-ACC-05.
  Task<Result<User>> change_user(std::string name, account::UserChange wanted);
  /// By somebody who need not know the old one. Errors: not_found HF-ACC-04, invalid HF-ACC-02.
  Task<Result<User>> set_password(std::string name, std::string password);
  /// By the user. Every session ends but the one that is returned. Errors: invalid HF-AUT-04 (the old one is wrong),
  /// HF-ACC-02, overloaded HF-AUT-05.
  Task<Result<LogInOutcome>> change_password(std::string name, std::string old_password, std::string new_password);

  /// Errors: invalid HF-ACC-01 (the label), HF-ACC-07 (the time), conflict HF-ACC-06.
  Task<Result<MadeApiToken>> make_api_token(std::string user, std::string label, milliseconds good_for);

 private:
  [[nodiscard]] std::string make_id(const char* prefix) const;
  Task<Result<SignedIn>> open_session(User user);
  [[nodiscard]] SignedIn session_of(User user, std::string refresh_token, WallTime refresh_until) const;
  Task<Result<Known>> known_by_api_token(std::string secret);
  Task<Result<std::optional<Invitation>>> find_link(std::string secret);
  Task<Result<SignedIn>> use_link(std::string secret, Invitation link, std::string name, std::string password);
  Task<Result<bool>> is_password(std::optional<User> user, std::string password);

  Deps deps_;
};

}  // namespace holdfast::guard
