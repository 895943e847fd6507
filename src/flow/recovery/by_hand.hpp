#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "core/job/decide.hpp"
#include "core/recipe/recipe.hpp"

namespace holdfast::recovery {

/// Who enters a result, and when.
struct Hand {
  std::string who;
  WallTime at{};
};

/// What a person entered for a dead letter, as results of its stages, each marked with
/// `"by_hand":{"operator","at"}`. `entered`: results by their names, each an object. A `transcript` has `text`, and may
/// have `language` and `segments` (each `start_s`, `end_s`, `text`); without segments its text is one for the whole
/// recording. Memories and action items have `items` (each `text`, and of an action `owner` and `due`). Errors: invalid
/// HF-ITM-08 (no such result, not an object, a transcript or an item without text, segments that overlap).
Result<decide::ByHand> by_hand(const Job& job, const Recipe& recipe, const boost::json::object& entered,
                               const Hand& hand);

}  // namespace holdfast::recovery
