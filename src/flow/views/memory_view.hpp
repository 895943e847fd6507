#pragma once

#include <boost/json/object.hpp>
#include <span>

#include "ports/job_store.hpp"
#include "ports/session_store.hpp"

/// Memory sessions and what was taken out of them, as the API shows them.
namespace holdfast::views {

/// A session without its contents, for lists. The title is the recording's first words.
boost::json::object session_object(const MemorySession& session);

/// The session with its memories and action items, each with `evidence`: the segments in which it was said.
boost::json::object whole_session_object(const MemorySession& session, const ItemRecord& record);

/// One of a list over all sessions, with the item that it comes from and where that begins.
boost::json::object owned_extraction_object(const OwnedExtraction& owned);

}  // namespace holdfast::views
