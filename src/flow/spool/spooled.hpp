#pragma once

#include <string>
#include <variant>

#include "core/job/transition.hpp"

namespace holdfast::spool {

/// A new item that was acknowledged and is not in the store yet.
struct Upload {
  Transition created;
};

/// What became of a stage that a worker finished, and that the store did not take.
struct Settlement {
  Fence fence = 0;           ///< of the lease under which it was done
  std::uint64_t version = 0; ///< of the job when this was decided
  Transition change;
};

using Spooled = std::variant<Upload, Settlement>;

/// As it lies in the spool: JSON, so that a later program reads what an earlier one left.
std::string write_spooled(const Spooled& spooled);
/// Errors: corrupt HF-SPL-02.
Result<Spooled> read_spooled(const std::string& bytes);

}  // namespace holdfast::spool
