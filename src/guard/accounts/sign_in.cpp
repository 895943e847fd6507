#include <algorithm>

#include "core/account/name.hpp"
#include "core/account/password.hpp"
#include "core/base/make_id.hpp"
#include "guard/accounts/accounts.hpp"

/// Who is asking: log-in, refresh, log-out, and what stands behind a token.
namespace holdfast::guard {
namespace {

constexpr std::string_view kApiTokenPrefix = "hfp_";
/// `last_used_at` need not be truer than this.
constexpr milliseconds kUseNotedEvery{60'000};

std::unexpected<Error> not_signed_in() { return fail(ErrorClass::invalid, "HF-AUT-01", "the token is not good"); }

std::unexpected<Error> wrong_name_or_password() {
  return fail(ErrorClass::invalid, "HF-AUT-04", "name or password is wrong");
}

}  // namespace

std::string Accounts::make_id(const char* prefix) const { return prefix + make_ulid(now(), deps_.entropy.roll()); }

Task<Result<void>> Accounts::start() {
  HF_CO_TRY(const std::string key, co_await deps_.store.signing_key(deps_.secrets.make_secret()));
  deps_.secrets.use_key(key);
  co_return Result<void>{};
}

/// Takes as long for a user who is not there, is not active, or has no password.
Task<Result<bool>> Accounts::is_password(std::optional<User> user, std::string password) {
  const bool possible = user && user->active && password.size() <= account::kPasswordMax;
  std::string phc = possible ? user->password_hash : std::string{};
  if (!possible) password.clear();
  co_return co_await deps_.secrets.check_password(std::move(password), std::move(phc));
}

Task<Result<LogInOutcome>> Accounts::log_in(std::string name, std::string password, std::string address) {
  const auto parsed = account::parse_name(name);
  // Hashed, because people type their password in the place of the name.
  const std::string named = deps_.secrets.hash_secret(parsed ? *parsed : name);
  std::vector<AttemptSubject> subjects;
  subjects.push_back({"name/" + named, account::kOfAccount});
  subjects.push_back({"address/" + address, account::kOfAddress});
  auto counted = subjects;
  HF_CO_TRY(const milliseconds wait, co_await deps_.store.admit(std::move(counted), now()));
  if (wait > milliseconds{0}) {
    tell(deps_.log, LogLevel::warn, "log_in_too_soon", {{"wait_ms", std::to_string(wait.count())}});
    co_return TooSoon{wait};
  }
  std::optional<User> user;
  if (parsed) {
    HF_CO_TRY(user, co_await deps_.store.find_user(*parsed));
  }
  auto checking = is_password(user, std::move(password));
  HF_CO_TRY(const bool fits, co_await std::move(checking));
  if (!fits) {
    tell(deps_.log, LogLevel::info, "log_in_refused");
    co_return wrong_name_or_password();
  }
  HF_CO_TRY_VOID(co_await deps_.store.attempt_succeeded(std::move(subjects)));
  HF_CO_TRY(SignedIn session, co_await open_session(*std::move(user)));
  co_return session;
}

SignedIn Accounts::session_of(User user, std::string refresh_token, WallTime refresh_until) const {
  const WallTime begin = now();
  const AccessClaims claims{.user = user.name,
                            .user_version = user.version,
                            .issued_at = begin,
                            .expires_at = std::chrono::floor<std::chrono::seconds>(begin + account::kAccessFor),
                            .id = make_token(deps_.entropy.roll())};
  return {.user = std::move(user),
          .access_token = deps_.secrets.sign(claims),
          .access_until = claims.expires_at,
          .refresh_token = std::move(refresh_token),
          .refresh_until = refresh_until};
}

Task<Result<SignedIn>> Accounts::open_session(User user) {
  const WallTime begin = now();
  std::string secret = deps_.secrets.make_secret();
  RefreshToken token{.hash = deps_.secrets.hash_secret(secret),
                     .family = make_token(deps_.entropy.roll()),
                     .user = user.name,
                     .user_version = user.version,
                     .expires_at = begin + account::kRefreshFor,
                     .family_ends_at = begin + account::kFamilyFor};
  const WallTime until = token.expires_at;
  HF_CO_TRY_VOID(co_await deps_.store.add_refresh_token(std::move(token), begin));
  co_return session_of(std::move(user), std::move(secret), until);
}

Task<Result<SignedIn>> Accounts::refresh(std::string refresh_token) {
  const WallTime begin = now();
  std::string secret = deps_.secrets.make_secret();
  RefreshToken next{.hash = deps_.secrets.hash_secret(secret), .expires_at = begin + account::kRefreshFor};
  JudgeRefresh judge = [begin](const RefreshToken& token, const User& user) {
    return account::judge_refresh(token, user, begin);
  };
  std::string hash = deps_.secrets.hash_secret(refresh_token);
  HF_CO_TRY(Refreshed refreshed,
            co_await deps_.store.refresh(std::move(hash), std::move(next), std::move(judge)));
  if (refreshed.verdict == account::RefreshVerdict::end_family)
    tell(deps_.log, LogLevel::warn, "refresh_token_used_twice");
  if (refreshed.verdict != account::RefreshVerdict::rotate) co_return not_signed_in();
  const WallTime until = std::min<WallTime>(begin + account::kRefreshFor, refreshed.family_ends_at);
  co_return session_of(std::move(refreshed.user), std::move(secret), until);
}

Task<Result<void>> Accounts::log_out(std::string refresh_token) {
  return deps_.store.end_family(deps_.secrets.hash_secret(refresh_token));
}

Task<Result<Known>> Accounts::who_is(std::string bearer) {
  if (bearer.starts_with(kApiTokenPrefix)) co_return co_await known_by_api_token(std::move(bearer));
  HF_CO_TRY(const AccessClaims claims, deps_.secrets.verify(bearer, now()));
  HF_CO_TRY(auto user, co_await deps_.store.find_user(claims.user));
  if (!user || !user->active || user->version != claims.user_version) co_return not_signed_in();
  co_return Known{.user = *std::move(user), .until = claims.expires_at};
}

Task<Result<Known>> Accounts::known_by_api_token(std::string secret) {
  const WallTime begin = now();
  HF_CO_TRY(const auto token, co_await deps_.store.find_api_token(deps_.secrets.hash_secret(secret)));
  if (!token || begin >= token->expires_at) co_return not_signed_in();
  HF_CO_TRY(auto user, co_await deps_.store.find_user(token->user));
  if (!user || !user->active) co_return not_signed_in();
  if (!token->last_used_at || begin - *token->last_used_at > kUseNotedEvery)
    HF_CO_TRY_VOID(co_await deps_.store.api_token_used(token->id, begin));
  co_return Known{.user = *std::move(user), .until = token->expires_at, .by_api_token = true};
}

Task<Result<MadeApiToken>> Accounts::make_api_token(std::string user, std::string label, milliseconds good_for) {
  HF_CO_TRY(std::string called, account::parse_label(label));
  if (good_for <= milliseconds{0} || good_for > account::kApiTokenMax)
    co_return fail(ErrorClass::invalid, "HF-ACC-07", "1 to 366 days");
  HF_CO_TRY(const auto there, co_await deps_.store.find_user(user));
  if (!there) co_return fail(ErrorClass::not_found, "HF-ACC-04", "there is no such user");
  const WallTime begin = now();
  std::string secret = std::string{kApiTokenPrefix} + deps_.secrets.make_secret();
  MadeApiToken made{.token = {.id = make_id("tok_"),
                              .user = std::move(user),
                              .label = std::move(called),
                              .hash = deps_.secrets.hash_secret(secret),
                              .created_at = begin,
                              .expires_at = begin + good_for},
                    .secret = std::move(secret)};
  auto kept = made.token;
  HF_CO_TRY_VOID(co_await deps_.store.add_api_token(std::move(kept)));
  co_return made;
}

}  // namespace holdfast::guard
