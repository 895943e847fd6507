#include "web/gate.hpp"

#include "core/transcript/text.hpp"
#include "web/header_value.hpp"

namespace holdfast::web {
namespace {

/// Of one value in the audit: whoever asks chose it.
constexpr std::size_t kSubjectMax = 128;

std::unexpected<Error> nobody() { return fail(ErrorClass::invalid, "HF-AUT-01", "nobody is logged in"); }

std::unexpected<Error> not_a_superuser() {
  return fail(ErrorClass::invalid, "HF-AUT-03", "only a superuser may do this");
}

/// A token that is not good is refused even where a cookie would do.
std::string shown(const RequestHead& head) {
  if (head.has("authorization")) return bearer_of(head);
  return is_safe_method(head.method) ? cookie_of(head, kSessionCookie) : std::string{};
}

Task<Result<Principal>> authenticate(Context* context, const RequestHead* head) {
  if (context->deps.single_user) co_return *context->deps.single_user;
  std::string token = shown(*head);
  if (token.empty()) co_return nobody();
  HF_CO_TRY(guard::Known known, co_await context->deps.accounts.who_is(std::move(token)));
  co_return Principal{.owner = std::move(known.user.name),
                      .superuser = known.user.superuser,
                      .until = known.until,
                      .by_api_token = known.by_api_token};
}

std::map<std::string, std::string> subject_of(const Exchange& exchange) {
  std::map<std::string, std::string> subject = exchange.subject;
  subject.insert(exchange.path_values.begin(), exchange.path_values.end());
  for (auto& [name, value] : subject) value = transcript::to_valid_utf8(value.substr(0, kSubjectMax));
  return subject;
}

/// How it ended, without any words: a code, or the status.
std::string outcome_of(const Result<Response>& answer) {
  if (!answer) return answer.error().code();
  return answer->status < 400 ? "done" : "status " + std::to_string(answer->status);
}

/// The line stands in the audit before anything is done, and is finished afterwards: nothing is changed unseen.
Task<Result<Response>> let_manage(Context* context, Exchange* exchange, const Route* route) {
  AccountStore& store = context->deps.accounts.store();
  const bool may = exchange->principal.superuser;
  ManagementEntry entry{.at = context->clock().wall_now(),
                        .actor = exchange->principal.owner,
                        .operation = std::string{route->operation},
                        .subject = subject_of(*exchange),
                        .outcome = may ? "" : "HF-AUT-03",
                        .request_id = exchange->request_id};
  HF_CO_TRY(const std::uint64_t seq, co_await store.begin_management(std::move(entry)));
  if (!may) co_return not_a_superuser();
  auto answer = co_await route->handler(context, exchange);
  std::string outcome = outcome_of(answer);
  auto subject = subject_of(*exchange);
  HF_CO_TRY_VOID(co_await store.end_management(seq, std::move(outcome), std::move(subject)));
  co_return answer;
}

}  // namespace

Task<Result<Response>> let_pass(Context* context, Exchange* exchange, const Route* route) {
  if (route->access == Access::anybody) co_return co_await route->handler(context, exchange);
  HF_CO_TRY(exchange->principal, co_await authenticate(context, &exchange->head));
  if (route->access == Access::superuser) {
    if (!is_safe_method(exchange->head.method)) co_return co_await let_manage(context, exchange, route);
    if (!exchange->principal.superuser) co_return not_a_superuser();
  }
  co_return co_await route->handler(context, exchange);
}

std::string bearer_of(const RequestHead& head) {
  const std::string value = head.field("authorization");
  const auto space = value.find(' ');
  if (space == std::string::npos || !equals_ignoring_case(value.substr(0, space), "bearer")) return {};
  return std::string{trimmed(std::string_view{value}.substr(space))};
}

std::string cookie_of(const RequestHead& head, std::string_view name) {
  const std::string all = head.field("cookie");
  std::string_view rest = all;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    const std::string_view pair = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return std::string{pair.substr(equals + 1)};
  }
  return {};
}

}  // namespace holdfast::web
