#pragma once

#include <charconv>
#include <optional>
#include <string>

#include "core/job/job.hpp"

namespace holdfast::sim {

/// The name under which a node of the world holds its leases, in one of its lives.
inline NodeId lease_name(int node, int life) {
  return NodeId{"node" + std::to_string(node) + '.' + std::to_string(life)};
}

/// Which node holds this lease. Nothing: none of the world's.
inline std::optional<int> node_of(const Lease& lease) {
  constexpr std::string_view kHead = "node";
  const std::string& text = lease.node.text();
  if (!text.starts_with(kHead)) return std::nullopt;
  int node = 0;
  const auto [end, bad] = std::from_chars(text.data() + kHead.size(), text.data() + text.size(), node);
  return bad == std::errc{} && *end == '.' ? std::optional{node} : std::nullopt;
}

}  // namespace holdfast::sim
