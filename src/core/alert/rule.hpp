#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

/// What the operator is told of without having asked. The same rules stand in deploy/prometheus/holdfast.rules.yml for
/// those who have a Prometheus; a test compares the two.
namespace holdfast::alert {

/// critical wakes somebody, high today, medium this week, low to know.
enum class Severity : std::uint8_t { low, medium, high, critical };
[[nodiscard]] std::string_view to_word(Severity severity);

/// What a rule looks at.
enum class Measure : std::uint8_t {
  model_down,
  service_down,         ///< of the other services
  queue_waiting,        ///< items that wait for one pool
  error_share,          ///< of the requests, those answered with an error of ours
  model_failure_share,  ///< of the attempts at a kind of stage with a model, those that failed
  dead_letters_grown,   ///< by how many
  no_progress,          ///< items that wait while nothing ends
  free_bytes,
  breaker_open,
  last_resort,          ///< of a recipe: nothing that it needs answers
  work_paused,
  uploads_refused,
  queue_refusals,    ///< every so many refusals by a full queue
  workers_added,     ///< at work because many items wait, beyond those there are otherwise
  spool_records,  ///< that the store did not take; above the figures' own limit
  cache_miss_share,  ///< of the questions to the cache, those that it could not answer
};

struct Rule {
  std::string_view name;
  Measure measure{};
  Severity severity{};
  double threshold = 0;       ///< it holds above this, of free_bytes below it
  milliseconds over{0};       ///< how far back rates and growth are measured; 0: only what is now counts
  milliseconds lasts{0};      ///< how long it must hold before anybody is told
  std::string_view summary;   ///< {subject} and {value} stand for what they are at the time
  std::string_view what_to_do;
};

/// All of them.
[[nodiscard]] std::span<const Rule> rules();
/// nullptr: there is none of that name.
[[nodiscard]] const Rule* find_rule(std::string_view name);

/// The same rules with times that are `times` as short, for drills.
[[nodiscard]] std::vector<Rule> sped_up(unsigned times);

/// A summary with what it is about put in.
[[nodiscard]] std::string summary_of(const Rule& rule, std::string_view subject, double value);

}  // namespace holdfast::alert
