#include "flow/recovery/rule_book.hpp"

#include <boost/json.hpp>

#include "flow/stages/body.hpp"
#include "flow/stages/stage_kind.hpp"
#include "flow/views/item_view.hpp"
#include "flow/views/json_text.hpp"

namespace holdfast::recovery {
namespace {

namespace json = boost::json;

constexpr std::string_view kRulesName = "recovery/rules";

std::unexpected<Error> refuse_rule(std::string_view kind, const std::string& why) {
  return fail(ErrorClass::invalid, "HF-QUE-03", std::string{kind} + ": " + why);
}

std::unexpected<Error> damaged_rules() {
  return fail(ErrorClass::corrupt, "HF-STO-03", "the kept rules cannot be read");
}

/// Sets what the field of that name stands for. False: there is none.
bool put_field(RecoveryRule& rule, std::string_view name, std::int64_t value) {
  const auto count = static_cast<unsigned>(std::clamp<std::int64_t>(value, 0, 1'000'000));
  if (name == "attempts_max") rule.attempts_max = count;
  else if (name == "crashes_max") rule.crashes_max = count;
  else if (name == "backoff_base_ms") rule.backoff_base = milliseconds{value};
  else if (name == "backoff_ceiling_ms") rule.backoff_ceiling = milliseconds{value};
  else if (name == "no_progress_ms") rule.no_progress = milliseconds{value};
  else return false;
  return true;
}

Result<RecoveryRule> read_rule(std::string_view kind, const json::value& fields) {
  if (!fields.is_object()) return refuse_rule(kind, "a rule is an object");
  RecoveryRule rule;
  for (const auto& [name, value] : fields.get_object()) {
    if (value.is_null()) continue;
    if (!value.is_int64()) return refuse_rule(kind, std::string{name} + " is a whole number");
    if (!put_field(rule, name, value.get_int64())) return refuse_rule(kind, "there is no rule " + std::string{name});
  }
  return rule;
}

json::object rule_object(const RecoveryRule& rule) {
  json::object out;
  if (rule.attempts_max) out["attempts_max"] = *rule.attempts_max;
  if (rule.crashes_max) out["crashes_max"] = *rule.crashes_max;
  if (rule.backoff_base) out["backoff_base_ms"] = rule.backoff_base->count();
  if (rule.backoff_ceiling) out["backoff_ceiling_ms"] = rule.backoff_ceiling->count();
  if (rule.no_progress) out["no_progress_ms"] = rule.no_progress->count();
  return out;
}

json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string{text};
}

}  // namespace

std::vector<std::string> rule_kinds() {
  std::vector<std::string> kinds;
  for (const auto* kind : stages::registry()) kinds.emplace_back(kind->name());
  return kinds;
}

Result<RecoveryRules> read_rules(const json::object& fields) {
  RecoveryRules rules;
  for (const auto& [kind, value] : fields) {
    HF_TRY(rules[std::string{kind}], read_rule(kind, value));
  }
  return rules;
}

json::object rules_object(const RecoveryRules& rules) {
  json::object out;
  for (const auto& [kind, rule] : rules) out[kind] = rule_object(rule);
  return out;
}

void RuleBook::put(RecoveryRules changed) {
  changed_ = std::move(changed);
  in_force_ = merged(deps_.configured, changed_);
}

Task<Result<void>> RuleBook::load() {
  HF_CO_TRY(const auto kept, co_await deps_.states.kept(std::string{kRulesName}));
  if (!kept) co_return Result<void>{};
  boost::system::error_code bad;
  const json::value parsed = json::parse(*kept, bad);
  const json::value* rules = !bad && parsed.is_object() ? parsed.get_object().if_contains("rules") : nullptr;
  if (rules == nullptr || !rules->is_object()) co_return damaged_rules();
  auto read = read_rules(rules->get_object());
  if (!read) co_return damaged_rules();
  // A kind that this program does not know any more has no stage that the rule could be about.
  std::erase_if(*read, [kinds = rule_kinds()](const auto& rule) {
    return std::ranges::find(kinds, rule.first) == kinds.end();
  });
  changed_at_ = stages::body::text_or_empty(parsed.get_object(), "changed_at");
  changed_by_ = stages::body::text_or_empty(parsed.get_object(), "changed_by");
  put(*std::move(read));
  co_return Result<void>{};
}

Task<Result<void>> RuleBook::replace(RecoveryRules changed, std::string who) {
  HF_CO_TRY_VOID(check_rules(changed, rule_kinds()));
  const std::string now = views::to_rfc3339(deps_.clock.wall_now());
  const json::object kept{{"rules", rules_object(changed)}, {"changed_at", now}, {"changed_by", who}};
  auto keeping = deps_.states.keep(std::string{kRulesName}, views::to_text(kept));
  HF_CO_TRY_VOID(co_await std::move(keeping));
  changed_at_ = now;
  changed_by_ = std::move(who);
  put(std::move(changed));
  tell(deps_.log, LogLevel::warn, "recovery_rules_changed", {{"by", changed_by_}});
  co_return Result<void>{};
}

json::object RuleBook::to_object() const {
  return {{"kinds", json::value_from(rule_kinds())},
          {"configured", rules_object(deps_.configured)},
          {"changed", rules_object(changed_)},
          {"in_force", rules_object(in_force_)},
          {"changed_at", text_or_null(changed_at_)},
          {"changed_by", text_or_null(changed_by_)}};
}

}  // namespace holdfast::recovery
