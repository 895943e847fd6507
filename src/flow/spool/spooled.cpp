#include "flow/spool/spooled.hpp"

#include <boost/json.hpp>
#include <concepts>
#include <utility>

namespace holdfast::spool {
namespace {

namespace json = boost::json;

/// A type with a list of its fields, `describe`, which is run over to write and to read: a field that is in the list is
/// in both.
class Writing;
class Reading;

template <class Fields>
void describe(Fields& is, std::convertible_to<const Word&> auto& word) {
  is("start_ms", word.start_ms);
  is("end_ms", word.end_ms);
  is("text", word.text);
  is("probability", word.probability);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const Segment&> auto& segment) {
  is("start_ms", segment.start_ms);
  is("end_ms", segment.end_ms);
  is("text", segment.text);
  is("confidence", segment.confidence);
  is("words", segment.words);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const Gap&> auto& gap) {
  is("start_ms", gap.start_ms);
  is("end_ms", gap.end_ms);
  is("cause", gap.cause);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const speech::Region&> auto& region) {
  is("start_ms", region.start_ms);
  is("end_ms", region.end_ms);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const Failure&> auto& failure) {
  is("cls", failure.cls);
  is("code", failure.code);
  is("message", failure.message);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const Fallback&> auto& fallback) {
  is("strategy", fallback.strategy);
  is("cause", fallback.cause);
  is("reliability", fallback.reliability);
  is("similarity", fallback.similarity);
  is("answered", fallback.answered);
  is("made_at", fallback.made_at);
  is("redo", fallback.redo);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const StageRecord&> auto& stage) {
  is("name", stage.name);
  is("kind", stage.kind);
  is("title", stage.title);
  is("bulkhead", stage.bulkhead);
  is("state", stage.state);
  is("attempts", stage.attempts);
  is("interruptions", stage.interruptions);
  is("crashes", stage.crashes);
  is("position_ms", stage.position_ms);
  is("crash_position_ms", stage.crash_position_ms);
  is("started_at", stage.started_at);
  is("finished_at", stage.finished_at);
  is("warnings", stage.warnings);
  is("output", stage.output);
  is("fallback", stage.fallback);
  is("redos", stage.redos);
  is("fill", stage.fill);
  is("with_less", stage.with_less);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const Input&> auto& input) {
  is("name", input.name);
  is("bytes", input.bytes);
  is("sha256", input.sha256);
  is("media_type", input.media_type);
  is("blob", input.blob);
  is("payload", input.payload);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const Lease&> auto& lease) {
  is("node", lease.node);
  is("fence", lease.fence);
  is("until", lease.until);
}
template <class Fields>
void describe_state(Fields& is, auto& job) {
  is("status", job.status);
  is("priority", job.priority);
  is("ready_at", job.ready_at);
  is("held_for", job.held_for);
  is("fence", job.fence);
  is("lease", job.lease);
  is("version", job.version);
  is("cancel_requested", job.cancel_requested);
  is("retry_count", job.retry_count);
  is("stages", job.stages);
  is("stage", job.stage);
  is("error", job.error);
  is("messages", job.messages);
  is("mode", job.mode);
  is("updated_at", job.updated_at);
  is("duration_ms", job.duration_ms);
  is("discarded", job.discarded);
  is("over_at", job.over_at);
  is("file_expired_at", job.file_expired_at);
  is("results_expired_at", job.results_expired_at);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const Job&> auto& job) {
  is("id", job.id);
  is("job_key", job.job_key);
  is("fingerprint", job.fingerprint);
  is("owner", job.owner);
  is("recipe", job.recipe);
  is("requested_mode", job.requested_mode);
  is("created_at", job.created_at);
  is("input", job.input);
  describe_state(is, job);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const AuditEntry&> auto& entry) {
  is("type", entry.type);
  is("stage", entry.stage);
  is("attempt", entry.attempt);
  is("fence", entry.fence);
  is("detail", entry.detail);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const Extraction&> auto& made) {
  is("kind", made.kind);
  is("text", made.text);
  is("segments", made.segments);
  is("confidence", made.confidence);
  is("owner", made.owner);
  is("due", made.due);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const NamedResult&> auto& result) {
  is("stage", result.stage);
  is("name", result.name);
  is("json", result.json);
  is("extractions", result.extractions);
}
template <class Fields>
void describe(Fields& is, std::convertible_to<const Transition&> auto& change) {
  is("after", change.after);
  is("audit", change.audit);
  is("publish", change.publish);
  is("drop_segments", change.drop_segments);
  is("drop_results_of", change.drop_results_of);
  is("segments", change.segments);
  is("gaps", change.gaps);
  is("session_at", change.session_at);
}

template <class T>
concept Number = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept Enumeration = std::is_enum_v<T>;
template <class T>
concept Described = std::is_class_v<T>;

json::value written(const std::string& text) { return json::string{text}; }
json::value written(bool flag) { return flag; }
json::value written(double number) { return number; }
json::value written(Number auto number) { return number; }
json::value written(Enumeration auto one) { return static_cast<std::int64_t>(std::to_underlying(one)); }
json::value written(WallTime time) { return time.time_since_epoch().count(); }
template <class Tag>
json::value written(const Id<Tag>& id) {
  return json::string{id.text()};
}
template <Described T>
json::value written(const T& described);
template <class T>
json::value written(const std::optional<T>& one) {
  return one ? written(*one) : json::value{};
}
template <class T>
json::value written(const std::vector<T>& all) {
  json::array out;
  for (const T& one : all) out.push_back(written(one));
  return out;
}

class Writing {
 public:
  template <class T>
  void operator()(std::string_view name, const T& field) {
    object[name] = written(field);
  }
  json::object object;
};

template <Described T>
json::value written(const T& described) {
  Writing fields;
  describe(fields, described);
  return std::move(fields.object);
}

bool read(const json::value& from, std::string& text) {
  if (!from.is_string()) return false;
  text = std::string{from.get_string()};
  return true;
}
bool read(const json::value& from, bool& flag) {
  if (!from.is_bool()) return false;
  flag = from.get_bool();
  return true;
}
template <class T>
  requires Number<T> || std::same_as<T, double>
bool read(const json::value& from, T& number) {
  boost::system::error_code bad;
  number = from.to_number<T>(bad);
  return !bad;
}
bool read(const json::value& from, Enumeration auto& one) {
  std::int64_t number = 0;
  if (!read(from, number)) return false;
  one = static_cast<std::remove_reference_t<decltype(one)>>(number);
  return true;
}
bool read(const json::value& from, WallTime& time) {
  std::int64_t number = 0;
  if (!read(from, number)) return false;
  time = WallTime{milliseconds{number}};
  return true;
}
template <class Tag>
bool read(const json::value& from, Id<Tag>& id) {
  std::string text;
  if (!read(from, text)) return false;
  id = Id<Tag>{std::move(text)};
  return true;
}
template <Described T>
bool read(const json::value& from, T& described);
template <class T>
bool read(const json::value& from, std::optional<T>& one) {
  one.reset();
  return from.is_null() || read(from, one.emplace());
}
template <class T>
bool read(const json::value& from, std::vector<T>& all) {
  if (!from.is_array()) return false;
  all.clear();
  for (const json::value& one : from.get_array()) {
    if (!read(one, all.emplace_back())) return false;
  }
  return true;
}

/// A field that an earlier program did not write yet keeps what it has.
class Reading {
 public:
  explicit Reading(const json::object& from) : from_{from} {}
  template <class T>
  void operator()(std::string_view name, T& field) {
    const json::value* value = from_.if_contains(name);
    if (value != nullptr && !read(*value, field)) well = false;
  }
  bool well = true;

