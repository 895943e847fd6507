#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "web/fake_world.hpp"
#include "web/raw_client.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;
using testing::a_job;
using testing::Answer;
using testing::RawClient;
using testing::Visitors;
using testing::World;

constexpr std::string_view kPassword = "correct horse";

/// A server with a superuser "boss" and the users "ana" and "bo", and one connection for each question.
struct Accounts : ::testing::Test {
  World world{{}, 4ULL << 30U, Visitors::who_log_in};

  Accounts() {
    for (const std::string name : {"boss", "ana", "bo"})
      EXPECT_TRUE(world.run(world.accounts.accounts.add_user(name, std::string{kPassword}, name == "boss")));
  }

  [[nodiscard]] Answer ask(std::string_view method, std::string_view target, std::string_view fields = "",
                           std::string_view body = "") const {
    RawClient client{world.port};
    std::string text = std::string{method} + " " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() +
                       "\r\nX-Request-Id: r\r\n" + std::string{fields};
    if (!body.empty() && fields.find("Content-Type") == std::string_view::npos)
      text += "Content-Type: application/json\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return client.ask(text + "\r\n" + std::string{body});
  }
  [[nodiscard]] Answer log_in(std::string_view name, std::string_view password = kPassword) const {
    std::string form = "grant_type=password&username=" + std::string{name} + "&password=";
    for (const char letter : password) form += letter == ' ' ? '+' : letter;
    return ask("POST", "/auth/jwt/login", "Content-Type: application/x-www-form-urlencoded\r\n", form);
  }
  [[nodiscard]] static json::value parsed(const Answer& answer) { return json::parse(answer.body); }
  [[nodiscard]] static std::string text_at(const Answer& answer, std::string_view name) {
    return std::string{parsed(answer).at(name).as_string()};
  }
  /// The header line that says who asks.
  [[nodiscard]] std::string as(std::string_view name) const {
    return "Authorization: Bearer " + text_at(log_in(name), "access_token") + "\r\n";
  }
  [[nodiscard]] Answer refresh(const std::string& token) const {
    return ask("POST", "/auth/jwt/refresh", "", R"({"refresh_token":")" + token + "\"}");
  }
  std::vector<ManagementEntry> audit() { return world.run(world.accounts.accounts.store().management(0, 200)).value(); }
};

/// "/api/v1/items/{id}/transcript.{format}" with a value for each name.
std::string filled(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto open = std::min(path.find('{'), path.size());
    out += path.substr(0, open);
    path.remove_prefix(open);
    if (path.empty()) break;
    out += "itm_x";
    path.remove_prefix(path.find('}') + 1);
  }
  return out;
}

TEST_F(Accounts, FR_7_NobodyReachesAnyRouteThatIsNotForAnybody) {
  std::size_t seen = 0;
  for (const Route& route : all_routes()) {
    if (route.access == Access::anybody) continue;
    ++seen;
    const Answer answer = ask(route.method, filled(route.path));
    EXPECT_EQ(answer.status, 401U) << route.operation;
    EXPECT_FALSE(answer.field("WWW-Authenticate").empty()) << route.operation;
    const json::value said = json::parse(answer.body);
    const bool is_openai = route.path.starts_with("/v1/");
    EXPECT_EQ((is_openai ? said.at("error") : said).at("code"), "HF-AUT-01") << route.operation;
  }
  EXPECT_GT(seen, 15U);
  EXPECT_TRUE(audit().empty());
}

TEST_F(Accounts, FR_7_ManagementIsForSuperusersAndWhoTriedIsWrittenDown) {
  const std::string ana = as("ana");
  std::size_t changes = 0;
  for (const Route& route : all_routes()) {
    if (route.access != Access::superuser) continue;
    const Answer answer = ask(route.method, filled(route.path), ana);
    EXPECT_EQ(answer.status, 403U) << route.operation;
    EXPECT_EQ(text_at(answer, "code"), "HF-AUT-03");
    if (route.method != "GET") ++changes;
  }
  const auto lines = audit();
  ASSERT_EQ(lines.size(), changes);
  for (const auto& line : lines) EXPECT_EQ(line.actor + " " + line.outcome, "ana HF-AUT-03") << line.operation;
}

