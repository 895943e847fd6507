#pragma once

#include <map>
#include <vector>

#include "core/job/policy.hpp"
#include "core/recovery/rules.hpp"
#include "sim/complain.hpp"
#include "sim/storage.hpp"
#include "sim/timeline.hpp"

namespace holdfast::sim {

/// What recovery rules promise that are changed while the server runs: how an attempt ends is decided by rules that
/// were in force at some time between its beginning and its end.
class RuleBooks {
 public:
  /// `recipe`: what holds where no rule says anything.
  RuleBooks(const Timeline& timeline, RetryPolicy recipe, Complain complain)
      : timeline_{timeline}, recipe_{recipe}, complain_{std::move(complain)} {}

  /// These are in force at the node from now on.
  void in_force(int node, const RecoveryRules& rules, bool from_its_start);
  void committed(const Commit& commit);

 private:
  struct Limits {
    unsigned least = 0;
    unsigned most = 0;
  };
  struct Version {
    MonoTime since{};
    RecoveryRules rules;
  };
  [[nodiscard]] Limits limits(const Commit& commit, std::optional<unsigned> RecoveryRule::*rule, unsigned otherwise);
  void check_goes_on(const Commit& commit, const StageRecord& stage, bool died);
  void check_set_aside(const Commit& commit, const StageRecord& stage, bool died);

  const Timeline& timeline_;
  RetryPolicy recipe_;
  Complain complain_;
  std::map<int, std::vector<Version>> versions_;
  std::map<ItemId, MonoTime> claimed_at_;
};

}  // namespace holdfast::sim
