#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "ports/account_store.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::contract {

/// What every AccountStore promises. A Backend is made anew for each test, with an empty store, and has
/// `AccountStore& accounts()`, `reopen()` and `run(Task)` as those of job_store_test_base.hpp.
template <class Backend>
class AccountStoreContract : public testing::Test {
 protected:
  static constexpr WallTime kNow{milliseconds{1'800'000'000'000}};

  AccountStore& accounts() { return backend_.accounts(); }
  void reopen() { backend_.reopen(); }
  template <class T>
  T run(Task<T> task) {
    return backend_.run(std::move(task));
  }
  static std::string code_of(const auto& result) { return result ? "" : result.error().code(); }

  void add(std::string name, bool superuser = false) {
    User user{.name = std::move(name), .superuser = superuser, .password_hash = "hash", .created_at = kNow};
    ASSERT_TRUE(run(accounts().add_user(std::move(user))));
  }
  User user(std::string name) { return run(accounts().find_user(std::move(name))).value().value_or(User{}); }
  Result<User> change(std::string name, account::UserChange wanted) {
    ChangeUser decide = [wanted = std::move(wanted)](const User& before, unsigned others) {
      return account::change(before, wanted, others);
    };
    return run(accounts().change_user(std::move(name), std::move(decide)));
  }

  static RefreshToken token(std::string hash, std::string family = "family") {
    return {.hash = std::move(hash),
            .family = std::move(family),
            .user = "ana",
            .user_version = 1,
            .expires_at = kNow + std::chrono::hours{1},
            .family_ends_at = kNow + std::chrono::hours{9}};
  }
  void add_token(RefreshToken made) { ASSERT_TRUE(run(accounts().add_refresh_token(std::move(made), kNow))); }
  account::RefreshVerdict refresh(std::string hash, std::string next) {
    RefreshToken made{.hash = std::move(next), .expires_at = kNow + std::chrono::hours{2}};
    JudgeRefresh judge = [](const RefreshToken& there, const User& owner) {
      return account::judge_refresh(there, owner, kNow);
    };
    return run(accounts().refresh(std::move(hash), std::move(made), std::move(judge))).value().verdict;
  }

  static ApiToken api_token(std::string id, std::string owner = "ana") {
    return {.id = id,
            .user = std::move(owner),
            .label = hostile_text(),
            .hash = "hash of " + id,
            .created_at = kNow,
            .expires_at = kNow + std::chrono::hours{5}};
  }

  static Invitation invitation(LinkKind kind, std::string name, std::string id = "1") {
    return {.id = id,
            .hash = "hash of " + id,
            .kind = kind,
            .name = std::move(name),
            .created_by = "boss",
            .created_at = kNow,
            .expires_at = kNow + std::chrono::hours{1}};
  }
  Result<void> invite(Invitation made) { return run(accounts().add_invitation(std::move(made))); }
  Result<User> use(std::string hash, std::string name = "") {
    account::LinkUse how{.name = std::move(name), .password_hash = "new", .now = kNow};
    UseLink decide = [how = std::move(how)](const Invitation& link, const std::optional<User>& there, bool anybody) {
      return account::use_link(link, how, there, anybody);
    };
    return run(accounts().use_invitation(std::move(hash), std::move(decide)));
  }

  milliseconds admit(std::string name, std::string address, WallTime now = kNow) {
    std::vector<AttemptSubject> subjects{{"name/" + name, account::kOfAccount},
                                         {"address/" + address, account::kOfAddress}};
    return run(accounts().admit(std::move(subjects), now)).value();
  }
  void succeed(std::string name, std::string address) {
    std::vector<AttemptSubject> subjects{{"name/" + name, account::kOfAccount},
                                         {"address/" + address, account::kOfAddress}};
    ASSERT_TRUE(run(accounts().attempt_succeeded(std::move(subjects))));
  }

 private:
  Backend backend_;
};

TYPED_TEST_SUITE_P(AccountStoreContract);

TYPED_TEST_P(AccountStoreContract, FR_7_AUserIsThereAfterARestartAndItsNameIsTaken) {
  this->add("ana", true);

  this->reopen();

  const User ana = this->user("ana");
  EXPECT_TRUE(ana.superuser && ana.active);
  EXPECT_EQ(ana.password_hash, "hash");
  EXPECT_EQ(ana.version, 1U);
  EXPECT_EQ(ana.created_at, this->kNow);
  EXPECT_EQ(this->code_of(this->run(this->accounts().add_user({.name = "ana"}))), "HF-ACC-03");
  EXPECT_TRUE(this->user("ana").superuser);
  EXPECT_EQ(this->user("bo").name, "");
}