 private:
  const json::object& from_;
};

template <Described T>
bool read(const json::value& from, T& described) {
  if (!from.is_object()) return false;
  Reading fields{from.get_object()};
  describe(fields, described);
  return fields.well;
}

std::unexpected<Error> unreadable() {
  return fail(ErrorClass::corrupt, "HF-SPL-02", "a record of the spool cannot be understood");
}

}  // namespace

std::string write_spooled(const Spooled& spooled) {
  if (const auto* upload = std::get_if<Upload>(&spooled))
    return json::serialize(json::object{{"kind", "upload"}, {"change", written(upload->created)}});
  const auto& settlement = std::get<Settlement>(spooled);
  return json::serialize(json::object{{"kind", "settlement"},
                                      {"fence", settlement.fence},
                                      {"version", settlement.version},
                                      {"change", written(settlement.change)}});
}

Result<Spooled> read_spooled(const std::string& bytes) {
  boost::system::error_code bad;
  json::parse_options options;
  options.allow_invalid_utf8 = true;  // what a sender called a file is bytes
  const json::value parsed = json::parse(bytes, bad, {}, options);
  const json::object* record = bad ? nullptr : parsed.if_object();
  const json::value* kind = record != nullptr ? record->if_contains("kind") : nullptr;
  const json::value* change = record != nullptr ? record->if_contains("change") : nullptr;
  if (kind == nullptr || change == nullptr) return unreadable();
  Transition read_change;
  if (!read(*change, read_change) || read_change.after.id.empty()) return unreadable();
  if (*kind == "upload") return Upload{std::move(read_change)};
  Settlement settlement;
  Reading fields{*record};
  fields("fence", settlement.fence);
  fields("version", settlement.version);
  if (*kind != "settlement" || !fields.well || settlement.fence == 0) return unreadable();
  settlement.change = std::move(read_change);
  return settlement;
}

}  // namespace holdfast::spool
