#pragma once

#include <boost/json/object.hpp>
#include <optional>

#include "flow/stages/stage_kind.hpp"

/// The transcribe stage where it is to fill gaps: a request for these spans alone, and what becomes of the transcript.
namespace holdfast::stages {

/// What is added to the request: `spans`, and the language that the transcript is in.
void ask_for_spans(const StageInput& input, boost::json::object& request);

/// The transcript with what was heard of its gaps. Its result is the published one but for the gaps. Errors: transient
/// HF-SRV-01 (the answer cannot be used), permanent HF-STO-03 (there is no published transcript).
Result<decide::StageOutcome> conclude_fill(const StageInput& input, const Finished& answer);

/// Parts that no text could be made of, as the result tells them.
boost::json::array gap_objects(const std::vector<Gap>& gaps);
/// What the transcript lacks, for its owner.
std::vector<std::string> lacks(std::size_t gaps_count, bool no_speech);

}  // namespace holdfast::stages
