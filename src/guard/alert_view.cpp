#include "guard/alert_view.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/base/rfc3339.hpp"

namespace holdfast::guard {
namespace {

namespace json = boost::json;
using alert::Event;
using alert::Rule;
using alert::Severity;

json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string{text};
}

/// A count as a whole number.
json::value number(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  if (static_cast<double>(whole) == value) return whole;
  return value;
}

std::int64_t whole_seconds(milliseconds time) { return (time.count() + 999) / 1'000; }

json::object figures_of(const Rule& rule, double value) {
  return {{"value", number(value)},
          {"threshold", number(rule.threshold)},
          {"over_s", whole_seconds(rule.over)},
          {"lasts_s", whole_seconds(rule.lasts)}};
}

json::object rule_object(const Rule& rule) {
  return {{"alert", rule.name},
          {"severity", to_word(rule.severity)},
          {"threshold", number(rule.threshold)},
          {"over_s", whole_seconds(rule.over)},
          {"lasts_s", whole_seconds(rule.lasts)},
          {"what_to_do", rule.what_to_do}};
}

/// `state`: firing, pending or resolved.
json::object alert_object(const Rule& rule, const std::string& subject, std::string_view state, WallTime since,
                          double value) {
  return {{"alert", rule.name},
          {"severity", to_word(rule.severity)},
          {"subject", text_or_null(subject)},
          {"state", state},
          {"since", to_rfc3339(since)},
          {"summary", summary_of(rule, subject, value)},
          {"what_to_do", rule.what_to_do},
          {"figures", figures_of(rule, value)}};
}

const Rule* rule_of(const std::vector<Rule>& rules, const std::string& name) {
  const auto found = std::ranges::find(rules, name, &Rule::name);
  return found != rules.end() ? &*found : nullptr;
}

void add_standings(json::array& out, const Alerts& alerts, bool firing, Severity severity) {
  for (const auto& [key, standing] : alerts.book().standings) {
    const Rule* rule = rule_of(alerts.rules(), key.first);
    if (rule == nullptr || standing.firing != firing || rule->severity != severity) continue;
    const std::string_view state = firing ? "firing" : "pending";
    out.push_back(alert_object(*rule, key.second, state, standing.since, standing.value));
  }
}

json::array standings_array(const Alerts& alerts, bool firing) {
  json::array out;
  for (const Severity severity : {Severity::critical, Severity::high, Severity::medium, Severity::low})
    add_standings(out, alerts, firing, severity);
  return out;
}

}  // namespace

json::object event_object(const Event& event, const std::vector<Rule>& rules) {
  const Rule* rule = rule_of(rules, event.rule);
  if (rule == nullptr) return {{"alert", event.rule}};
  json::object out = alert_object(*rule, event.subject, event.firing ? "firing" : "resolved", event.since, event.value);
  out["id"] = event.id;
  out["at"] = to_rfc3339(event.at);
  return out;
}

json::array active_array(const Alerts& alerts) { return standings_array(alerts, true); }

json::object alerts_object(const Alerts& alerts) {
  json::array recent;
  const auto& events = alerts.book().recent;
  for (auto event = events.rbegin(); event != events.rend(); ++event)
    recent.push_back(event_object(*event, alerts.rules()));
  json::array rules;
  for (const Rule& rule : alerts.rules()) rules.push_back(rule_object(rule));
  json::object webhook{{"configured", alerts.delivers()},
                       {"waiting", alerts.book().waiting.size()},
                       {"dropped", alerts.book().dropped},
                       {"given_up", alerts.book().given_up},
                       {"trouble", text_or_null(alerts.trouble())}};
  return {{"active", active_array(alerts)},
          {"pending", standings_array(alerts, false)},
          {"recent", std::move(recent)},
          {"rules", std::move(rules)},
          {"webhook", std::move(webhook)}};
}

std::string notice_text(const Event& event, const std::vector<Rule>& rules, std::uint64_t dropped) {
  const json::object shown = event_object(event, rules);
  const json::string state = shown.contains("state") ? shown.at("state").as_string() : json::string{"unknown"};
  json::object out{{"type", "holdfast.alert." + std::string{state}}, {"timestamp", to_rfc3339(event.at)}};
  if (shown.contains("summary")) {
    const std::string head = event.firing ? std::string{shown.at("severity").as_string()} : "over";
    out["text"] = "[" + head + "] " + std::string{shown.at("summary").as_string()};
  }
  out["dropped"] = dropped;
  for (const auto& [name, value] : shown) out[name] = value;
  return json::serialize(out);
}

}  // namespace holdfast::guard
