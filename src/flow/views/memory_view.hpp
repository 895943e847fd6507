#pragma once

#include <boost/json/object.hpp>
#include <span>

#include "flow/similar/recall.hpp"
#include "ports/job_store.hpp"
#include "ports/session_store.hpp"

/// Memory sessions and what was taken out of them, as the API shows them.
namespace holdfast::views {

/// A memory or an action as the API shows it: with the days that it names (`when`) and by when it is to be done
/// (`due_at`), held against when it was recorded. `recorded` nothing: it is of no session, and no day is known.
boost::json::object shown_extraction(const Extraction& made, const std::optional<RecordedAt>& recorded);

/// A session without its contents, for lists. The title is the recording's first words.
boost::json::object session_object(const MemorySession& session);

/// The session with its memories and action items, each with `evidence`: the segments in which it was said.
boost::json::object whole_session_object(const MemorySession& session, const ItemRecord& record);

/// One of a list over all sessions, with the item that it comes from and where that begins.
boost::json::object owned_extraction_object(const OwnedExtraction& owned);

/// One that a search has found: a memory, an action or what was said, with the second in the recording, why it was
/// found and where the page shows it. `words`: that were looked for.
boost::json::object recalled_object(const similar::Recalled& found, const std::vector<std::string>& words);

/// The answer to a search. `mode`: "words_and_meaning", or "words" with the reason in `degraded`.
boost::json::object recall_object(const similar::Recall& recall);

}  // namespace holdfast::views
