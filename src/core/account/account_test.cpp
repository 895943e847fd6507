#include <gtest/gtest.h>

#include "core/account/attempts.hpp"
#include "core/account/decide.hpp"
#include "core/account/name.hpp"
#include "core/account/password.hpp"
#include "core/account/roster.hpp"

namespace holdfast::account {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kNow{milliseconds{1'800'000'000'000}};

std::string code_of(const auto& result) { return result ? "" : result.error().code(); }

TEST(AccountName, IsKeptInLowerCaseAndHasOneSpelling) {
  EXPECT_EQ(*parse_name("Ana.Maria+1@Example.org"), "ana.maria+1@example.org");
  EXPECT_EQ(*parse_name("7"), "7");
  EXPECT_EQ(parse_name(std::string(64, 'a'))->size(), 64U);
}

TEST(AccountName, WhatCouldBeTakenForSomethingElseIsRefused) {
  for (const std::string bad : {"", " ana", "ana ", "-ana", "@", "a b", "a/b", "a\nb", "\xC3\xA4nne", "ana,", "<ana>"})
    EXPECT_EQ(code_of(parse_name(bad)), "HF-ACC-01") << bad;
  EXPECT_EQ(code_of(parse_name(std::string(65, 'a'))), "HF-ACC-01");
  EXPECT_EQ(code_of(parse_name(std::string{"a\0b", 3})), "HF-ACC-01");
}

TEST(AccountName, ALabelMayBeAnyTextOfOneLine) {
  EXPECT_EQ(*parse_label("Anna's laptop, \xC3\xA4"), "Anna's laptop, \xC3\xA4");
  for (const std::string bad : {"", "a\nb", "\xFF", "\x7F"}) EXPECT_FALSE(parse_label(bad)) << bad;
  EXPECT_FALSE(parse_label(std::string(101, 'a')));
}

TEST(AccountPassword, LengthCountsAndKindsOfCharactersDoNot) {
  EXPECT_TRUE(check_password("correct horse", "ana"));
  EXPECT_TRUE(check_password("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6", "ana"));
  EXPECT_EQ(code_of(check_password("seven77", "ana")), "HF-ACC-02");
  const std::string four_in_eight_bytes = "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4";
  EXPECT_EQ(code_of(check_password(four_in_eight_bytes, "ana")), "HF-ACC-02");
  EXPECT_EQ(code_of(check_password(std::string(1025, 'x'), "ana")), "HF-ACC-02");
  EXPECT_EQ(code_of(check_password("12345678\xFF", "ana")), "HF-ACC-02");
}

TEST(AccountPassword, WhatIsTriedFirstIsRefusedAndNeverRepeatedInTheError) {
  for (const std::string bad : {"password", "PassWord1", "12345678", "aaaaaaaaaaaa", "ana.example", "holdfast"}) {
    const auto checked = check_password(bad, "ana.example");
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().what().find(bad), std::string::npos);
  }
}

TEST(AccountAttempts, AFewAreFreeThenEachWaitsTwiceAsLongUpToACap) {
  Attempts attempts;
  std::vector<std::int64_t> waits;
  WallTime now = kNow;
  for (int i = 0; i < 13; ++i) {
    attempts = admit(attempts, kOfAccount, now).after;
    const Admission next = admit(attempts, kOfAccount, now);
    waits.push_back(next.wait.count() / 1000);
    now += next.wait;
  }
  EXPECT_EQ(waits, (std::vector<std::int64_t>{0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900}));
}

TEST(AccountAttempts, AnAttemptThatHasToWaitDoesNotCount) {
  Attempts attempts;
  for (int i = 0; i < 6; ++i) attempts = admit(attempts, kOfAccount, kNow).after;

  const Admission refused = admit(attempts, kOfAccount, kNow + seconds{29});

  EXPECT_EQ(refused.wait, seconds{1});
  EXPECT_EQ(refused.after.failures, 6U);
  EXPECT_EQ(admit(attempts, kOfAccount, kNow + seconds{30}).wait, seconds{0});
}

TEST(AccountAttempts, SuccessForgetsTheAccountsFailuresAndGivesTheAddressOneBack) {
  Attempts address;
  for (int i = 0; i < 101; ++i) address = admit(address, kOfAddress, kNow).after;
  ASSERT_GT(admit(address, kOfAddress, kNow).wait, seconds{0});

  address = refunded(address);

  EXPECT_EQ(address.failures, 100U);
  EXPECT_EQ(admit(address, kOfAddress, kNow).wait, seconds{0});
  EXPECT_EQ(succeeded().failures, 0U);
  EXPECT_EQ(refunded({}).failures, 0U);
}

TEST(AccountAttempts, AreForgottenAfterAnHourAndACalendarSetBackShutsNobodyOut) {
  Attempts attempts;
  for (int i = 0; i < 9; ++i) attempts = admit(attempts, kOfAccount, kNow + hours{i < 8 ? 0 : 1}).after;
  EXPECT_EQ(admit({.failures = 8, .last_at = kNow}, kOfAccount, kNow + hours{1}).after.failures, 1U);

  const Attempts blocked{.failures = 99, .last_at = kNow, .blocked_until = kNow + minutes{15}};
  EXPECT_EQ(admit(blocked, kOfAccount, kNow - hours{100}).wait, minutes{15});
}

RefreshToken fresh_token() {
  return {.user = "ana", .user_version = 3, .expires_at = kNow + hours{1}, .family_ends_at = kNow + hours{9}};
}

