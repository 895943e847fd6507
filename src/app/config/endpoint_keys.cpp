#include "app/config/endpoint_keys.hpp"

#include <algorithm>

#include "app/config/value.hpp"

namespace holdfast::config {
namespace {

using Endpoint = Settings::Endpoint;

#define HF_SLOT(member) [](Endpoint& endpoint) -> Slot { return &endpoint.member; }

constexpr EndpointKey kEndpointKeys[] = {
    {.key = {.name = "url",
             .kind = Kind::url,
             .sentence = "OpenAI-compatible endpoint, up to and with /v1."},
     .slot = HF_SLOT(url)},
    {.key = {.name = "model", .kind = Kind::text, .sentence = "What it is asked for."}, .slot = HF_SLOT(model)},
    {.key = {.name = "roles",
             .kind = Kind::words,
             .sentence = "The roles of recipes that it answers: [\"mistral\", \"llama\"]; empty: every role.",
             .may_be_empty = true},
     .slot = HF_SLOT(roles)},
    {.key = {.name = "weight",
             .kind = Kind::count,
             .fallback = "1",
             .sentence = "Its share of the calls beside the other endpoints of the role; 0: it is asked only where "
                         "none of the others may be.",
             .most = "1000"},
     .slot = HF_SLOT(weight)},
    {.key = {.name = "context",
             .kind = Kind::count,
             .fallback = "8192",
             .unit = "tokens",
             .sentence = "Of its model: what it is shown and its answer together.",
             .least = "256",
             .most = "1048576"},
     .slot = HF_SLOT(context)},
    {.key = {.name = "api_key_file", .kind = Kind::path, .sentence = "File with the key.", .may_be_empty = true},
     .slot = HF_SLOT(api_key_file)},
    {.key = {.name = "timeout",
             .kind = Kind::duration,
             .fallback = "2 min",
             .sentence = "Longest wait for one answer; where a stage's own time_max is longer, the next endpoint of "
                         "the role is asked in what is left of it.",
             .least = "1 s"},
     .slot = HF_SLOT(timeout)},
};
#undef HF_SLOT

const EndpointKey* find_endpoint_key(std::string_view field) {
  const auto* const found =
      std::ranges::find_if(kEndpointKeys, [field](const EndpointKey& known) { return known.key.name == field; });
  return found == std::end(kEndpointKeys) ? nullptr : found;
}

/// Errors: a sentence without its place.
Result<void> take_endpoint_field(const TomlEntry& entry, Endpoint& endpoint) {
  const EndpointKey* const known = find_endpoint_key(entry.field);
  if (known != nullptr) return take_value(known->key, entry, known->slot(endpoint));
  std::vector<std::string> fields;
  for (const EndpointKey& one : kEndpointKeys) fields.emplace_back(one.key.name);
  return unknown_field(entry, fields);
}

/// What is missing to ask it, or makes no sense; empty: nothing.
std::string wrong_with(const Endpoint& endpoint) {
  if (endpoint.url.empty()) return "needs url";
  if (endpoint.model.empty()) return "needs model";
  const auto bad = std::ranges::find_if_not(endpoint.roles, is_role);
  return bad == endpoint.roles.end() ? "" : ".roles: \"" + *bad + "\" is not a name of a-z, 0-9, dot, dash, underscore";
}

}  // namespace

std::span<const EndpointKey> endpoint_keys() { return kEndpointKeys; }

bool is_role(std::string_view name) { return is_table_name(name); }

Settings::Endpoint read_endpoint(const std::string& name, const std::map<std::string, TomlEntry>& entries,
                                 std::vector<std::string>& problems) {
  Endpoint endpoint{.name = name};
  const std::string first = entries.empty() ? "" : entries.begin()->second.where + ": endpoints." + name;
  for (const EndpointKey& known : kEndpointKeys) {
    // Defaults are of our own making: they fit.
    if (!known.key.fallback.empty()) (void)assign_to(known.key, known.key.fallback, known.slot(endpoint));
  }
  if (!is_table_name(name)) {
    problems.push_back(first + ": not a name of a-z, 0-9, dot, dash, underscore");
    return endpoint;
  }
  const std::size_t before = problems.size();
  for (const auto& [field, entry] : entries) {
    const auto taken = take_endpoint_field(entry, endpoint);
    if (!taken) problems.push_back(entry.where + ": " + taken.error().what());
  }
  const std::string wrong = wrong_with(endpoint);
  if (problems.size() > before || wrong.empty()) return endpoint;
  problems.push_back(first + (wrong.front() == '.' ? "" : " ") + wrong);
  return endpoint;
}

}  // namespace holdfast::config
