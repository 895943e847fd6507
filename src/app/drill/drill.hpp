#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

/// Drills: every failure that Holdfast promises to survive, as a program. Each starts a scratch instance, breaks a
/// real part of it, looks at it as a user and as an operator through the public API, and counts what was lost.
namespace holdfast::drill {

class Scene;

struct Drill {
  std::string_view id;     ///< the row of the requirements that it is about first, with a word behind it if needed
  std::string_view title;  ///< what happens, in a sentence without its full stop
  std::vector<std::string_view> rows;
  /// Errors: not_found HF-DRL-02 (this machine does not let the part be broken: skipped), permanent HF-DRL-01 (a
  /// promise was not kept), any other (the drill itself could not be played).
  Result<void> (*play)(Scene&) = nullptr;
};

/// What a drill found out.
struct Findings {
  std::string broken;              ///< what was done to the instance
  std::vector<std::string> seen;   ///< by user and operator, in order
  milliseconds recovery{0};        ///< from the breaking, or from the mending where a person mends, to work as before
  unsigned sent = 0;               ///< items that were acknowledged
  unsigned lost = 0;               ///< of those, how many items or files were gone at the end
  std::string failure;             ///< why the promise was not kept; empty: it was
  std::string skipped;             ///< why it could not be played here; empty: it was
  milliseconds took{0};

  [[nodiscard]] bool ok() const { return failure.empty() && skipped.empty() && lost == 0; }
};

/// All of them, in the order of the requirements.
[[nodiscard]] std::span<const Drill> drills();
/// nullptr: there is none.
[[nodiscard]] const Drill* find_drill(std::string_view id);

/// Codes of drills, listed in core/catalogue.
inline constexpr std::string_view kBroken = "HF-DRL-01";
inline constexpr std::string_view kNotHere = "HF-DRL-02";

}  // namespace holdfast::drill
