#include "adapters/sqlite/account_rows.hpp"

#include <algorithm>

#include "adapters/sqlite/codec.hpp"
#include "adapters/sqlite/job_rows.hpp"

namespace holdfast::sqlite {
namespace {

constexpr std::chrono::days kAttemptsKept{1};

ApiToken api_token_of(const Statement& row) {
  ApiToken token{.id = row.text(0),
                 .user = row.text(1),
                 .label = row.text(2),
                 .hash = row.text(3),
                 .created_at = from_ms(row.integer(4)),
                 .expires_at = from_ms(row.integer(5))};
  if (!row.is_null(6)) token.last_used_at = from_ms(row.integer(6));
  return token;
}

Invitation invitation_of(const Statement& row) {
  return {.id = row.text(0),
          .hash = row.text(1),
          .kind = row.as<LinkKind>(2),
          .name = row.text(3),
          .superuser = row.integer(4) != 0,
          .created_by = row.text(5),
          .created_at = from_ms(row.integer(6)),
          .expires_at = from_ms(row.integer(7))};
}

/// Of what a link is for, while it is made.
Result<void> check_invited(Database& database, const Invitation& invitation) {
  if (invitation.kind == LinkKind::setup) return {};
  HF_TRY(const auto there, user_named(database, invitation.name));
  if (invitation.kind == LinkKind::user && there) return fail(ErrorClass::conflict, "HF-ACC-03", "the name is taken");
  if (invitation.kind == LinkKind::password && !there)
    return fail(ErrorClass::not_found, "HF-ACC-04", "there is no such user");
  return {};
}

Result<account::Attempts> attempts_of(Database& database, const std::string& subject) {
  HF_TRY(auto found,
         database.query("SELECT failures, last_at, blocked_until FROM attempts WHERE subject = ?1", subject));
  HF_TRY(const bool row, found.step());
  if (!row) return account::Attempts{};
  return account::Attempts{.failures = found.as<unsigned>(0),
                           .last_at = from_ms(found.integer(1)),
                           .blocked_until = from_ms(found.integer(2))};
}

Result<void> put_attempts(Database& database, const std::string& subject, const account::Attempts& attempts) {
  if (attempts.failures == 0) return database.run("DELETE FROM attempts WHERE subject = ?1", subject);
  return database.run(
      "INSERT INTO attempts VALUES(?1, ?2, ?3, ?4) "
      "ON CONFLICT(subject) DO UPDATE SET failures = ?2, last_at = ?3, blocked_until = ?4",
      subject, attempts.failures, to_ms(attempts.last_at), to_ms(attempts.blocked_until));
}

/// Names and values of the route's path, one after the other.
std::string encode_subject(const Subject& subject) {
  std::vector<std::string> strings;
  for (const auto& [name, value] : subject) strings.insert(strings.end(), {name, value});
  return encode_strings(strings);
}

Result<Subject> decode_subject(std::string_view bytes) {
  HF_TRY(const auto strings, decode_strings(bytes));
  Subject subject;
  for (std::size_t i = 0; i + 1 < strings.size(); i += 2) subject.emplace(strings[i], strings[i + 1]);
  return subject;
}

Result<ManagementEntry> management_of(const Statement& row) {
  ManagementEntry entry{.seq = row.as<std::uint64_t>(0),
                        .at = from_ms(row.integer(1)),
                        .actor = row.text(2),
                        .operation = row.text(3),
                        .outcome = row.text(5),
                        .request_id = row.text(6)};
  HF_TRY(entry.subject, decode_subject(row.view(4)));
  return entry;
}

}  // namespace

Result<void> insert_api_token(Database& database, const ApiToken& token) {
  HF_TRY(const auto count, database.integer("SELECT count(*) FROM api_tokens WHERE user = ?1", token.user));
  if (count.value_or(0) >= account::kApiTokensMax)
    return fail(ErrorClass::conflict, "HF-ACC-06", "revoke one that is not needed any more");
  return database.run(
      "INSERT INTO api_tokens(id, user, label, hash, created_at, expires_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)", token.id,
      token.user, token.label, token.hash, to_ms(token.created_at), to_ms(token.expires_at));
}

Result<std::vector<ApiToken>> api_tokens_of(Database& database, const std::string& user) {
  HF_TRY(auto found, database.query("SELECT id, user, label, hash, created_at, expires_at, last_used_at "
                                    "FROM api_tokens WHERE user = ?1 ORDER BY id DESC",
                                    user));
  std::vector<ApiToken> tokens;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return tokens;
    tokens.push_back(api_token_of(found));
  }
}

Result<std::optional<ApiToken>> api_token_with(Database& database, const std::string& hash) {
  HF_TRY(auto found, database.query("SELECT id, user, label, hash, created_at, expires_at, last_used_at "
                                    "FROM api_tokens WHERE hash = ?1",
                                    hash));
  HF_TRY(const bool row, found.step());
  return row ? std::optional{api_token_of(found)} : std::nullopt;
}

