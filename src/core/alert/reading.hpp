#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/alert/figures.hpp"
#include "core/alert/rule.hpp"

namespace holdfast::alert {

/// What a rule finds about one subject.
struct Reading {
  std::string subject{};       ///< a service, a pool, a kind of stage; empty: the server as a whole
  double value = 0;
  std::optional<bool> holds{};  ///< nothing: it cannot be known yet
};

/// One for each subject there is; nothing: it is not known which there are. `history` has been given the counters of
/// `now`.
[[nodiscard]] std::optional<std::vector<Reading>> read(const Rule& rule, const Figures& now, const History& history);

}  // namespace holdfast::alert
