#pragma once

#include <boost/json/object.hpp>
#include <optional>

#include "core/base/result.hpp"
#include "core/memory/extraction.hpp"

/// Memories and action items as JSON.
namespace holdfast::stages {

/// As it is kept: `text`, `segments`, `confidence`, `people`, `places`, and of an action `owner` and `due`, null where
/// not said.
boost::json::object extraction_object(const Extraction& made);

/// The inverse. Without `segments` there are none, without `confidence` it is 1. Errors: invalid HF-REQ-01 (no text, a
/// field of another type, more names than there can be).
Result<Extraction> extraction_of(const boost::json::value& object, ExtractionKind kind);

/// What is published in the place of a list of extractions: they are rows of their own, so that nothing is there twice.
boost::json::object list_mark(ExtractionKind kind);
/// What a published result is a list of; nothing: it is none.
std::optional<ExtractionKind> kind_of_list(const boost::json::value& published);

}  // namespace holdfast::stages
