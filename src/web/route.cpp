#include "web/route.hpp"

#include <algorithm>

namespace holdfast::web {
namespace {

/// Compares a segment with its pattern and keeps what stands for {name}. An empty value never matches.
bool segment_matches(std::string_view pattern, const std::string& segment,
                     std::map<std::string, std::string>& values) {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == segment;
  if (segment.size() <= open || !segment.starts_with(pattern.substr(0, open))) return false;
  const auto name = pattern.substr(open + 1, pattern.size() - open - 2);
  values.insert_or_assign(std::string{name}, segment.substr(open));
  return true;
}

bool path_matches(std::string_view path, const std::vector<std::string>& segments,
                  std::map<std::string, std::string>& values) {
  path.remove_prefix(1);
  for (const std::string& segment : segments) {
    if (path.empty()) return false;
    const auto end = std::min(path.find('/'), path.size());
    if (!segment_matches(path.substr(0, end), segment, values)) return false;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return path.empty();
}

}  // namespace

Found find_route(std::span<const Route> routes, std::string_view method,
                 const std::vector<std::string>& segments) {
  Found found;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route& route : routes) {
    std::map<std::string, std::string> values;
    if (!path_matches(route.path, segments, values)) continue;
    found.allowed.push_back(route.method);
    if (route.method == "GET") found.allowed.push_back("HEAD");
    if (route.method != wanted || found.route != nullptr) continue;
    found.route = &route;
    found.path_values = std::move(values);
  }
  return found;
}

}  // namespace holdfast::web