TEST(AccountRefresh, WorksOnceWhileUserAndTimesAllowIt) {
  const User ana{.name = "ana", .version = 3};
  EXPECT_EQ(judge_refresh(fresh_token(), ana, kNow), RefreshVerdict::rotate);
  EXPECT_EQ(judge_refresh(fresh_token(), ana, kNow + hours{1}), RefreshVerdict::refuse);

  RefreshToken old_family = fresh_token();
  old_family.family_ends_at = kNow;
  EXPECT_EQ(judge_refresh(old_family, ana, kNow), RefreshVerdict::refuse);
  EXPECT_EQ(judge_refresh(fresh_token(), {.name = "ana", .version = 4}, kNow), RefreshVerdict::refuse);
  EXPECT_EQ(judge_refresh(fresh_token(), {.name = "ana", .active = false, .version = 3}, kNow), RefreshVerdict::refuse);
}

TEST(AccountRefresh, ASecondUseEndsTheFamilyEvenWhenItIsLate) {
  RefreshToken used = fresh_token();
  used.used = true;
  EXPECT_EQ(judge_refresh(used, {.name = "ana", .version = 3}, kNow), RefreshVerdict::end_family);
  EXPECT_EQ(judge_refresh(used, {.name = "ana", .version = 9}, kNow + hours{5}), RefreshVerdict::end_family);
}

TEST(AccountChange, EveryChangeOfPasswordRightsOrActivityEndsTheTokens) {
  const User ana{.name = "ana", .version = 3};
  EXPECT_EQ(change(ana, {.superuser = true}, 1)->version, 4U);
  EXPECT_EQ(change(ana, {.active = false}, 1)->version, 4U);
  EXPECT_EQ(change(ana, {.password_hash = "x"}, 1)->version, 4U);
  EXPECT_EQ(change(ana, {.superuser = false, .active = true}, 1)->version, 3U) << "nothing is different";
}

TEST(AccountChange, TheLastActiveSuperuserStays) {
  const User boss{.name = "boss", .superuser = true};
  EXPECT_EQ(code_of(change(boss, {.superuser = false}, 0)), "HF-ACC-05");
  EXPECT_EQ(code_of(change(boss, {.active = false}, 0)), "HF-ACC-05");
  EXPECT_TRUE(change(boss, {.active = false}, 1));
  EXPECT_TRUE(change(boss, {.password_hash = "x"}, 0));
  EXPECT_TRUE(change({.name = "ana"}, {.active = false}, 0));
}

TEST(AccountLink, MakesWhatItSaysAndNothingMore) {
  const Invitation setup{.kind = LinkKind::setup, .expires_at = kNow + hours{1}};
  const Invitation invited{.kind = LinkKind::user, .name = "ana", .expires_at = kNow + hours{1}};
  const LinkUse use{.name = "boss", .password_hash = "hash", .now = kNow};

  EXPECT_EQ(use_link(setup, use, {}, false)->name, "boss");
  EXPECT_TRUE(use_link(setup, use, {}, false)->superuser);
  EXPECT_EQ(use_link(invited, use, {}, true)->name, "ana") << "the name is the link's, whatever was asked for";
  EXPECT_FALSE(use_link(invited, use, {}, true)->superuser);
  EXPECT_EQ(code_of(use_link(setup, use, {}, true)), "HF-AUT-06") << "there are users already";
  EXPECT_EQ(code_of(use_link(invited, use, User{.name = "ana"}, true)), "HF-ACC-03");
  EXPECT_EQ(code_of(use_link(invited, {.now = kNow + hours{1}}, {}, true)), "HF-AUT-06");
}

TEST(AccountLink, ForANewPasswordChangesNothingElse) {
  const Invitation link{.kind = LinkKind::password, .name = "ana", .superuser = true, .expires_at = kNow + hours{1}};
  const User ana{.name = "ana", .password_hash = "old", .version = 3};
  const LinkUse use{.password_hash = "new", .now = kNow};

  const auto after = use_link(link, use, ana, true);

  ASSERT_TRUE(after);
  EXPECT_EQ(after->password_hash, "new");
  EXPECT_EQ(after->version, 4U);
  EXPECT_FALSE(after->superuser);
  EXPECT_EQ(code_of(use_link(link, use, {}, true)), "HF-AUT-06");
  EXPECT_EQ(code_of(use_link(link, use, User{.name = "ana", .active = false}, true)), "HF-AUT-06");
}

TEST(AccountRoster, TakesTheFirstColumnOfAClassList) {
  const auto names = read_roster("\xEF\xBB\xBF" "Name,Group\r\n\"ana\",1\r\n\r\n  bo ;2\ncy\tx\n,only a group\n");
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (std::vector<std::string>{"ana", "bo", "cy"}));
  EXPECT_EQ(*read_roster("ana\nname"), (std::vector<std::string>{"ana", "name"})) << "a heading stands first";
}

TEST(AccountRoster, NothingAndTooMuchAreRefused) {
  EXPECT_FALSE(read_roster(""));
  EXPECT_FALSE(read_roster("name\n\n"));
  std::string many;
  for (int i = 0; i < 500; ++i) many += "a\n";
  EXPECT_TRUE(read_roster(many));
  EXPECT_FALSE(read_roster(many + "a\n"));
}

}  // namespace
}  // namespace holdfast::account
