#pragma once

#include <boost/json/object.hpp>
#include <string_view>
#include <vector>

#include "flow/stages/generate/shape.hpp"
#include "flow/stages/stage_kind.hpp"

namespace holdfast::stages {

// Words of a recipe's `reads`; every other one is the name of an earlier stage's result.
inline constexpr std::string_view kReadsTranscript = "transcript";
inline constexpr std::string_view kReadsInput = "input";

bool reads(const StageConfig& config, std::string_view what);

/// What a stage reads, as its recipe says, in that order.
struct Sources {
  std::vector<SpokenLine> lines;  ///< quoted, as a model is shown them
  boost::json::object earlier;    ///< the results among it, by name
};

/// Errors: permanent HF-CFG-02 (a result that it reads is not there, or cannot be read).
Result<Sources> sources_of(const StageInput& input);

/// The same as a shape looks at it, with nothing that a model has read yet. Refers to `input`.
Material material_of(const StageInput& input, const boost::json::object& earlier);

}  // namespace holdfast::stages
