#pragma once

#include "core/alert/figures.hpp"
#include "ports/meter.hpp"

namespace holdfast::guard {

/// A meter that passes everything on and keeps the few sums that alerts are made of.
class Tally final : public Meter {
 public:
  explicit Tally(Meter& meter) : meter_{meter} {}

  /// `queue_refusals` and `failed_items` are counted by others.
  [[nodiscard]] const alert::Counters& counters() const { return counters_; }

  void upload_taken(std::string_view recipe, std::uint64_t bytes) override { meter_.upload_taken(recipe, bytes); }
  void upload_refused(std::string_view code) override { meter_.upload_refused(code); }
  void attempt_ended(std::string_view stage_kind, std::string_view outcome, milliseconds took) override {
    auto& attempts = counters_.attempts[std::string{stage_kind}];
    attempts.ended += 1;
    attempts.failed += outcome == "retried" || outcome == "dead" ? 1 : 0;
    meter_.attempt_ended(stage_kind, outcome, took);
  }
  void item_ended(std::string_view recipe, JobStatus status, milliseconds took) override {
    meter_.item_ended(recipe, status, took);
  }
  void downshifted(std::string_view recipe, std::string_view from, std::string_view to) override {
    meter_.downshifted(recipe, from, to);
  }
  void sound_transcribed(milliseconds length) override { meter_.sound_transcribed(length); }
  void retention_took(std::string_view kind, std::size_t count) override { meter_.retention_took(kind, count); }
  void request_answered(std::string_view route, std::string_view method, unsigned status, milliseconds took) override {
    counters_.requests += 1;
    counters_.errors += status >= 500 ? 1 : 0;
    meter_.request_answered(route, method, status, took);
  }

 private:
  Meter& meter_;
  /// Kinds with a model are there from the start: none attempted is something else than not known.
  alert::Counters counters_{.attempts = {{"generate", {}}, {"transcribe", {}}}};
};

}  // namespace holdfast::guard
