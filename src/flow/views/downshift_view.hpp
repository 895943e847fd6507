#pragma once

#include <boost/json/value.hpp>

#include "core/job/job.hpp"
#include "core/recipe/recipe.hpp"

/// What is told of an item that was not done in the way that was asked for: names that stay put.
namespace holdfast::views {

/// `warning`, `reason`, `impact` (`latency`, `quality`, `lost`) and the `stages` that were done otherwise (each
/// `stage`, `strategy`, `reliability`, `cause`, `similarity`, `answered`, `age_s`); null: nothing is less than asked.
boost::json::value downshift_value(const Job& job, const Recipe& recipe);

/// The first stage that was not done in its own way; empty: all were. The same answer as before is no lesser one.
std::string first_lesser_stage(const Job& job);

/// Of the first result that a model was to write: `model`, `reliability`, `warning`, `similarity`, `age_s`. Null: the
/// recipe has no modes, or that result is not there yet.
boost::json::value metadata_value(const Job& job, const Recipe& recipe);

}  // namespace holdfast::views
