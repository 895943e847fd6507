#pragma once

#include <boost/asio/posix/descriptor_base.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "ports/clock.hpp"

namespace holdfast::process {

using Descriptor = asio::posix::stream_descriptor;

/// Waits until `fd` can be read or written. Errors: transient HF-ENG-03 (not before the deadline), canceled,
/// transient HF-ENG-01 (the descriptor is broken). `fd` and `clock` must outlive the wait: await at once.
Task<Result<void>> ready(Descriptor& fd, asio::posix::descriptor_base::wait_type what, Clock& clock,
                         MonoTime deadline);

}  // namespace holdfast::process
