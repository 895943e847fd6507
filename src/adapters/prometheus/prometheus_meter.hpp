#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/meter.hpp"

namespace holdfast {

/// A figure as it is at this moment.
struct Figure {
  enum class Kind : std::uint8_t { gauge, counter };
  std::string name;  ///< holdfast_..., with its base unit last
  std::string help;
  std::map<std::string, std::string> labels;
  double value = 0;
  Kind kind = Kind::gauge;  ///< counter: it only grows, as long as the process lives
};

/// Counters and histograms for Prometheus. Source: Prometheus, "Metric and label naming", "Exposition formats".
class PrometheusMeter final : public Meter {
 public:
  PrometheusMeter();
  ~PrometheusMeter() override;

  void upload_taken(std::string_view recipe, std::uint64_t bytes) override;
  void upload_refused(std::string_view code) override;
  void attempt_ended(std::string_view stage_kind, std::string_view outcome, milliseconds took) override;
  void item_ended(std::string_view recipe, JobStatus status, milliseconds took) override;
  void downshifted(std::string_view recipe, std::string_view from, std::string_view to) override;
  void sound_transcribed(milliseconds length) override;
  void retention_took(std::string_view kind, std::size_t count) override;
  void request_answered(std::string_view route, std::string_view method, unsigned status,
                        milliseconds took) override;

  /// Everything counted so far and `figures`, in the text format 0.0.4. Figures of one name stand together in it.
  [[nodiscard]] std::string text(const std::vector<Figure>& figures) const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace holdfast
