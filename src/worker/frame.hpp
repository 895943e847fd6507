#pragma once

#include <boost/json/fwd.hpp>
#include <string_view>

#include "core/base/result.hpp"

/// What all frames have in common, whichever worker reads or writes them (docs/worker-protocol.md).
namespace holdfast::worker {

/// The server sends one request at a time: more that wait are a broken server.
inline constexpr std::size_t kRequestsWaitingMax = 4;

/// Permanent HF-SRV-01: the request's field cannot be used.
std::unexpected<Error> malformed(std::string_view what);
Result<boost::json::object> parse_object(std::string_view frame);
/// As a failed frame says what kind of failure it is.
[[nodiscard]] std::string_view word_of(ErrorClass cls);

}  // namespace holdfast::worker
