#include "app/cli/exit_code.hpp"

namespace holdfast::cli {

namespace {

constexpr ExitMeaning kMeanings[] = {
    {Exit::done, "Done; for an item: completed."},
    {Exit::failed, "Failed, or refused for good."},
    {Exit::usage, "Wrong use of the command; nothing was done."},
    {Exit::items_failed, "Finished, but the item failed or was cancelled."},
    {Exit::waited, "Waited long enough (--timeout); the work goes on."},
    {Exit::no_data, "There is no data folder at that place."},
    {Exit::in_use, "The data folder is in use by another process."},
    {Exit::not_allowed, "Not logged in, or not allowed."},
    {Exit::unreachable, "The server cannot be reached."},
    {Exit::refused_for_now,
     "The server refused for now: full, storage offline, starting or stopping. Try again later."},
    {Exit::damage, "A check found damage: model, tool, store."},
    {Exit::configuration, "The configuration is wrong."},
    {Exit::migration, "The data store must be migrated first."},
    {Exit::interrupted, "Interrupted (Ctrl-C). Work on the server goes on."},
    {Exit::terminated, "Terminated."},
};

}  // namespace

std::span<const ExitMeaning> exit_meanings() { return kMeanings; }

}  // namespace holdfast::cli
