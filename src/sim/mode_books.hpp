#pragma once

#include <array>
#include <map>
#include <string>

#include "core/recipe/recipe.hpp"
#include "sim/complain.hpp"
#include "sim/coverage.hpp"
#include "sim/timeline.hpp"

namespace holdfast::sim {

/// What is promised of the mode in which a recipe stands: it falls as soon as something that it needs is away, to the
/// fullest that is left, and it rises to nothing that was not possible all the time for `kDwell`. So services that flap
/// do not make it flap.
class ModeBooks {
 public:
  ModeBooks(const Timeline& timeline, Complain complain, Coverage& coverage)
      : timeline_{timeline}, complain_{std::move(complain)}, coverage_{coverage} {}

  /// A recipe whose two stages need "speech" and "elsewhere": both, the first alone, neither, and nothing at all.
  static const RecipeBook& recipes();

  /// A node has started; what is away there already is told next.
  void started(int node) { entries_.erase(node); }
  /// The node knows from now on that the service is away, or is not.
  void away(int node, const std::string& service, bool is_away);
  /// The node says that the recipe stands in that mode now.
  void stands(int node, const std::string& mode);

  static constexpr milliseconds kDwell{20'000};

 private:
  static constexpr std::size_t kModes = 4;
  struct Entry {
    bool speech_away = false;
    bool elsewhere_away = false;
    std::size_t mode = 0;
    MonoTime changed_at{};  ///< of what is away
    /// By mode: when something that it cannot do without was away last; only of those that were ever out of reach.
    std::map<std::size_t, MonoTime> out_of_reach{};
  };
  [[nodiscard]] static std::size_t possible(const Entry& entry);
  void must_have_fallen(int node, const Entry& entry);
  void mark(Entry& entry) const;

  const Timeline& timeline_;
  Complain complain_;
  Coverage& coverage_;
  std::map<int, Entry> entries_;
};

}  // namespace holdfast::sim