TYPED_TEST_P(AccountStoreContract, UsersAreListedByNameAPageAtATime) {
  for (const char* name : {"cy", "ana", "bo"}) this->add(name);

  const auto first = this->run(this->accounts().users("", 2)).value();
  const auto rest = this->run(this->accounts().users("bo", 2)).value();

  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].name + first[1].name, "anabo");
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].name, "cy");
}

TYPED_TEST_P(AccountStoreContract, FR_7_AChangeThatMattersTakesTheRefreshTokensOfThatUserOnly) {
  this->add("ana");
  this->add("bo");
  this->add_token(this->token("a"));
  RefreshToken of_bo = this->token("b", "other");
  of_bo.user = "bo";
  this->add_token(of_bo);

  ASSERT_TRUE(this->change("ana", {.password_hash = "new"}));

  EXPECT_EQ(this->user("ana").version, 2U);
  EXPECT_EQ(this->refresh("a", "a2"), account::RefreshVerdict::refuse);
  EXPECT_EQ(this->refresh("b", "b2"), account::RefreshVerdict::rotate);
  EXPECT_EQ(this->code_of(this->change("nobody", {.active = false})), "HF-ACC-04");
}

TYPED_TEST_P(AccountStoreContract, FR_7_TheLastActiveSuperuserIsCountedInTheSameTransaction) {
  this->add("boss", true);
  this->add("vice", true);

  EXPECT_TRUE(this->change("vice", {.active = false}));
  EXPECT_EQ(this->code_of(this->change("boss", {.superuser = false})), "HF-ACC-05");
  EXPECT_TRUE(this->user("boss").superuser);
}

TYPED_TEST_P(AccountStoreContract, FR_7_ARefreshTokenWorksOnceAndItsSecondUseEndsTheFamily) {
  this->add("ana");
  this->add_token(this->token("one"));
  this->add_token(this->token("apart", "another log-in"));

  EXPECT_EQ(this->refresh("one", "two"), account::RefreshVerdict::rotate);
  this->reopen();
  EXPECT_EQ(this->refresh("one", "stolen"), account::RefreshVerdict::end_family);

  EXPECT_EQ(this->refresh("two", "three"), account::RefreshVerdict::refuse) << "the thief's or the owner's: both end";
  EXPECT_EQ(this->refresh("stolen", "x"), account::RefreshVerdict::refuse);
  EXPECT_EQ(this->refresh("apart", "apart2"), account::RefreshVerdict::rotate);
  EXPECT_EQ(this->refresh("never there", "y"), account::RefreshVerdict::refuse);
}

TYPED_TEST_P(AccountStoreContract, TheEndOfAFamilyStaysWhereItWasHoweverOftenItIsRefreshed) {
  this->add("ana");
  this->add_token(this->token("one"));

  RefreshToken next{.hash = "two", .expires_at = this->kNow + std::chrono::hours{2}};
  JudgeRefresh judge = [](const RefreshToken&, const User&) { return account::RefreshVerdict::rotate; };
  const auto first = this->run(this->accounts().refresh("one", next, judge)).value();
  next.hash = "three";
  const auto second = this->run(this->accounts().refresh("two", next, judge)).value();

  EXPECT_EQ(first.user.name, "ana");
  EXPECT_EQ(second.family_ends_at, this->kNow + std::chrono::hours{9});
}

TYPED_TEST_P(AccountStoreContract, LogOutEndsTheFamilyAndNoOther) {
  this->add("ana");
  this->add_token(this->token("one"));
  this->add_token(this->token("apart", "another log-in"));

  ASSERT_TRUE(this->run(this->accounts().end_family("one")));
  ASSERT_TRUE(this->run(this->accounts().end_family("never there")));

  EXPECT_EQ(this->refresh("one", "two"), account::RefreshVerdict::refuse);
  EXPECT_EQ(this->refresh("apart", "three"), account::RefreshVerdict::rotate);
}

