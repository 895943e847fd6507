#pragma once

#include <string>

namespace holdfast::cli {

/// The server's status object for people: alerts, messages, queues, services, workers, cache, memory.
[[nodiscard]] std::string status_page(const std::string& body);

}  // namespace holdfast::cli
