#include "core/account/name.hpp"
#include "core/account/password.hpp"
#include "guard/accounts/accounts.hpp"

/// Users, their passwords, and the links that make them.
namespace holdfast::guard {

using account::LinkUse;

Task<Result<std::optional<std::string>>> Accounts::make_setup_link() {
  HF_CO_TRY(const auto users, co_await deps_.store.users("", 1));
  if (!users.empty()) co_return std::optional<std::string>{};
  const WallTime begin = now();
  std::string secret = deps_.secrets.make_secret();
  Invitation link{.id = make_id("inv_"),
                  .hash = deps_.secrets.hash_secret(secret),
                  .kind = LinkKind::setup,
                  .created_at = begin,
                  .expires_at = begin + account::kSetupFor};
  HF_CO_TRY_VOID(co_await deps_.store.add_invitation(std::move(link)));
  co_return std::optional{std::move(secret)};
}

Task<Result<MadeLink>> Accounts::invite(Invitation wanted) {
  HF_CO_TRY(wanted.name, account::parse_name(wanted.name));
  const WallTime begin = now();
  MadeLink made{.invitation = std::move(wanted), .secret = deps_.secrets.make_secret()};
  made.invitation.id = make_id("inv_");
  made.invitation.hash = deps_.secrets.hash_secret(made.secret);
  made.invitation.created_at = begin;
  made.invitation.expires_at = begin + account::kInvitationFor;
  auto kept = made.invitation;
  HF_CO_TRY_VOID(co_await deps_.store.add_invitation(std::move(kept)));
  co_return made;
}

/// Before a password is hashed, which costs something: whoever has no link gets no further.
Task<Result<std::optional<Invitation>>> Accounts::find_link(std::string secret) {
  return deps_.store.find_invitation(deps_.secrets.hash_secret(secret));
}

Task<Result<SignedIn>> Accounts::use_link(std::string secret, Invitation link, std::string name,
                                          std::string password) {
  HF_CO_TRY_VOID(account::check_password(password, link.kind == LinkKind::setup ? name : link.name));
  LinkUse use{.name = std::move(name), .now = now()};
  HF_CO_TRY(use.password_hash, co_await deps_.secrets.hash_password(std::move(password)));
  UseLink decide = [use = std::move(use)](const Invitation& found, const std::optional<User>& there, bool anybody) {
    return account::use_link(found, use, there, anybody);
  };
  std::string hash = deps_.secrets.hash_secret(secret);
  HF_CO_TRY(User user, co_await deps_.store.use_invitation(std::move(hash), std::move(decide)));
  tell(deps_.log, LogLevel::info, "link_used", {{"link", link.id}});
  co_return co_await open_session(std::move(user));
}

Task<Result<SignedIn>> Accounts::set_up(std::string secret, std::string name, std::string password) {
  HF_CO_TRY(auto link, co_await find_link(secret));
  if (!link || link->kind != LinkKind::setup) co_return fail(ErrorClass::not_found, "HF-AUT-06", "no such link");
  HF_CO_TRY(std::string parsed, account::parse_name(name));
  co_return co_await use_link(std::move(secret), *std::move(link), std::move(parsed), std::move(password));
}

Task<Result<SignedIn>> Accounts::accept(std::string secret, std::string password) {
  HF_CO_TRY(auto link, co_await find_link(secret));
  if (!link || link->kind == LinkKind::setup) co_return fail(ErrorClass::not_found, "HF-AUT-06", "no such link");
  std::string name = link->name;
  co_return co_await use_link(std::move(secret), *std::move(link), std::move(name), std::move(password));
}

Task<Result<User>> Accounts::add_user(std::string name, std::string password, bool superuser) {
  User user{.superuser = superuser, .created_at = now()};
  HF_CO_TRY(user.name, account::parse_name(name));
  HF_CO_TRY_VOID(account::check_password(password, user.name));
  HF_CO_TRY(user.password_hash, co_await deps_.secrets.hash_password(std::move(password)));
  auto kept = user;
  HF_CO_TRY_VOID(co_await deps_.store.add_user(std::move(kept)));
  co_return user;
}

Task<Result<User>> Accounts::change_user(std::string name, account::UserChange wanted) {
  ChangeUser decide = [wanted = std::move(wanted)](const User& user, unsigned other_superusers) {
    return account::change(user, wanted, other_superusers);
  };
  return deps_.store.change_user(std::move(name), std::move(decide));
}

Task<Result<User>> Accounts::set_password(std::string name, std::string password) {
  HF_CO_TRY_VOID(account::check_password(password, name));
  account::UserChange wanted;
  HF_CO_TRY(wanted.password_hash, co_await deps_.secrets.hash_password(std::move(password)));
  co_return co_await change_user(std::move(name), std::move(wanted));
}

Task<Result<LogInOutcome>> Accounts::change_password(std::string name, std::string old_password,
                                                     std::string new_password) {
  HF_CO_TRY_VOID(account::check_password(new_password, name));
  std::vector<AttemptSubject> subjects;
  subjects.push_back({"name/" + deps_.secrets.hash_secret(name), account::kOfAccount});
  auto counted = subjects;
  HF_CO_TRY(const milliseconds wait, co_await deps_.store.admit(std::move(counted), now()));
  if (wait > milliseconds{0}) co_return TooSoon{wait};
  HF_CO_TRY(auto user, co_await deps_.store.find_user(name));
  if (!user) co_return fail(ErrorClass::not_found, "HF-ACC-04", "there is no such user");
  auto checking = is_password(std::move(user), std::move(old_password));
  HF_CO_TRY(const bool fits, co_await std::move(checking));
  if (!fits) co_return fail(ErrorClass::invalid, "HF-AUT-04", "the old password is wrong");
  HF_CO_TRY_VOID(co_await deps_.store.attempt_succeeded(std::move(subjects)));
  HF_CO_TRY(User changed, co_await set_password(std::move(name), std::move(new_password)));
  HF_CO_TRY(SignedIn session, co_await open_session(std::move(changed)));
  co_return session;
}

}  // namespace holdfast::guard
