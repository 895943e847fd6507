#pragma once

#include <optional>
#include <string>

#include "app/cli/api.hpp"
#include "app/cli/item_view.hpp"
#include "app/cli/progress.hpp"

namespace holdfast::cli {

struct Followed {
  std::string body;  ///< the item as the server gave it last; empty: it never did
  ItemState state{};
  bool over = false;  ///< false: the time was over first
};

/// Asks for the item again and again until it is over or `time` has passed. A server that does not answer, or
/// is starting or stopping, is tried on. Problem: the item is not there, not allowed, interrupted (exit 130,
/// 143).
Outcome<Followed> follow(const Api& api, const std::string& id, std::optional<milliseconds> time,
                         Progress& progress);

/// The exit code for a followed item.
[[nodiscard]] Exit exit_of(const Followed& followed);

/// --timeout, where it was given.
[[nodiscard]] std::optional<milliseconds> timeout_of(const Arguments& arguments);

/// Follows and prints: the item on `out`, everything else on `err`. Returns the exit code.
int follow_and_print(Session& session, const Arguments& arguments, const Api& api, const std::string& id,
                     Progress& progress);

}  // namespace holdfast::cli
