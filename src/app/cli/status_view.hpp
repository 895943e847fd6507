#pragma once

#include <string>

namespace holdfast::cli {

/// The server's status object for people: queues, services, workers, memory, messages.
[[nodiscard]] std::string status_page(const std::string& body);

}  // namespace holdfast::cli
