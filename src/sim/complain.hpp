#pragma once

#include <functional>
#include <string>

namespace holdfast::sim {

/// Told of a broken promise, in words.
using Complain = std::function<void(const std::string&)>;

inline std::string node_name(int node) { return "node " + std::to_string(node); }

}  // namespace holdfast::sim