TYPED_TEST_P(AccountStoreContract, FR_7_AnApiTokenIsFoundByItsHashUntilItsOwnerRevokesIt) {
  this->add("ana");
  ASSERT_TRUE(this->run(this->accounts().add_api_token(this->api_token("1"))));
  ASSERT_TRUE(this->run(this->accounts().add_api_token(this->api_token("2"))));
  ASSERT_TRUE(this->run(this->accounts().api_token_used("1", this->kNow)));

  this->reopen();
  const auto found = this->run(this->accounts().find_api_token("hash of 1")).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->label, hostile_text());
  EXPECT_EQ(found->last_used_at, this->kNow);
  EXPECT_EQ(this->run(this->accounts().api_tokens("ana")).value().size(), 2U);

  EXPECT_EQ(this->code_of(this->run(this->accounts().revoke_api_token("bo", "1"))), "HF-ACC-04");
  EXPECT_TRUE(this->run(this->accounts().find_api_token("hash of 1")).value());
  EXPECT_TRUE(this->run(this->accounts().revoke_api_token("ana", "1")));
  EXPECT_FALSE(this->run(this->accounts().find_api_token("hash of 1")).value());
}

TYPED_TEST_P(AccountStoreContract, AUserHasOnlySoManyApiTokens) {
  this->add("ana");
  for (unsigned i = 0; i < account::kApiTokensMax; ++i)
    ASSERT_TRUE(this->run(this->accounts().add_api_token(this->api_token(std::to_string(i)))));

  EXPECT_EQ(this->code_of(this->run(this->accounts().add_api_token(this->api_token("more")))), "HF-ACC-06");
}

TYPED_TEST_P(AccountStoreContract, FR_7_ASetupLinkMakesTheFirstSuperuserOnce) {
  ASSERT_TRUE(this->invite(this->invitation(LinkKind::setup, "", "old")));
  ASSERT_TRUE(this->invite(this->invitation(LinkKind::setup, "", "new")));

  EXPECT_EQ(this->code_of(this->use("hash of old", "boss")), "HF-AUT-06") << "only the newest link is good";
  EXPECT_TRUE(this->use("hash of new", "boss"));
  this->reopen();

  EXPECT_TRUE(this->user("boss").superuser);
  EXPECT_EQ(this->code_of(this->use("hash of new", "thief")), "HF-AUT-06");
  EXPECT_EQ(this->user("thief").name, "");
}

TYPED_TEST_P(AccountStoreContract, FR_7_AnInvitationIsFoundListedRevokedAndUsedOnce) {
  ASSERT_TRUE(this->invite(this->invitation(LinkKind::user, "ana", "1")));
  ASSERT_TRUE(this->invite(this->invitation(LinkKind::user, "bo", "2")));
  EXPECT_EQ(this->run(this->accounts().invitations()).value().size(), 2U);
  EXPECT_EQ(this->run(this->accounts().find_invitation("hash of 1")).value()->name, "ana");

  EXPECT_TRUE(this->run(this->accounts().revoke_invitation("2")));
  EXPECT_EQ(this->code_of(this->run(this->accounts().revoke_invitation("2"))), "HF-ACC-04");
  EXPECT_EQ(this->code_of(this->use("hash of 2")), "HF-AUT-06");
  EXPECT_TRUE(this->use("hash of 1"));
  EXPECT_EQ(this->code_of(this->use("hash of 1")), "HF-AUT-06");

  EXPECT_EQ(this->user("ana").password_hash, "new");
  EXPECT_FALSE(this->user("ana").superuser);
  EXPECT_TRUE(this->run(this->accounts().invitations()).value().empty());
  EXPECT_EQ(this->code_of(this->invite(this->invitation(LinkKind::user, "ana", "3"))), "HF-ACC-03");
}

TYPED_TEST_P(AccountStoreContract, ALinkThatIsRefusedStays) {
  ASSERT_TRUE(this->invite(this->invitation(LinkKind::user, "ana", "1")));
  UseLink refuse = [](const Invitation&, const std::optional<User>&, bool) -> Result<User> {
    return fail(ErrorClass::invalid, "HF-ACC-02", "no");
  };

  EXPECT_EQ(this->code_of(this->run(this->accounts().use_invitation("hash of 1", refuse))), "HF-ACC-02");

  EXPECT_TRUE(this->use("hash of 1"));
}

TYPED_TEST_P(AccountStoreContract, FR_7_ALinkForANewPasswordEndsTheSessionsOfThatUser) {
  EXPECT_EQ(this->code_of(this->invite(this->invitation(LinkKind::password, "ana"))), "HF-ACC-04");
  this->add("ana");
  this->add_token(this->token("one"));
  ASSERT_TRUE(this->invite(this->invitation(LinkKind::password, "ana")));

  ASSERT_TRUE(this->use("hash of 1"));

  EXPECT_EQ(this->user("ana").password_hash, "new");
  EXPECT_EQ(this->refresh("one", "two"), account::RefreshVerdict::refuse);
}

