#include "app/config/service_keys.hpp"

#include <algorithm>
#include <array>

#include "app/config/value.hpp"

namespace holdfast::config {
namespace {

using Service = Settings::Service;
using Whose = ServiceKey::Whose;

#define HF_SLOT(member) [](Service& service) -> Slot { return &service.member; }

constexpr ServiceKey kServiceKeys[] = {
    {.key = {.name = "preset",
             .kind = Kind::choice,
             .sentence = "A service whose probe and address are known; url or address here is stronger.",
             .choices = "mongodb|ollama|qdrant|asr|postgresql|redis|s3|elasticsearch",
             .may_be_empty = true},
     .slot = HF_SLOT(preset),
     .whose = Whose::others},
    {.key = {.name = "kind",
             .kind = Kind::choice,
             .sentence = "How to look: a GET, a connection, or a program that ends well.",
             .choices = "http|tcp|command",
             .may_be_empty = true},
     .slot = HF_SLOT(kind),
     .whose = Whose::others},
    {.key = {.name = "url", .kind = Kind::url, .sentence = "What is asked for with http.", .may_be_empty = true},
     .slot = HF_SLOT(url),
     .whose = Whose::others},
    {.key = {.name = "expect",
             .kind = Kind::count,
             .fallback = "0",
             .sentence = "The HTTP status that means well; 0: any from 200 to 399.",
             .most = "599"},
     .slot = HF_SLOT(expect),
     .whose = Whose::others},
    {.key = {.name = "address",
             .kind = Kind::address,
             .sentence = "What is connected to with tcp.",
             .may_be_empty = true},
     .slot = HF_SLOT(address),
     .whose = Whose::others},
    {.key = {.name = "command",
             .kind = Kind::words,
             .sentence = "The program that is run with command, and its arguments; no shell is in between.",
             .may_be_empty = true},
     .slot = HF_SLOT(command),
     .whose = Whose::others},
    {.key = {.name = "every",
             .kind = Kind::duration,
             .fallback = "20 s",
             .sentence = "How often it is looked at, give or take a half.",
             .least = "100 ms",
             .most = "1 h"},
     .slot = HF_SLOT(every),
     .whose = Whose::others},
    {.key = {.name = "timeout",
             .kind = Kind::duration,
             .fallback = "5 s",
             .sentence = "Longest wait for the answer.",
             .least = "10 ms",
             .most = "5 min"},
     .slot = HF_SLOT(timeout),
     .whose = Whose::others},
    {.key = {.name = "misses",
             .kind = Kind::count,
             .fallback = "2",
             .sentence = "Looks in a row that fail before a service that was up is down.",
             .least = "1",
             .most = "100"},
     .slot = HF_SLOT(misses)},
    {.key = {.name = "failures_in_a_row",
             .kind = Kind::count,
             .fallback = "3",
             .sentence = "So many failures of different inputs in a row open the breaker; 0: they do not.",
             .most = "1000"},
     .slot = HF_SLOT(failures_in_a_row),
     .whose = Whose::ours},
    {.key = {.name = "window",
             .kind = Kind::duration,
             .fallback = "60 s",
             .sentence = "Time in which calls are counted.",
             .least = "1 s",
             .most = "1 h"},
     .slot = HF_SLOT(window),
     .whose = Whose::ours},
    {.key = {.name = "calls_min",
             .kind = Kind::count,
             .fallback = "10",
             .unit = "calls",
             .sentence = "Fewer in the window have no rate.",
             .least = "1",
             .most = "100000"},
     .slot = HF_SLOT(calls_min),
     .whose = Whose::ours},
    {.key = {.name = "failure_percent",
             .kind = Kind::count,
             .fallback = "50",
             .unit = "percent",
             .sentence = "Share of failures that opens the breaker.",
             .least = "1",
             .most = "100"},
     .slot = HF_SLOT(failure_percent),
     .whose = Whose::ours},
    {.key = {.name = "slow_after",
             .kind = Kind::duration,
             .fallback = "0 s",
             .sentence = "A call that takes longer is slow; 0 s: none is, but 2 min for language models.",
             .most = "24 h"},
     .slot = HF_SLOT(slow_after),
     .whose = Whose::ours},
    {.key = {.name = "slow_percent",
             .kind = Kind::count,
             .fallback = "80",
             .unit = "percent",
             .sentence = "Share of slow calls that opens the breaker.",
             .least = "1",
             .most = "100"},
     .slot = HF_SLOT(slow_percent),
     .whose = Whose::ours},
    {.key = {.name = "open_for",
             .kind = Kind::duration,
             .fallback = "30 s",
             .sentence = "How long an open breaker rests, times the number of openings in a row.",
             .least = "100 ms",
             .most = "1 h"},
     .slot = HF_SLOT(open_for),
     .whose = Whose::ours},
    {.key = {.name = "open_max",
             .kind = Kind::duration,
             .fallback = "5 min",
             .sentence = "Longest rest.",
             .least = "100 ms",
             .most = "24 h"},
     .slot = HF_SLOT(open_max),
     .whose = Whose::ours},
};
#undef HF_SLOT

constexpr std::array<Preset, 8> kPresets{{{"mongodb", "tcp", "127.0.0.1:27017"},
                                          {"ollama", "http", "http://127.0.0.1:11434/api/version"},
                                          {"qdrant", "http", "http://127.0.0.1:6333/readyz"},
                                          {"asr", "tcp", "127.0.0.1:8765"},
                                          {"postgresql", "tcp", "127.0.0.1:5432"},
                                          {"redis", "tcp", "127.0.0.1:6379"},
                                          {"s3", "http", "http://127.0.0.1:9000/minio/health/live"},
                                          {"elasticsearch", "http", "http://127.0.0.1:9200/_cluster/health"}}};

const ServiceKey* find_service_key(std::string_view field) {
  const auto* const found =
      std::ranges::find_if(kServiceKeys, [field](const ServiceKey& known) { return known.key.name == field; });
  return found == std::end(kServiceKeys) ? nullptr : found;
}

/// Errors: a sentence without its place.
Result<void> take_service_field(const TomlEntry& entry, Service& service) {
  const auto refuse = [&entry](const std::string& why) {
    return fail(ErrorClass::invalid, "HF-CFG-01", entry.key + why);
  };
  const ServiceKey* const known = find_service_key(entry.field);
  if (known == nullptr) {
    std::vector<std::string> fields;
    for (const ServiceKey& one : kServiceKeys) fields.emplace_back(one.key.name);
    return unknown_field(entry, fields);
  }
  if (known->whose == Whose::others && is_ours(service.name))
    return refuse(": how it is looked at is not configured here");
  if (known->whose == Whose::ours && !is_ours(service.name))
    return refuse(": no work of ours goes there, so it has no breaker");
  return take_value(known->key, entry, known->slot(service));
}

void use_preset(Service& service) {
  const auto* const preset = std::ranges::find(kPresets, service.preset, &Preset::name);
  if (preset == kPresets.end()) return;
  if (service.kind.empty()) service.kind = preset->kind;
  if (service.kind == "http" && service.url.empty()) service.url = preset->where;
  if (service.kind == "tcp" && service.address.empty()) service.address = preset->where;
}

/// What is missing to look at it; empty: nothing.
std::string missing_to(const Service& service) {
  if (service.kind.empty()) return "needs kind or preset";
  if (service.kind == "http" && service.url.empty()) return "needs url";
  if (service.kind == "tcp" && service.address.empty()) return "needs address";
  const bool named = !service.command.empty() && !service.command.front().empty();
  if (service.kind == "command" && !named) return "needs command";
  return {};
}

}  // namespace

std::span<const ServiceKey> service_keys() { return kServiceKeys; }
std::span<const Preset> presets() { return kPresets; }

bool is_ours(std::string_view name) {
  for (const std::string_view family : {"language/", "endpoint/"}) {
    if (name.starts_with(family) && is_table_name(name.substr(family.size()))) return true;
  }
  return name == "ffmpeg" || name == "speech" || name == "language" || name == "embedding";
}

Settings::Service read_service(const std::string& name, const std::map<std::string, TomlEntry>& entries,
                               std::vector<std::string>& problems) {
  Service service{.name = name};
  const std::string first = entries.empty() ? "" : entries.begin()->second.where + ": ";
  for (const ServiceKey& known : kServiceKeys) {
    // Defaults are of our own making: they fit.
    if (!known.key.fallback.empty()) (void)assign_to(known.key, known.key.fallback, known.slot(service));
  }
  const bool reserved = name == "store" || name == "storage";
  if (reserved || (!is_ours(name) && !is_table_name(name))) {
    problems.push_back(first + "services." + name + (reserved ? ": is always looked at, with nothing to set"
                                                             : ": not a name of a-z, 0-9, dot, dash, underscore"));
    return service;
  }
  const std::size_t before = problems.size();
  for (const auto& [field, entry] : entries) {
    const auto taken = take_service_field(entry, service);
    if (!taken) problems.push_back(entry.where + ": " + taken.error().what());
  }
  if (is_ours(name) || problems.size() > before) return service;
  use_preset(service);
  if (const auto missing = missing_to(service); !missing.empty())
    problems.push_back(first + "services." + name + " " + missing);
  return service;
}

}  // namespace holdfast::config
