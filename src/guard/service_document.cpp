#include "guard/service_document.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "guard/kept_document.hpp"

namespace holdfast::guard {
namespace {

namespace json = boost::json;
using breaker::Breaker;
using breaker::Bucket;
using breaker::State;

constexpr std::size_t kWordMax = 64;
constexpr std::int64_t kCountMax = 1'000'000'000;

std::unexpected<Error> damaged_state(std::string_view what) {
  return fail(ErrorClass::corrupt, "HF-SVC-03", "the kept state cannot be read: " + std::string{what});
}

std::int64_t to_wall(MonoTime at, Moment now) {
  if (at == MonoTime{}) return 0;
  return (now.wall.time_since_epoch() + (at - now.mono)).count();
}

json::object breaker_object(const Breaker& breaker, Moment now) {
  json::array buckets;
  for (const Bucket& bucket : breaker.buckets)
    buckets.push_back(json::array{bucket.calls, bucket.failures, bucket.slow});
  return {{"state", to_word(breaker.state)},
          {"since_ms", to_wall(breaker.since, now)},
          {"retry_ms", to_wall(breaker.retry_at, now)},
          {"by_hand", breaker.by_hand},
          {"gate_ms", to_wall(breaker.gate_until, now)},
          {"trips", breaker.trips},
          {"row", breaker.row},
          {"row_ms", to_wall(breaker.row_at, now)},
          {"bucket_ms", to_wall(breaker.bucket_at, now)},
          {"buckets", std::move(buckets)}};
}

/// Reads the members of one object. The first that is wrong is remembered.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_{object} {}

  std::int64_t number(std::string_view name, std::int64_t most) {
    const auto* value = object_.if_contains(name);
    const bool well = value != nullptr && value->is_int64() && value->get_int64() >= 0 && value->get_int64() <= most;
    if (!well) return miss(name), 0;
    return value->get_int64();
  }
  unsigned count(std::string_view name) { return static_cast<unsigned>(number(name, kCountMax)); }
  bool flag(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr || !value->is_bool()) return miss(name), false;
    return value->get_bool();
  }
  std::string word(std::string_view name) {
    const auto* value = object_.if_contains(name);
    const bool well = value != nullptr && value->is_string() && value->get_string().size() <= kWordMax &&
                      std::ranges::all_of(value->get_string(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (!well) return miss(name), std::string{};
    return std::string{value->get_string()};
  }
  const json::array* list(std::string_view name, std::size_t most) {
    const auto* value = object_.if_contains(name);
    const bool well = value != nullptr && value->is_array() && value->get_array().size() <= most;
    if (!well) miss(name);
    return well ? &value->get_array() : nullptr;
  }
  void miss(std::string_view name) {
    if (wrong_.empty()) wrong_ = name;
  }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  const json::object& object_;
  std::string wrong_;
};

/// A calendar time as one of this process, not later than `latest`.
MonoTime to_mono(std::int64_t wall_ms, Moment now, MonoTime latest) {
  if (wall_ms == 0) return MonoTime{};
  return std::min(now.mono + (milliseconds{wall_ms} - now.wall.time_since_epoch()), latest);
}

std::optional<State> state_of(std::string_view word) {
  for (const State state : {State::closed, State::open, State::half_open}) {
    if (to_word(state) == word) return state;
  }
  return std::nullopt;
}

std::optional<Bucket> bucket_of(const json::value& value) {
  if (!value.is_array() || value.get_array().size() != 3) return std::nullopt;
  std::array<unsigned, 3> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto& count = value.get_array()[i];
    if (!count.is_int64() || count.get_int64() < 0 || count.get_int64() > kCountMax) return std::nullopt;
    counts.at(i) = static_cast<unsigned>(count.get_int64());
  }
  return Bucket{.calls = counts[0], .failures = counts[1], .slow = counts[2]};
}

void read_buckets(Reader& reader, Breaker& out) {
  const auto* list = reader.list("buckets", breaker::kBuckets);
  if (list == nullptr) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto bucket = bucket_of((*list)[i]);
    if (!bucket) return reader.miss("buckets");
    out.buckets.at(i) = *bucket;
  }
}

Result<Breaker> read_breaker(const json::object& object, const breaker::Policy& policy, Moment now) {
  Reader reader{object};
  Breaker out;
  const auto state = state_of(reader.word("state"));
  if (!state) return damaged_state("state");
  out.state = *state;
  const MonoTime rest_ends = now.mono + policy.open_max + policy.open_max / 10;
  out.since = to_mono(reader.number("since_ms", kWallMax), now, now.mono);
  out.retry_at = to_mono(reader.number("retry_ms", kWallMax), now, rest_ends);
  out.gate_until = to_mono(reader.number("gate_ms", kWallMax), now, now.mono + policy.gate_max);
  out.row_at = to_mono(reader.number("row_ms", kWallMax), now, now.mono);
  out.bucket_at = to_mono(reader.number("bucket_ms", kWallMax), now, now.mono);
  out.by_hand = reader.flag("by_hand");
  out.trips = reader.count("trips");
  out.row = reader.count("row");
  read_buckets(reader, out);
  if (!reader.wrong().empty()) return damaged_state(reader.wrong());
  if (out.by_hand && out.state != State::open) return damaged_state("by_hand");
  return out;
}

Result<std::deque<Change>> read_history(const json::array& list) {
  std::deque<Change> out;
  for (const json::value& entry : list) {
    if (!entry.is_object()) return damaged_state("history");
    Reader reader{entry.get_object()};
    Change change{.at = WallTime{milliseconds{reader.number("at_ms", kWallMax)}},
                  .what = reader.word("what"),
                  .detail = reader.word("detail")};
    if (!reader.wrong().empty()) return damaged_state("history: " + reader.wrong());
    out.push_back(std::move(change));
  }
  return out;
}

Result<json::object> parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = kKeptDepthMax;
  boost::system::error_code bad;
  json::value value = json::parse({text.data(), text.size()}, bad, {}, options);
  if (bad || !value.is_object()) return damaged_state("it is no JSON object");
  return std::move(value.get_object());
}

}  // namespace

std::string write_document(const Service& service, Moment now) {
  json::array history;
  for (const Change& change : service.history) {
    history.push_back(json::object{{"at_ms", change.at.time_since_epoch().count()},
                                   {"what", change.what},
                                   {"detail", change.detail.substr(0, kWordMax)}});
  }
  json::object out{{"history", std::move(history)}, {"failed_code", service.failed_code}};
  if (service.config.breaks) out["breaker"] = breaker_object(service.breaker, now);
  return json::serialize(out);
}

Result<void> read_document(std::string_view text, Moment now, Service* service) {
  HF_TRY(const json::object object, parse(text));
  Reader reader{object};
  const std::string failed_code = reader.word("failed_code");
  const auto* list = reader.list("history", kHistoryMax);
  if (!reader.wrong().empty()) return damaged_state(reader.wrong());
  HF_TRY(auto history, read_history(*list));
  const auto* kept = object.if_contains("breaker");
  if (service->config.breaks && kept != nullptr) {
    if (!kept->is_object()) return damaged_state("breaker");
    HF_TRY(service->breaker, read_breaker(kept->get_object(), service->config.policy, now));
  }
  service->failed_code = failed_code;
  service->history = std::move(history);
  return {};
}

}  // namespace holdfast::guard
