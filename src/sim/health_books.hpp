#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/complain.hpp"
#include "sim/coverage.hpp"
#include "sim/timeline.hpp"

namespace holdfast::sim {

/// What the health monitors of all nodes promise: a service that was up is said to be down after so many questions in
/// a row without an answer, never earlier; it is said to be up at the first answer.
class HealthBooks {
 public:
  HealthBooks(const Timeline& timeline, Complain complain, Coverage& coverage)
      : timeline_{timeline}, complain_{std::move(complain)}, coverage_{coverage} {}

  /// A node has started and knows nothing yet.
  void started(int node);
  /// A probe of this node ended.
  void answered(int node, const std::string& service, bool well);
  /// The node's log says so.
  void told(int node, const std::string& service, bool up);
  /// The node took it for down at that moment, not longer ago than its last change.
  [[nodiscard]] bool was_down(int node, const std::string& service, MonoTime at) const;

  static constexpr unsigned kMisses = 2;
  static constexpr unsigned kMissesElsewhere = 3;

 private:
  struct Entry {
    std::optional<bool> up{};  ///< nothing: not known yet
    MonoTime since{};
    unsigned misses = 0;
    std::optional<bool> owed{};  ///< what the node is still to say
  };
  using Key = std::pair<int, std::string>;

  const Timeline& timeline_;
  Complain complain_;
  Coverage& coverage_;
  std::map<Key, Entry> entries_;
};

}  // namespace holdfast::sim