TYPED_TEST_P(AccountStoreContract, FR_7_AttemptsCountBeforeTheirOutcomeIsKnownAndForEachSideApart) {
  for (int i = 0; i < 6; ++i) EXPECT_EQ(this->admit("ana", "here"), milliseconds{0});

  EXPECT_GT(this->admit("ana", "elsewhere"), milliseconds{0}) << "the account, from wherever";
  EXPECT_EQ(this->admit("bo", "here"), milliseconds{0}) << "another account, from the same address";
  this->succeed("ana", "here");
  EXPECT_EQ(this->admit("ana", "here"), milliseconds{0});
}

TYPED_TEST_P(AccountStoreContract, FR_7_AnAddressThatTriesManyNamesIsSlowedDownAndItsOwnSuccessDoesNotHelp) {
  for (int i = 0; i < 101; ++i) EXPECT_EQ(this->admit("n" + std::to_string(i), "here"), milliseconds{0});
  EXPECT_GT(this->admit("next", "here"), milliseconds{0});
  this->succeed("n1", "here");

  EXPECT_EQ(this->admit("n1", "here"), milliseconds{0}) << "one was given back";
  EXPECT_GT(this->admit("next", "here"), milliseconds{0});
  EXPECT_EQ(this->admit("next", "elsewhere"), milliseconds{0}) << "an attempt that had to wait was not counted";
  EXPECT_EQ(this->admit("next", "here", this->kNow + std::chrono::days{2}), milliseconds{0});
}

TYPED_TEST_P(AccountStoreContract, FR_7_TheAuditOfManagementBeginsBeforeTheActAndSaysHowItEnded) {
  ManagementEntry entry{.at = this->kNow,
                        .actor = "boss",
                        .operation = "changeUser",
                        .subject = {{"name", hostile_text()}, {"id", ""}},
                        .request_id = "r"};
  const auto first = this->run(this->accounts().begin_management(entry)).value();
  const auto second = this->run(this->accounts().begin_management(entry)).value();
  ASSERT_TRUE(this->run(this->accounts().end_management(first, "done", {{"name", "ana"}})));

  this->reopen();
  const auto all = this->run(this->accounts().management(0, 10)).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].seq, second);
  EXPECT_EQ(all[0].outcome, "");
  EXPECT_EQ(all[0].subject, entry.subject);
  EXPECT_EQ(all[1].outcome, "done");
  EXPECT_EQ(all[1].subject, (Subject{{"name", "ana"}}));
  EXPECT_EQ(all[1].actor + all[1].operation + all[1].request_id, "bosschangeUserr");
  EXPECT_EQ(this->run(this->accounts().management(second, 10)).value().size(), 1U);
  EXPECT_EQ(this->run(this->accounts().management(0, 1)).value().size(), 1U);
}

TYPED_TEST_P(AccountStoreContract, FR_7_TheSigningKeyIsMadeOnce) {
  EXPECT_EQ(this->run(this->accounts().signing_key("first")).value(), "first");
  this->reopen();
  EXPECT_EQ(this->run(this->accounts().signing_key("second")).value(), "first");
}

REGISTER_TYPED_TEST_SUITE_P(
    AccountStoreContract, FR_7_AUserIsThereAfterARestartAndItsNameIsTaken, UsersAreListedByNameAPageAtATime,
    FR_7_AChangeThatMattersTakesTheRefreshTokensOfThatUserOnly,
    FR_7_TheLastActiveSuperuserIsCountedInTheSameTransaction,
    FR_7_ARefreshTokenWorksOnceAndItsSecondUseEndsTheFamily,
    TheEndOfAFamilyStaysWhereItWasHoweverOftenItIsRefreshed, LogOutEndsTheFamilyAndNoOther,
    FR_7_AnApiTokenIsFoundByItsHashUntilItsOwnerRevokesIt, AUserHasOnlySoManyApiTokens,
    FR_7_ASetupLinkMakesTheFirstSuperuserOnce, FR_7_AnInvitationIsFoundListedRevokedAndUsedOnce,
    ALinkThatIsRefusedStays, FR_7_ALinkForANewPasswordEndsTheSessionsOfThatUser,
    FR_7_AttemptsCountBeforeTheirOutcomeIsKnownAndForEachSideApart,
    FR_7_AnAddressThatTriesManyNamesIsSlowedDownAndItsOwnSuccessDoesNotHelp,
    FR_7_TheAuditOfManagementBeginsBeforeTheActAndSaysHowItEnded, FR_7_TheSigningKeyIsMadeOnce);

}  // namespace holdfast::contract
