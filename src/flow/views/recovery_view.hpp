#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "flow/engine.hpp"
#include "ports/job_store.hpp"

/// What operators see of queues and dead letters. Nothing of what users sent or said is in it but the names of files.
namespace holdfast::views {

boost::json::object queue_object(const QueueStats& stats);
boost::json::array queue_objects(const std::vector<QueueStats>& stats);

/// With the catalogue's words for the code.
boost::json::object group_object(const DeadLetterGroup& group);
boost::json::array group_objects(const std::vector<DeadLetterGroup>& groups);

/// One line of a list: the item without results, when it failed, and whether it was given up.
boost::json::object dead_letter_object(const Job& job);

/// One line of the event log over all items.
boost::json::object event_object(const StoredEvent& event);

boost::json::object figures_object(const RecoveryFigures& figures);

/// Each stage with its attempts, times and checkpoint, and what the item waits for now. `progress`: of the current
/// stage, 0..1.
boost::json::object pipeline_object(const Job& job, double progress, WallTime now);

}  // namespace holdfast::views