TEST_F(Accounts, FR_7_LogInAnswersAsOAuthDoesAndTellsWhoYouAre) {
  const Answer answer = log_in("ANA");

  ASSERT_EQ(answer.status, 200U) << answer.body;
  EXPECT_EQ(text_at(answer, "token_type"), "bearer");
  const std::string fields = "Authorization: Bearer " + text_at(answer, "access_token") + "\r\n";
  const Answer me = ask("GET", "/api/v1/me", fields);
  EXPECT_EQ(text_at(me, "name"), "ana");
  EXPECT_FALSE(parsed(me).at("superuser").as_bool());
  EXPECT_NE(answer.head.find("Set-Cookie: holdfast_session="), std::string::npos);
  EXPECT_NE(answer.head.find("; Path=/auth/jwt; HttpOnly; SameSite=Strict; Max-Age=1209"), std::string::npos);
  EXPECT_EQ(world.on_thread([&] { return world.logged_in; }), std::vector<std::string>{"ana"});
}

TEST_F(Accounts, FR_7_AWrongNameAndAWrongPasswordAreTheSame) {
  const Answer wrong = log_in("ana", "wrong password");
  const Answer nobody = log_in("nobody", "wrong password");

  EXPECT_EQ(wrong.status, 401U);
  EXPECT_EQ(wrong.body, nobody.body);
  EXPECT_EQ(log_in("a/b").body, wrong.body);
  EXPECT_TRUE(world.on_thread([&] { return world.logged_in.empty(); }));
}

TEST_F(Accounts, FR_7_GuessingIsSlowedDownWhetherOrNotThereIsSuchAUser) {
  for (const char* name : {"ana", "nobody"}) {
    for (int i = 0; i < 6; ++i) EXPECT_EQ(log_in(name, "wrong password").status, 401U);
    const Answer blocked = log_in(name);
    EXPECT_EQ(blocked.status, 429U) << "the right password does not help either";
    EXPECT_GT(std::stoi(blocked.field("Retry-After")), 0);
    EXPECT_LE(std::stoi(blocked.field("Retry-After")), 30);
  }
  EXPECT_EQ(log_in("bo").status, 200U);
}

