#include "adapters/llama/scales.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <set>

namespace holdfast::llama {
namespace {

namespace json = boost::json;

constexpr unsigned kScalesDepthMax = 16;

std::optional<int> bound(const json::object& schema, std::string_view name) {
  const auto* value = schema.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  const auto number = value->get_int64();
  return number >= 0 && number <= Scale::kMost ? std::optional{static_cast<int>(number)} : std::nullopt;
}

std::optional<Scale> as_scale(const json::object& schema) {
  const auto* type = schema.if_contains("type");
  const auto least = bound(schema, "minimum");
  const auto most = bound(schema, "maximum");
  if (type == nullptr || !least || !most || *most - *least < 2) return std::nullopt;
  if (*type != "integer" && *type != "number") return std::nullopt;
  return Scale{.least = *least, .most = *most, .whole = *type == "integer"};
}

struct Found {
  Scales scales;
  std::set<std::string> ambiguous;

  void add(const std::string& name, const Scale& scale) {
    const auto [at, fresh] = scales.emplace(name, scale);
    const bool same = at->second.least == scale.least && at->second.most == scale.most &&
                      at->second.whole == scale.whole;
    if (!fresh && !same) ambiguous.insert(name);
  }
};

void collect(const json::value& node, unsigned depth, Found& found) {
  if (!node.is_object() || depth > kScalesDepthMax) return;
  const auto& schema = node.get_object();
  if (const auto* items = schema.if_contains("items")) collect(*items, depth + 1, found);
  const auto* properties = schema.if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return;
  for (const auto& [name, field] : properties->get_object()) {
    const auto scale = field.is_object() ? as_scale(field.get_object()) : std::nullopt;
    if (scale) found.add(name, *scale);
    collect(field, depth + 1, found);
  }
}

}  // namespace

Scales scales_of(const std::string& schema) {
  boost::system::error_code bad;
  const auto parsed = json::parse(schema, bad);
  if (bad) return {};
  Found found;
  collect(parsed, 0, found);
  for (const auto& name : found.ambiguous) found.scales.erase(name);
  return std::move(found.scales);
}

std::optional<Scale> scale_next(const Scales& scales, std::string_view text) {
  if (!text.ends_with("\":")) return std::nullopt;
  text.remove_suffix(2);
  const auto begin = text.rfind('"');
  if (begin == std::string_view::npos) return std::nullopt;
  const auto found = scales.find(std::string{text.substr(begin + 1)});
  return found != scales.end() ? std::optional{found->second} : std::nullopt;
}

std::optional<std::string> expected_mark(const Scale& scale, const std::vector<double>& chances) {
  double sum = 0;
  double weighted = 0;
  for (int number = scale.least; number <= scale.most; ++number) {
    const auto at = static_cast<std::size_t>(number);
    const double chance = at < chances.size() ? chances[at] : 0;
    sum += chance;
    weighted += chance * number;
  }
  if (!(sum > 0) || !std::isfinite(sum)) return std::nullopt;
  const long tenths = std::lround(weighted / sum * 10);
  if (scale.whole) return std::to_string(std::lround(weighted / sum));
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

}  // namespace holdfast::llama
