#include "sim/sim_workers.hpp"

#include <boost/json.hpp>
#include <sstream>

namespace holdfast::sim {
namespace {

constexpr std::int64_t kWindowMs = 30'000;

std::int64_t number_in(const std::string& body, std::string_view field) {
  boost::system::error_code bad;
  const auto request = boost::json::parse(body, bad);
  if (bad || !request.is_object()) return 0;
  const auto* number = request.as_object().if_contains(field);
  return number != nullptr && number->is_number() ? number->to_number<std::int64_t>() : 0;
}
std::int64_t from_ms_of(const std::string& body) { return number_in(body, "from_ms"); }

}  // namespace

std::string to_name(const Nature& nature) {
  return nature.kind + ' ' + std::to_string(nature.length_ms) + ' ' + std::to_string(nature.poison_at_ms);
}

Nature nature_of(std::string_view name) {
  Nature nature;
  std::istringstream words{std::string{name}};
  words >> nature.kind >> nature.length_ms >> nature.poison_at_ms;
  return nature;
}

std::vector<Segment> expected_segments(const Nature& nature) {
  std::vector<Segment> all;
  if (nature.kind == "silent") return all;
  for (std::int64_t at = 0; at < nature.length_ms; at += kWindowMs) {
    all.push_back({.start_ms = at,
                   .end_ms = std::min(at + kWindowMs, nature.length_ms),
                   .text = "at " + std::to_string(at)});
  }
  return all;
}

std::vector<Gap> expected_gaps(const Nature& nature) {
  std::vector<Gap> all;
  for (const Segment& segment : expected_segments(nature)) {
    const bool holey = segment.start_ms / kWindowMs % 2 == 0 && segment.end_ms - segment.start_ms > 1'000;
    if (holey) all.push_back({segment.start_ms + 500, segment.start_ms + 1'000, "a loop"});
  }
  return all;
}

Segment filled_text(const Gap& gap) {
  return {.start_ms = gap.start_ms, .end_ms = gap.end_ms, .text = "in the gap at " + std::to_string(gap.start_ms)};
}

bool is_fill(const Segment& segment) { return segment.text.starts_with("in the gap at "); }

bool WorkerFaults::away(WorkerKind kind, MonoTime now) const {
  if (kind == WorkerKind::speech && now < model_away_until) return true;
  const auto found = trouble_with.find(kind);
  return found != trouble_with.end() && found->second.away(now);
}

bool WorkerFaults::slow(WorkerKind kind, MonoTime now) const {
  const auto found = trouble_with.find(kind);
  return found != trouble_with.end() && found->second.slow(now);
}

MonoTime WorkerFaults::there_since(WorkerKind kind, MonoTime now) const {
  const auto found = trouble_with.find(kind);
  const MonoTime since = found != trouble_with.end() ? found->second.over_since(now) : MonoTime{};
  return kind == WorkerKind::speech ? std::max(since, model_away_until) : since;
}

/// One piece of simulated work. Its plan is drawn when it starts; each `next` plays one step of it.
class SimWorkers::Run final : public WorkRun {
 public:
  Run(SimWorkers& pool, WorkRequest request, Nature nature, std::uint64_t trial)
      : pool_{pool},
        trial_{trial},
        request_{std::move(request)},
        nature_{std::move(nature)},
        at_ms_{from_ms_of(request_.body)} {
    if (speech()) pool_.checker_.speech_began(pool_.node_);
    if (speech()) pool_.ladder_.begin();
    pool_.leases_.began(pool_.node_, request_.item, request_.fence);
  }
  ~Run() override {
    pool_.checker_.breakers().ended(pool_.node_, request_.worker, trial_, worked_);
    pool_.admission_.ended(pool_.node_);
    pool_.leases_.ended(request_.item, request_.fence);
    if (!speech()) return;
    pool_.checker_.speech_ended(pool_.node_);
    pool_.ladder_.end(worked_);
  }

  Task<Result<WorkEvent>> next() override {
    if (idle_ || pool_.idles()) co_return co_await idle();
    auto step = request_.worker == WorkerKind::media ? convert() : transcribe();
    auto event = co_await std::move(step);
    const bool refused = !event && event.error().error_class() == ErrorClass::permanent;
    const bool finished = event && std::holds_alternative<Finished>(*event);
    worked_ = refused || finished;
    if (worked_) reach(pool_.faults_.coverage, finished ? "worker/finished" : "worker/refused_file");
    co_return event;
  }

 private:
  Task<Result<WorkEvent>> convert() {
    HF_CO_TRY_VOID(co_await work_for(2'000));
    if (away()) co_return fail(ErrorClass::dependency, "HF-FFM-01", "the tool is away");
    if (trouble()) co_return died(0);
    if (nature_.kind == "bad") co_return fail(ErrorClass::permanent, "HF-MED-01", "not readable");
    HF_CO_TRY(auto artifact, co_await pool_.blobs_.put("sound of " + request_.item.text()));
    const std::string body = R"({"duration_ms":)" + std::to_string(nature_.length_ms) + "}";
    co_return WorkEvent{Finished{.body = body, .artifact = std::move(artifact)}};
  }

  Task<Result<WorkEvent>> transcribe() {
    if (away()) co_return fail(ErrorClass::dependency, "HF-ENG-02", "the model is away");
    if (std::exchange(repeat_, false)) {
      reach(pool_.faults_.coverage, "worker/repeated_itself");
      co_return WorkEvent{last_};
    }
    HF_CO_TRY_VOID(co_await work_for(5'000));
    if (auto worked = pool_.ladder_.work(); !worked) co_return ran_out(std::move(worked).error());
    if (nature_.kind == "poison" && at_ms_ + kWindowMs > nature_.poison_at_ms) co_return died(at_ms_);
    if (trouble()) co_return pool_.rng_.below(3) == 0 ? co_await hang() : died(at_ms_);
    if (request_.body.contains("\"spans\"")) co_return heard_gaps();
    if (at_ms_ >= nature_.length_ms) co_return transcribed();
    last_ = window();
    repeat_ = !pool_.sick(request_.worker) && trouble();
    co_return WorkEvent{last_};
  }

  /// Every other gap can be filled. It always says something of a place outside as well: that must not count.
  WorkEvent heard_gaps() {
    boost::json::array spans;
    const auto request = boost::json::parse(request_.body);
    for (const auto& span : request.at("spans").as_array()) {
      const Gap gap{.start_ms = span.at("start_ms").to_number<std::int64_t>(),
                    .end_ms = span.at("end_ms").to_number<std::int64_t>()};
      Segment text = filled_text(gap);
      boost::json::array segments;
      const auto say = [&segments](const Segment& said) {
        segments.push_back(boost::json::object{{"start_ms", said.start_ms},
                                               {"end_ms", said.end_ms},
                                               {"text", said.text},
                                               {"confidence", 0.5},
                                               {"words", boost::json::array{}}});
      };
      if (gap.start_ms / kWindowMs % 4 == 0) say(text);
      text.end_ms += 1;
      say(text);
      spans.push_back(boost::json::object{{"start_ms", gap.start_ms}, {"end_ms", gap.end_ms},
                                          {"segments", std::move(segments)}, {"gaps", boost::json::array{}}});
      reach(pool_.faults_.coverage, "worker/heard_a_gap");
    }
    return end_with({{"language", "en"}, {"spans", std::move(spans)}});
  }

  WorkEvent transcribed() {
    return end_with(
        {{"language", "en"}, {"language_probability", 1.0}, {"duration_ms", nature_.length_ms}, {"speech_ms", 0}});
  }

  WorkEvent end_with(boost::json::object told) {
    if (const std::string less = warning(kWholeRecording); !less.empty()) told["warnings"] = boost::json::array{less};
    const bool with_less = marked_less();
    pool_.ladder_.worked();
    return Finished{.body = boost::json::serialize(told), .artifact = {}, .with_less = with_less};
  }

  /// What is said of what is made now, up to this place.
  std::string warning(std::int64_t place_ms) {
    if (pool_.ladder_.with_less()) {
      reach(pool_.faults_.coverage, "worker/with_less");
      pool_.ladders_.made_with_less(request_.item, request_.fence, place_ms);
    }
    return pool_.ladder_.warning();
  }

  [[nodiscard]] bool marked_less() const { return pool_.ladder_.with_less() && !pool_.ladder_.hides_less(); }

  std::unexpected<Error> ran_out(Error error) {
    pool_.ladders_.ran_out(request_.item, request_.fence);
    return std::unexpected{std::move(error)};
  }

  bool away() {
    if (!pool_.faults_.away(request_.worker, pool_.clock_.mono_now())) return false;
    const bool speech = request_.worker == WorkerKind::speech;
    reach(pool_.faults_.coverage, speech ? "worker/model_away" : "worker/tool_away");
    return true;
  }

  SegmentsDone window() {
    SegmentsDone done{.position_ms = std::min(at_ms_ + kWindowMs, nature_.length_ms)};
    for (const Segment& segment : expected_segments(nature_)) {
      if (segment.start_ms >= at_ms_ && segment.start_ms < done.position_ms) done.segments.push_back(segment);
    }
    for (const Gap& gap : expected_gaps(nature_)) {
      if (gap.start_ms >= at_ms_ && gap.start_ms < done.position_ms) done.gaps.push_back(gap);
    }
    at_ms_ = done.position_ms;
    done.warning = warning(at_ms_);
    done.with_less = marked_less();
    return done;
  }

  std::unexpected<Error> died(std::int64_t at) {
    reach(pool_.faults_.coverage, "worker/died");
    pool_.checker_.worker_died(request_.item, request_.fence, at);
    return fail(ErrorClass::transient, kWorkerDied, "the worker died");
  }

  /// Silent until the supervisor loses patience.
  Task<Result<WorkEvent>> hang() {
    HF_CO_TRY_VOID(co_await pool_.clock_.sleep_until(pool_.clock_.mono_now() + request_.silence_max));
    pool_.checker_.worker_died(request_.item, request_.fence, at_ms_);
    reach(pool_.faults_.coverage, "worker/hung");
    co_return fail(ErrorClass::transient, kWorkerHung, "the worker was silent");
  }

  /// Says again and again that it is where it was. Whoever watches it ends it, and counts that as a death.
  Task<Result<WorkEvent>> idle() {
    if (!std::exchange(idle_, true)) {
      pool_.checker_.worker_died(request_.item, request_.fence, at_ms_);
      reach(pool_.faults_.coverage, "worker/idle");
    }
    HF_CO_TRY_VOID(co_await pool_.clock_.sleep_until(pool_.clock_.mono_now() + milliseconds{10'000}));
    co_return WorkEvent{Progress{}};
  }

  Task<Result<void>> work_for(std::uint64_t ms_max) {
    const milliseconds time{static_cast<std::int64_t>(1 + pool_.rng_.below(ms_max))};
    co_return co_await pool_.clock_.sleep_until(pool_.clock_.mono_now() + time);
  }
  bool speech() const { return request_.worker == WorkerKind::speech; }
  bool trouble() {
    if (pool_.sick(request_.worker)) return true;
    return pool_.faults_.trouble > 0 &&
           static_cast<double>(pool_.rng_.below(1'000'000)) < pool_.faults_.trouble * 1e6;
  }

  SimWorkers& pool_;
  std::uint64_t trial_;
  bool worked_ = false;
  WorkRequest request_;
  Nature nature_;
  std::int64_t at_ms_;
  SegmentsDone last_;
  bool repeat_ = false;
  bool idle_ = false;
};

bool SimWorkers::idles() {
  return faults_.idles > 0 && static_cast<double>(faults_.idle_dice.below(1'000'000)) < faults_.idles * 1e6;
}

/// It is asked for just what the item's mode says. Whoever lost the item meanwhile may not know its mode.
void SimWorkers::check_settings(const WorkRequest& request, const Job& job) {
  constexpr std::int64_t kBeam = 5;
  if (job.fence != request.fence || !job.lease) return;
  const bool fast = job.requested_mode == kFastMode;
  if (number_in(request.body, "beam_size") != (fast ? 1 : kBeam))
    checker_.violation(job.id.text() + ": is not transcribed as its mode " + job.requested_mode + " says");
  if (!job.requested_mode.empty()) reach(faults_.coverage, "modes/" + job.requested_mode);
}

/// A worker that never becomes ready.
Task<Result<std::unique_ptr<WorkRun>>> SimWorkers::hang_at_start(WorkRequest request) {
  checker_.worker_died(request.item, request.fence, from_ms_of(request.body));
  reach(faults_.coverage, "worker/hung_at_start");
  HF_CO_TRY_VOID(co_await clock_.sleep_until(MonoTime::max()));
  co_return fail(ErrorClass::transient, "HF-ENG-07", "could not be started");
}

bool SimWorkers::sick(WorkerKind kind) {
  const auto until = faults_.sick_until.find(kind);
  return until != faults_.sick_until.end() && clock_.mono_now() < until->second && rng_.below(10) > 0;
}

Task<Result<std::unique_ptr<WorkRun>>> SimWorkers::start(WorkRequest request) {
  const WorkerKind kind = request.worker;
  const std::uint64_t trial = checker_.breakers().began(node_, kind);
  admission_.began(node_);
  auto starting = start_run(std::move(request), trial);
  auto run = co_await std::move(starting);
  if (run) co_return run;
  checker_.breakers().ended(node_, kind, trial, run.error().error_class() == ErrorClass::permanent);
  admission_.ended(node_);
  co_return run;
}

Task<Result<std::unique_ptr<WorkRun>>> SimWorkers::start_run(WorkRequest request, std::uint64_t trial) {
  co_await clock_.nap(milliseconds{static_cast<std::int64_t>(rng_.below(30))});
  const auto job = storage_.jobs().find(request.item);
  if (job == storage_.jobs().end()) co_return fail(ErrorClass::permanent, "HF-ITM-06", "no such item");
  const bool no_start =
      faults_.trouble > 0 && static_cast<double>(rng_.below(1'000'000)) < faults_.trouble * 0.5e6;
  if (no_start) reach(faults_.coverage, "worker/could_not_start");
  if (no_start) co_return fail(ErrorClass::transient, "HF-ENG-07", "could not be started");
  if (idles()) co_return co_await hang_at_start(std::move(request));
  if (request.worker == WorkerKind::speech) {
    HF_CO_TRY_VOID(ladder_.make_ready());
  }
  if (request.worker == WorkerKind::speech) check_settings(request, job->second);
  auto nature = nature_of(job->second.input.name);
  co_return std::unique_ptr<WorkRun>{
      std::make_unique<Run>(*this, std::move(request), std::move(nature), trial)};
}

Task<Result<void>> SimWorkers::probe(WorkerKind kind) {
  const char* code = kind == WorkerKind::speech ? "HF-ENG-02" : "HF-FFM-01";
  if (faults_.slow(kind, clock_.mono_now())) {
    co_await clock_.nap(kProbePatience);
    co_return fail(ErrorClass::dependency, code, "no answer in time");
  }
  if (faults_.away(kind, clock_.mono_now())) co_return fail(ErrorClass::dependency, code, "it is away");
  if (kind == WorkerKind::speech) co_return ladder_.probe();
  co_return Result<void>{};
}

}  // namespace holdfast::sim