TEST_F(Accounts, FR_7_LogInWantsAFormWithBothFields) {
  EXPECT_EQ(ask("POST", "/auth/jwt/login", "", R"({"username":"ana"})").status, 415U);
  const std::string_view form = "Content-Type: application/x-www-form-urlencoded\r\n";
  for (const char* bad : {"username=ana", "password=x", "username=%zz&password=x", "="})
    EXPECT_EQ(ask("POST", "/auth/jwt/login", form, bad).status, 400U) << bad;
  EXPECT_EQ(ask("POST", "/auth/jwt/login", form, std::string(20'000, 'a')).status, 400U);
}

TEST_F(Accounts, FR_7_ATokenThatIsNotGoodIsRefusedEvenBesideAGoodCookie) {
  const Answer session = log_in("ana");
  const std::string good = text_at(session, "access_token");
  const std::string cookie = "Cookie: holdfast_session=" + good + "\r\n";
  for (const std::string& bad : {std::string{"Bearer "}, std::string{"Bearer x"}, "Bearer " + good + "x",
                                 "Basic " + good, "Bearer hfp_" + good, good}) {
    EXPECT_EQ(ask("GET", "/api/v1/me", "Authorization: " + bad + "\r\n").status, 401U) << bad;
    EXPECT_EQ(ask("GET", "/api/v1/me", "Authorization: " + bad + "\r\n" + cookie).status, 401U) << bad;
  }
  EXPECT_EQ(ask("GET", "/api/v1/me", "Authorization: bearer " + good + "\r\n").status, 200U);
}

TEST_F(Accounts, FR_7_TheSessionCookieReadsAndNeverWrites) {
  const std::string cookie = "Cookie: a=b; holdfast_session=" + text_at(log_in("boss"), "access_token") + "\r\n";

  EXPECT_EQ(ask("GET", "/api/v1/me", cookie).status, 200U);
  EXPECT_EQ(ask("GET", "/api/v1/users", cookie).status, 200U);
  EXPECT_EQ(ask("PATCH", "/api/v1/users/ana", cookie, R"({"active":false})").status, 401U);
  EXPECT_EQ(ask("POST", "/api/v1/me/tokens", cookie, R"({"label":"x"})").status, 401U);
}

TEST_F(Accounts, FR_7_ARefreshTokenWorksOnceAndItsSecondUseEndsTheSession) {
  const std::string first = text_at(log_in("ana"), "refresh_token");
  const Answer second = refresh(first);
  ASSERT_EQ(second.status, 200U) << second.body;

  EXPECT_EQ(refresh(first).status, 401U);
  EXPECT_EQ(refresh(text_at(second, "refresh_token")).status, 401U) << "its family ended";
  EXPECT_EQ(refresh("nonsense").status, 401U);
  EXPECT_EQ(ask("POST", "/auth/jwt/refresh").status, 401U);
}

TEST_F(Accounts, FR_7_TheRefreshCookieDoesTheSameAndLogOutEndsIt) {
  const std::string cookie = "Cookie: holdfast_refresh=" + text_at(log_in("ana"), "refresh_token") + "\r\n";
  const Answer refreshed = ask("POST", "/auth/jwt/refresh", cookie);
  ASSERT_EQ(refreshed.status, 200U);
  const std::string next = "Cookie: holdfast_refresh=" + text_at(refreshed, "refresh_token") + "\r\n";

  EXPECT_EQ(ask("POST", "/auth/jwt/logout", "Origin: http://evil.example\r\n" + next).status, 403U);
  const Answer out = ask("POST", "/auth/jwt/logout", next);

  EXPECT_EQ(out.status, 204U);
  EXPECT_NE(out.head.find("holdfast_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"), std::string::npos);
  EXPECT_EQ(ask("POST", "/auth/jwt/refresh", next).status, 401U);
}

TEST_F(Accounts, FR_7_UsersReachOnlyWhatIsTheirsAndSuperusersEverything) {
  world.put(a_job("itm_ana", JobStatus::completed, "ana"));
  const std::string ana = as("ana");
  const std::string bo = as("bo");
  const std::string boss = as("boss");

  for (const char* more : {"", "/events", "/audit", "/media", "/transcript.srt"}) {
    const std::string target = "/api/v1/items/itm_ana" + std::string{more};
    const Answer theirs = ask("GET", target, bo);
    EXPECT_EQ(theirs.status, 404U) << more;
    EXPECT_EQ(theirs.body, ask("GET", "/api/v1/items/itm_none" + std::string{more}, bo).body);
  }
  for (const char* action : {"/cancel", "/retry"})
    EXPECT_EQ(ask("POST", "/api/v1/items/itm_ana" + std::string{action}, bo).status, 404U);
  EXPECT_EQ(ask("GET", "/api/v1/items/itm_ana", ana).status, 200U);
  EXPECT_EQ(ask("GET", "/api/v1/items/itm_ana", boss).status, 200U);
  EXPECT_TRUE(parsed(ask("GET", "/api/v1/items", bo)).at("data").as_array().empty());
  EXPECT_EQ(parsed(ask("GET", "/api/v1/items", ana)).at("data").as_array().size(), 1U);
  EXPECT_TRUE(world.on_thread([&] { return world.retried.empty(); }));
}

TEST_F(Accounts, FR_7_WhatOneSendsIsTheirs) {
  const Answer sent = ask("POST", "/api/v1/items?recipe=voicesync",
                          as("ana") + "Content-Type: application/octet-stream\r\n", testing::wav(100));
  ASSERT_EQ(sent.status, 201U) << sent.body;
  EXPECT_EQ(text_at(sent, "owner"), "ana");
}

TEST_F(Accounts, FR_7_WhoIsDeactivatedIsOutAtTheNextRequest) {
  const Answer session = log_in("ana");
  const std::string ana = "Authorization: Bearer " + text_at(session, "access_token") + "\r\n";
  ASSERT_EQ(ask("PATCH", "/api/v1/users/ana", as("boss"), R"({"active":false})").status, 200U);

  EXPECT_EQ(ask("GET", "/api/v1/me", ana).status, 401U);
  EXPECT_EQ(refresh(text_at(session, "refresh_token")).status, 401U);
  EXPECT_EQ(log_in("ana").status, 401U);
}

TEST_F(Accounts, FR_7_WhoLosesTheRightToManageLosesItAtOnceAndTheLastOneKeepsIt) {
  const std::string boss = as("boss");
  EXPECT_EQ(ask("PATCH", "/api/v1/users/boss", boss, R"({"superuser":false})").status, 409U);
  ASSERT_EQ(ask("PATCH", "/api/v1/users/ana", boss, R"({"superuser":true})").status, 200U);
  ASSERT_EQ(ask("PATCH", "/api/v1/users/boss", boss, R"({"superuser":false})").status, 200U);

  EXPECT_EQ(ask("GET", "/api/v1/users", boss).status, 401U) << "the token is of before the change";
  EXPECT_EQ(ask("GET", "/api/v1/users", as("boss")).status, 403U);
  EXPECT_EQ(ask("GET", "/api/v1/users", as("ana")).status, 200U);
}

TEST_F(Accounts, FR_7_AnApiTokenOpensWhatItsUserMayAndMakesNothingMoreOfItself) {
  const std::string ana = as("ana");
  const Answer made = ask("POST", "/api/v1/me/tokens", ana, R"({"label":"my script","days":30})");
  ASSERT_EQ(made.status, 201U) << made.body;
  const std::string secret = text_at(made, "token");
  const std::string script = "Authorization: Bearer " + secret + "\r\n";

  EXPECT_EQ(text_at(ask("GET", "/api/v1/me", script), "name"), "ana");
  EXPECT_EQ(ask("POST", "/api/v1/me/tokens", script, R"({"label":"more"})").status, 403U);
  EXPECT_EQ(ask("POST", "/api/v1/me/password", script, R"({"current_password":"a","password":"b"})").status, 403U);
  const Answer list = ask("GET", "/api/v1/me/tokens", ana);
  EXPECT_EQ(list.body.find(secret), std::string::npos);
  EXPECT_TRUE(parsed(list).at("data").at(0).at("last_used_at").is_string());

  const std::string address = "/api/v1/me/tokens/" + text_at(made, "id");
  EXPECT_EQ(ask("DELETE", address, as("bo")).status, 404U);
  EXPECT_EQ(ask("GET", "/api/v1/me", script).status, 200U);
  EXPECT_EQ(ask("DELETE", address, ana).status, 204U);
  EXPECT_EQ(ask("GET", "/api/v1/me", script).status, 401U);
}

TEST_F(Accounts, ATokenNeedsALabelAndATimeThatCanBe) {
  const std::string ana = as("ana");
  for (const char* bad : {R"({"label":"","days":1})", R"({"label":"x","days":0})", R"({"label":"x","days":367})",
                          R"({"label":"x","days":9223372036854775807})"})
    EXPECT_EQ(ask("POST", "/api/v1/me/tokens", ana, bad).status, 422U) << bad;
  for (const char* bad : {"{}", R"({"label":7})", R"({"label":"x","days":"7"})", R"({"label":"x","days":1.5})"})
    EXPECT_EQ(ask("POST", "/api/v1/me/tokens", ana, bad).status, 400U) << bad;
}

TEST_F(Accounts, FR_7_ANewPasswordNeedsTheOldOneAndEndsTheOtherSessions) {
  const std::string elsewhere = as("ana");
  const std::string ana = as("ana");
  const auto change = [&](const char* body) { return ask("POST", "/api/v1/me/password", ana, body); };
  EXPECT_EQ(change(R"({"current_password":"wrong","password":"a new sentence"})").status, 401U);
  EXPECT_EQ(change(R"({"current_password":"correct horse","password":"short"})").status, 422U);
  const Answer changed = change(R"({"current_password":"correct horse","password":"a new sentence"})");
  ASSERT_EQ(changed.status, 200U) << changed.body;

  EXPECT_EQ(ask("GET", "/api/v1/me", elsewhere).status, 401U);
  const std::string here = "Authorization: Bearer " + text_at(changed, "access_token") + "\r\n";
  EXPECT_EQ(ask("GET", "/api/v1/me", here).status, 200U);
  EXPECT_EQ(log_in("ana").status, 401U);
  EXPECT_EQ(log_in("ana", "a new sentence").status, 200U);
}

TEST_F(Accounts, FR_7_AnInvitationWorksOnceAndMakesWhoItNames) {
  const Answer made = ask("POST", "/api/v1/invitations", as("boss"), R"({"name":"Cy"})");
  ASSERT_EQ(made.status, 201U) << made.body;
  const std::string token = text_at(made, "token");
  EXPECT_EQ(text_at(made, "link"), "http://" + world.host() + "/#invitation=" + token + "&name=cy");
  const std::string address = "/auth/invitations/" + token;

  EXPECT_EQ(ask("POST", address, "", R"({"password":"cy"})").status, 422U) << "refused, and the link stays";
  const Answer session = ask("POST", address, "", R"({"password":"a new sentence","superuser":true,"name":"x"})");
  ASSERT_EQ(session.status, 200U) << session.body;
  EXPECT_EQ(std::string{parsed(session).at("user").at("name").as_string()}, "cy");
  EXPECT_FALSE(parsed(session).at("user").at("superuser").as_bool());
  EXPECT_EQ(ask("POST", address, "", R"({"password":"a new sentence"})").status, 404U);
  EXPECT_EQ(ask("POST", "/auth/setup/" + token, "", R"({"name":"x","password":"a new sentence"})").status, 404U);
}

TEST_F(Accounts, FR_7_AClassListGivesALinkForEachLineOrSaysWhyNot) {
  const std::string boss = as("boss");
  const Answer made = ask("POST", "/api/v1/invitations/import", boss + "Content-Type: text/csv\r\n",
                          "name;group\r\nCy;1\r\nana;1\r\n<b>;2\r\n");
  ASSERT_EQ(made.status, 200U) << made.body;
  const json::value body = parsed(made);
  ASSERT_EQ(body.at("data").as_array().size(), 3U);
  EXPECT_TRUE(body.at("data").at(0).at("link").is_string());
  EXPECT_EQ(body.at("data").at(1).at("error").at("code").as_string(), "HF-ACC-03");
  EXPECT_EQ(body.at("data").at(2).at("error").at("code").as_string(), "HF-ACC-01");

  const Answer list = ask("GET", "/api/v1/invitations", boss);
  ASSERT_EQ(parsed(list).at("data").as_array().size(), 1U);
  EXPECT_EQ(list.body.find(std::string{body.at("data").at(0).at("token").as_string()}), std::string::npos);
  const std::string id{parsed(list).at("data").at(0).at("id").as_string()};
  EXPECT_EQ(ask("DELETE", "/api/v1/invitations/" + id, boss).status, 204U);
  EXPECT_EQ(ask("DELETE", "/api/v1/invitations/" + id, boss).status, 404U);
  EXPECT_EQ(ask("POST", "/api/v1/invitations/import", boss + "Content-Type: text/csv\r\n", "\n").status, 422U);
}

TEST_F(Accounts, FR_7_EveryActOfManagementStandsInTheAuditWithoutAnyContent) {
  const std::string boss = as("boss");
  (void)ask("POST", "/api/v1/users", boss, R"({"name":"cy","password":"canary password"})");
  (void)ask("POST", "/api/v1/users", boss, R"({"name":"cy","password":"canary password"})");
  (void)ask("PATCH", "/api/v1/users/cy", boss, R"({"active":false})");
  (void)ask("PATCH", "/api/v1/users/nobody", boss, R"({"active":false})");
  (void)ask("GET", "/api/v1/users", boss);

  const Answer answer = ask("GET", "/api/v1/management-audit", boss);
  std::string lines;
  for (const auto& line : parsed(answer).at("data").as_array()) {
    lines += std::string{line.at("actor").as_string()} + " " + std::string{line.at("operation").as_string()} + " " +
             json::serialize(line.at("subject")) + " " + std::string{line.at("outcome").as_string()} + "\n";
  }
  EXPECT_EQ(lines,
            "boss changeUser {\"active\":\"false\",\"name\":\"nobody\"} HF-ACC-04\n"
            "boss changeUser {\"active\":\"false\",\"name\":\"cy\"} done\n"
            "boss createUser {} HF-ACC-03\n"
            "boss createUser {\"name\":\"cy\"} done\n");
  EXPECT_EQ(answer.body.find("canary"), std::string::npos);
  EXPECT_EQ(parsed(ask("GET", "/api/v1/management-audit?limit=1", boss)).at("next_cursor").as_string(), "4");
}

TEST_F(Accounts, PagesThatCannotBeAreRefused) {
  const std::string boss = as("boss");
  for (const char* list : {"/api/v1/users", "/api/v1/management-audit"}) {
    for (const char* limit : {"0", "-1", "201", "x", "1e2", "99999999999999999999"})
      EXPECT_EQ(ask("GET", std::string{list} + "?limit=" + limit, boss).status, 400U) << list << limit;
  }
  for (const char* cursor : {"-1", "x", "0", "99999999999999999999"})
    EXPECT_EQ(ask("GET", std::string{"/api/v1/management-audit?cursor="} + cursor, boss).status, 400U) << cursor;
  const json::value page = parsed(ask("GET", "/api/v1/users?limit=2", boss));
  EXPECT_EQ(page.at("next_cursor").as_string(), "bo");
  EXPECT_EQ(parsed(ask("GET", "/api/v1/users?cursor=bo", boss)).at("data").as_array().size(), 1U);
}

TEST_F(Accounts, WhichItemsWorkersAreAtIsToldToThoseWhoManage) {
  const json::value told = parsed(ask("GET", "/api/v1/status", as("ana"))).at("workers").at(0);
  EXPECT_TRUE(told.at("item").is_null() && told.at("job_id").is_null());
  EXPECT_EQ(told.at("kind").as_string(), "speech");
  EXPECT_EQ(parsed(ask("GET", "/api/v1/status", as("boss"))).at("workers").at(0).at("item").as_string(), "itm_1");
}

TEST(SetUp, FR_7_TheFirstSuperuserIsMadeOnceWithThePrintedLink) {
  World world{{}, 4ULL << 30U, Visitors::who_log_in};
  RawClient client{world.port};
  const auto post = [&](const std::string& token) {
    const std::string body = R"({"name":"Boss","password":"correct horse"})";
    return client.ask("POST /auth/setup/" + token + " HTTP/1.1\r\nHost: " + world.host() +
                      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                      "\r\n\r\n" + body);
  };
  const auto older = world.run(world.accounts.accounts.make_setup_link()).value();
  const auto link = world.run(world.accounts.accounts.make_setup_link()).value();
  ASSERT_TRUE(older && link);

  EXPECT_EQ(post(*older).status, 404U) << "only the newest counts";
  EXPECT_EQ(post("nonsense").status, 404U);
  const Answer session = post(*link);
  ASSERT_EQ(session.status, 200U) << session.body;
  EXPECT_EQ(json::parse(session.body).at("user").at("name").as_string(), "boss");
  EXPECT_TRUE(json::parse(session.body).at("user").at("superuser").as_bool());
  EXPECT_EQ(post(*link).status, 404U);
  EXPECT_FALSE(world.run(world.accounts.accounts.make_setup_link()).value()) << "there is a user now";
}

TEST(SingleUser, NobodyLogsInAndThereIsNothingToChange) {
  World world;
  RawClient client{world.port};
  const auto get = [&](const std::string& target) {
    return client.ask("GET " + target + " HTTP/1.1\r\nHost: " + world.host() + "\r\n\r\n");
  };
  EXPECT_TRUE(json::parse(get("/api/v1/me").body).at("single_user").as_bool());
  EXPECT_EQ(get("/api/v1/users").status, 403U) << "this world's one user is no superuser";
}

TEST(EventStream, FR_7_EndsWithWhatWasShown) {
  World world{{}, 4ULL << 30U, Visitors::who_log_in};
  ASSERT_TRUE(world.run(world.accounts.accounts.add_user("ana", std::string{kPassword}, false)));
  // An access token that is good for a moment only: what stands in it decides.
  const WallTime now = world.on_thread([&] { return world.clock.wall_now(); });
  const AccessClaims claims{
      .user = "ana", .user_version = 1, .issued_at = now, .expires_at = now + std::chrono::seconds{2}};
  const std::string token = world.on_thread([&] { return world.accounts.secrets->sign(claims); });
  RawClient client{world.port};

  ASSERT_TRUE(client.send("GET /api/v1/events HTTP/1.1\r\nHost: " + world.host() +
                          "\r\nAuthorization: Bearer " + token + "\r\nConnection: close\r\n\r\n"));

  EXPECT_TRUE(client.read_until("HTTP/1.1 200"));
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace holdfast::web
