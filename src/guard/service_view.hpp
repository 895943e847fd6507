#pragma once

#include <boost/json/object.hpp>

#include "guard/services.hpp"

/// What is shown of services, to users and operators alike: states, codes, times; never anybody's content.
namespace holdfast::guard {

/// One service as in `holdfast status` and /health; `breaker` is null where there is none.
[[nodiscard]] boost::json::object service_object(const Service& service, Clock& clock);
/// The same with percentiles, counts and history.
[[nodiscard]] boost::json::object service_detail(const Service& service, Clock& clock);
/// count, p50, p95, p99, in milliseconds.
[[nodiscard]] boost::json::object percentiles(const Latencies& latencies);
/// state, since, retry_at, failure_rate, calls and what else tells why.
[[nodiscard]] boost::json::object breaker_object(const Service& service, Clock& clock);

}  // namespace holdfast::guard
