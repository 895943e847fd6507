#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "core/recovery/rules.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/state_store.hpp"

namespace holdfast::recovery {

/// The recovery rules: those of the configuration, and over them those that an operator set while the server ran,
/// which are kept. Where neither says anything the recipe does.
class RuleBook {
 public:
  struct Deps {
    StateStore& states;
    Clock& clock;
    RecoveryRules configured;
    Log* log = nullptr;
  };
  explicit RuleBook(Deps deps) : deps_{std::move(deps)}, in_force_{deps_.configured} {}

  /// Takes up what was kept. Errors: as StateStore; corrupt HF-STO-03.
  Task<Result<void>> load();
  /// Puts these in the place of all that were set before; none: only the configuration counts. Durable, then in force.
  /// Errors: invalid HF-QUE-03 (the old ones stay); as StateStore.
  Task<Result<void>> replace(RecoveryRules changed, std::string who);

  /// Stays where it is as long as this lives.
  [[nodiscard]] const RecoveryRules& in_force() const { return in_force_; }
  /// `configured`, `changed`, `in_force`, `changed_at`, `changed_by`, `kinds`.
  [[nodiscard]] boost::json::object to_object() const;

 private:
  void put(RecoveryRules changed);

  Deps deps_;
  RecoveryRules changed_;
  RecoveryRules in_force_;
  std::string changed_at_;
  std::string changed_by_;
};

/// By kind: `attempts_max`, `crashes_max`, `backoff_base_ms`, `backoff_ceiling_ms`, `no_progress_ms`.
/// Errors: invalid HF-QUE-03 (an unknown field, not a number).
Result<RecoveryRules> read_rules(const boost::json::object& fields);
boost::json::object rules_object(const RecoveryRules& rules);

/// The kinds of stage that rules can be about.
std::vector<std::string> rule_kinds();

}  // namespace holdfast::recovery
