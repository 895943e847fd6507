#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace holdfast::drill {

class Scene;

struct AcceptanceOrder {
  unsigned uploads = 10;        ///< at once, in each round
  milliseconds length{120'000};  ///< rounds are begun until then
};

struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::string limit;  ///< what it should be, in words; empty: told only
  bool kept = true;
};

/// What the proof of LAB_12 measured.
struct Acceptance {
  std::vector<Figure> figures;
  std::string failure;  ///< why it could not be carried through; empty: it was

  [[nodiscard]] bool ok() const;
};

/// Row LAB_12: uploads at once, round after round, while workers and the server are killed; memory, availability and
/// what became of every item. Errors: as the drills.
Result<std::vector<Figure>> play_acceptance(Scene& scene, const AcceptanceOrder& order);

}  // namespace holdfast::drill
