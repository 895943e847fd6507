#include "core/account/decide.hpp"

namespace holdfast::account {
namespace {

std::unexpected<Error> link_is_over() {
  return fail(ErrorClass::not_found, "HF-AUT-06", "the link was used, has expired or never was");
}

}  // namespace

RefreshVerdict judge_refresh(const RefreshToken& token, const User& user, WallTime now) {
  if (token.used) return RefreshVerdict::end_family;
  const bool over = now >= token.expires_at || now >= token.family_ends_at;
  const bool outdated = !user.active || user.version != token.user_version;
  return over || outdated ? RefreshVerdict::refuse : RefreshVerdict::rotate;
}

Result<User> change(const User& user, const UserChange& wanted, unsigned other_superusers) {
  User after = user;
  after.superuser = wanted.superuser.value_or(user.superuser);
  after.active = wanted.active.value_or(user.active);
  after.password_hash = wanted.password_hash.value_or(user.password_hash);
  const bool managed = user.superuser && user.active;
  const bool manages = after.superuser && after.active;
  if (managed && !manages && other_superusers == 0)
    return fail(ErrorClass::conflict, "HF-ACC-05", "this is the last active superuser");
  const bool other_rights = after.superuser != user.superuser || after.active != user.active;
  if (other_rights || wanted.password_hash) ++after.version;
  return after;
}

Result<User> use_link(const Invitation& link, const LinkUse& use, const std::optional<User>& there, bool anybody) {
  if (use.now >= link.expires_at) return link_is_over();
  if (link.kind == LinkKind::password) {
    if (!there || !there->active) return link_is_over();
    return change(*there, {.password_hash = use.password_hash}, 1);
  }
  if (link.kind == LinkKind::setup && anybody) return link_is_over();
  if (there) return fail(ErrorClass::conflict, "HF-ACC-03", "the name is taken");
  const bool setup = link.kind == LinkKind::setup;
  return User{.name = setup ? use.name : link.name,
              .superuser = setup || link.superuser,
              .password_hash = use.password_hash,
              .created_at = use.now};
}

}  // namespace holdfast::account
