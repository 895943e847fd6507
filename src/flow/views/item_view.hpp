#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/base/rfc3339.hpp"
#include "core/retention/retention.hpp"
#include "ports/job_store.hpp"

/// A job as the API and the command line show it. Names that stay put: see docs/reference/routes.md.
namespace holdfast::views {

using holdfast::to_rfc3339;

/// The item object with everything that has been published. `progress`: of the current stage, 0..1, shown
/// while processing.
boost::json::object item_object(const ItemRecord& record, double progress);

/// The same without transcript and results, for lists; the rating only as a word ("8.5/10", or null).
boost::json::object short_item_object(const Job& job, std::span<const StoredResult> results, double progress);

/// For an item object: until when what is kept of it, and what is gone since when.
boost::json::object retention_object(const Job& job, const retention::Ages& ages);

/// One of a user's own videos. Results are needed of completed ones only.
struct VideoRow {
  Job job;
  std::vector<StoredResult> results;
};

/// Grouped as completed, processing, failed (with cancelled ones) and pending, each in the order given.
boost::json::object my_videos_object(std::span<const VideoRow> videos);

/// "8.5/10" out of a published rating; empty: there is none.
std::string rating_word(std::span<const StoredResult> results);

/// One line of the audit trail.
boost::json::object audit_object(const StoredEvent& event);

}  // namespace holdfast::views
