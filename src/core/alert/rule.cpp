#include "core/alert/rule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace holdfast::alert {
namespace {

using enum Severity;

constexpr milliseconds kMinute{60'000};

constexpr std::array kRules{
    Rule{.name = "HoldfastModelDown",
         .measure = Measure::model_down,
         .severity = high,
         .lasts = kMinute,
         .summary = "{subject} does not answer; its items wait.",
         .what_to_do = "holdfast doctor names what is missing; it goes on by itself when that is back."},
    Rule{.name = "HoldfastServiceDown",
         .measure = Measure::service_down,
         .severity = high,
         .lasts = kMinute,
         .summary = "{subject} is away.",
         .what_to_do = "holdfast doctor names what is missing."},
    Rule{.name = "HoldfastQueueLong",
         .measure = Measure::queue_waiting,
         .severity = medium,
         .threshold = 100,
         .lasts = 5 * kMinute,
         .summary = "{value} items wait for {subject}.",
         .what_to_do = "Look whether work is paused or a service is away; else raise capacity."},
    Rule{.name = "HoldfastErrorRateHigh",
         .measure = Measure::error_share,
         .severity = high,
         .threshold = 0.10,
         .over = 5 * kMinute,
         .lasts = 5 * kMinute,
         .summary = "More than a tenth of the requests are answered with an error of ours.",
         .what_to_do = "holdfast status, then the log: which code?"},
    Rule{.name = "HoldfastModelFailureRateHigh",
         .measure = Measure::model_failure_share,
         .severity = high,
         .threshold = 0.10,
         .over = 5 * kMinute,
         .lasts = 5 * kMinute,
         .summary = "More than a tenth of the attempts at {subject} fail.",
         .what_to_do = "Look at the dead letters' causes."},
    Rule{.name = "HoldfastDeadLettersGrowing",
         .measure = Measure::dead_letters_grown,
         .severity = medium,
         .threshold = 5,
         .over = 60 * kMinute,
         .summary = "{value} items failed for good within an hour.",
         .what_to_do = "holdfast list --status failed; group them by cause."},
    Rule{.name = "HoldfastNoProgress",
         .measure = Measure::no_progress,
         .severity = critical,
         .over = 15 * kMinute,
         .lasts = 5 * kMinute,
         .summary = "Items wait and nothing has ended for a quarter of an hour.",
         .what_to_do = "holdfast status: is work paused, a service away, or one long recording at work?"},
    Rule{.name = "HoldfastDiskReserveLow",
         .measure = Measure::free_bytes,
         .severity = high,
         .threshold = 2e9,
         .lasts = kMinute,
         .summary = "{value}B are free where files are stored.",
         .what_to_do = "Make room: below storage.reserve uploads are refused."},
    Rule{.name = "HoldfastBreakerOpen",
         .measure = Measure::breaker_open,
         .severity = high,
         .lasts = 2 * kMinute,
         .summary = "{subject} failed repeatedly and gets no work; its items wait.",
         .what_to_do = "holdfast status says with which code; it is tried again by itself."},
    Rule{.name = "HoldfastEmergencyMode",
         .measure = Measure::last_resort,
         .severity = critical,
         .summary = "No model of {subject} answers: it gives prepared answers only, and what has none waits.",
         .what_to_do = "holdfast status says with which codes; it leaves this mode by itself."},
    Rule{.name = "HoldfastWorkPaused",
         .measure = Measure::work_paused,
         .severity = medium,
         .lasts = 15 * kMinute,
         .summary = "Memory has been short for a quarter of an hour; work goes slowly or not at all.",
         .what_to_do = "Close what else needs memory, or set a smaller speech.model."},
    Rule{.name = "HoldfastUploadsRefused",
         .measure = Measure::uploads_refused,
         .severity = high,
         .lasts = 2 * kMinute,
         .summary = "No file is taken, because memory is short.",
         .what_to_do = "Close what else needs memory."},
    Rule{.name = "HoldfastQueueRefusals",
         .measure = Measure::queue_refusals,
         .severity = high,
         .threshold = 10,
         .over = 5 * kMinute,
         .summary = "Full queues have refused {value} uploads since the server started.",
         .what_to_do = "Look why so many items wait; else raise capacity or admission.waiting_max."},
    Rule{.name = "HoldfastWorkersAdded",
         .measure = Measure::workers_added,
         .severity = low,
         .summary = "{value} more workers are at work, because many items wait.",
         .what_to_do = "Nothing: they go when the queue is short. Where it is so each day, raise capacity.engine."},
    Rule{.name = "HoldfastSpoolLong",
         .measure = Measure::spool_records,
         .severity = critical,
         .threshold = 100,
         .summary = "The store refuses writes: {value} uploads and results wait beside it.",
         .what_to_do = "holdfast status says why; make room, end what locks it, or restore a backup."},
    Rule{.name = "HoldfastCacheMissesHigh",
         .measure = Measure::cache_miss_share,
         .severity = low,
         .threshold = 0.80,
         .over = 10 * kMinute,
         .lasts = 10 * kMinute,
         .summary = "More than four fifths of the questions to the cache are not answered there.",
         .what_to_do = "holdfast status: does Redis answer? Else raise cache.entries_max."},
};

/// "1.9Gi", as in front of a B.
std::string in_powers_of_1024(double bytes) {
  constexpr std::array kUnits{"", "ki", "Mi", "Gi", "Ti", "Pi"};
  std::size_t unit = 0;
  for (; std::abs(bytes) >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  const auto tenths = std::llround(bytes * 10);
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + kUnits.at(unit);
}

std::string value_text(Measure measure, double value) {
  if (measure == Measure::free_bytes) return in_powers_of_1024(value);
  return std::to_string(std::llround(value));
}

void put_in(std::string& text, std::string_view mark, std::string_view words) {
  const auto at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), words);
}

}  // namespace

std::string_view to_word(Severity severity) {
  switch (severity) {
    case low:
      return "low";
    case medium:
      return "medium";
    case high:
      return "high";
    case critical:
      return "critical";
  }
  std::unreachable();
}

std::span<const Rule> rules() { return kRules; }

const Rule* find_rule(std::string_view name) {
  const auto* const found = std::ranges::find(kRules, name, &Rule::name);
  return found == kRules.end() ? nullptr : found;
}

std::vector<Rule> sped_up(unsigned times) {
  std::vector<Rule> out{kRules.begin(), kRules.end()};
  for (Rule& rule : out) {
    rule.over /= std::max(times, 1U);
    rule.lasts /= std::max(times, 1U);
  }
  return out;
}

std::string summary_of(const Rule& rule, std::string_view subject, double value) {
  std::string text{rule.summary};
  put_in(text, "{value}", value_text(rule.measure, value));
  put_in(text, "{subject}", subject);
  return text;
}

}  // namespace holdfast::alert