Result<void> insert_invitation(Database& database, const Invitation& invitation) {
  HF_TRY_VOID(check_invited(database, invitation));
  const auto kind = static_cast<int>(invitation.kind);
  HF_TRY_VOID(database.run("DELETE FROM invitations WHERE kind = ?1 AND name = ?2", kind, invitation.name));
  return database.run("INSERT INTO invitations(id, hash, kind, name, superuser, created_by, created_at, expires_at) "
                      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                      invitation.id, invitation.hash, kind, invitation.name, invitation.superuser,
                      invitation.created_by, to_ms(invitation.created_at), to_ms(invitation.expires_at));
}

Result<std::vector<Invitation>> invitations_there(Database& database) {
  HF_TRY(auto found, database.query("SELECT id, hash, kind, name, superuser, created_by, created_at, expires_at "
                                    "FROM invitations WHERE kind <> 0 ORDER BY id DESC"));
  std::vector<Invitation> invitations;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return invitations;
    invitations.push_back(invitation_of(found));
  }
}

Result<std::optional<Invitation>> invitation_with(Database& database, const std::string& hash) {
  HF_TRY(auto found, database.query("SELECT id, hash, kind, name, superuser, created_by, created_at, expires_at "
                                    "FROM invitations WHERE hash = ?1",
                                    hash));
  HF_TRY(const bool row, found.step());
  return row ? std::optional{invitation_of(found)} : std::nullopt;
}

Result<User> use_invitation(Database& database, const std::string& hash, const UseLink& decide) {
  HF_TRY(const auto link, invitation_with(database, hash));
  if (!link) return fail(ErrorClass::not_found, "HF-AUT-06", "there is no such link");
  HF_TRY(const auto there, user_named(database, link->name));
  HF_TRY(const bool anybody, any_users(database));
  HF_TRY(User user, decide(*link, there, anybody));
  HF_TRY_VOID(there ? update_user(database, *there, user) : insert_user(database, user));
  HF_TRY_VOID(database.run("DELETE FROM invitations WHERE id = ?1", link->id));
  return user;
}

Result<milliseconds> admit(Database& database, const std::vector<AttemptSubject>& subjects, WallTime now) {
  HF_TRY_VOID(database.run("DELETE FROM attempts WHERE last_at < ?1", to_ms(now - kAttemptsKept)));
  std::vector<account::Admission> admissions;
  milliseconds longest{0};
  for (const auto& [subject, policy] : subjects) {
    HF_TRY(const auto before, attempts_of(database, subject));
    admissions.push_back(account::admit(before, policy, now));
    longest = std::max(longest, admissions.back().wait);
  }
  if (longest > milliseconds{0}) return longest;
  for (std::size_t i = 0; i < subjects.size(); ++i)
    HF_TRY_VOID(put_attempts(database, subjects[i].subject, admissions[i].after));
  return longest;
}

Result<void> attempt_succeeded(Database& database, const std::vector<AttemptSubject>& subjects) {
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    HF_TRY(const auto before, attempts_of(database, subjects[i].subject));
    const auto after = i == 0 ? account::succeeded() : account::refunded(before);
    HF_TRY_VOID(put_attempts(database, subjects[i].subject, after));
  }
  return {};
}

Result<std::uint64_t> insert_management(Database& database, const ManagementEntry& entry) {
  const std::string subject = encode_subject(entry.subject);
  HF_TRY_VOID(database.run("INSERT INTO management_audit(at, actor, operation, subject, outcome, request_id) "
                           "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                           to_ms(entry.at), entry.actor, entry.operation, Blob{subject}, entry.outcome,
                           entry.request_id));
  return static_cast<std::uint64_t>(database.last_rowid());
}

Result<void> end_management(Database& database, std::uint64_t seq, const std::string& outcome,
                            const Subject& subject) {
  const std::string encoded = encode_subject(subject);
  return database.run("UPDATE management_audit SET outcome = ?2, subject = ?3 WHERE seq = ?1", seq, outcome,
                      Blob{encoded});
}

Result<std::vector<ManagementEntry>> management_before(Database& database, std::uint64_t before, unsigned limit) {
  HF_TRY(auto found, database.query("SELECT seq, at, actor, operation, subject, outcome, request_id "
                                    "FROM management_audit WHERE ?1 = 0 OR seq < ?1 ORDER BY seq DESC LIMIT ?2",
                                    before, limit));
  std::vector<ManagementEntry> entries;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return entries;
    HF_TRY(ManagementEntry entry, management_of(found));
    entries.push_back(std::move(entry));
  }
}

}  // namespace holdfast::sqlite
