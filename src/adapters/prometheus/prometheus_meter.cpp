#include "adapters/prometheus/prometheus_meter.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace holdfast {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using Labels = std::map<std::string, std::string>;
using Buckets = Histogram::BucketBoundaries;

// Seconds. A stage may take hours, an answer should take milliseconds.
const Buckets kStageSeconds{0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600.0};
const Buckets kItemSeconds{1, 5, 15, 60, 300, 900, 3600, 6 * 3600.0, 24 * 3600.0};
const Buckets kRequestSeconds{0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60};

double seconds(milliseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

struct PrometheusMeter::Families {
  Family<Counter>& counter(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& histogram(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }

  prometheus::Registry registry;
  Family<Counter>& upload_bytes = counter("holdfast_upload_bytes_total", "Bytes of files that were taken.");
  Family<Counter>& uploads = counter("holdfast_uploads_total", "Files that were taken.");
  Family<Counter>& refusals = counter("holdfast_uploads_refused_total", "Uploads that were refused, by code.");
  Family<Counter>& attempts = counter("holdfast_stage_attempts_total", "Attempts at a stage that ended, by outcome.");
  Family<Histogram>& stage_time =
      histogram("holdfast_stage_duration_seconds", "How long an attempt at a stage took.");
  Family<Counter>& items = counter("holdfast_items_total", "Items that are over, by outcome.");
  Family<Histogram>& item_time =
      histogram("holdfast_item_duration_seconds", "From the upload of an item to its end.");
  Family<Counter>& downshifts =
      counter("holdfast_downshifts_total", "Items that went on in a lesser mode than they were in.");
  Family<Counter>& sound =
      counter("holdfast_audio_seconds_processed_total", "Length of the recordings that were transcribed.");
  Family<Counter>& taken =
      counter("holdfast_retention_removed_total", "What went as its time was over; pages: given back to the disk.");
  Family<Histogram>& requests =
      histogram("holdfast_http_request_duration_seconds", "Until the head of an answer was ready.");
};

/// A rule that waits for attempts needs to see from the start that there were none.
PrometheusMeter::PrometheusMeter() : families_{std::make_unique<Families>()} {
  for (const char* kind : {"convert", "transcribe", "generate"})
    families_->attempts.Add({{"stage", kind}, {"outcome", "completed"}});
}
PrometheusMeter::~PrometheusMeter() = default;

void PrometheusMeter::upload_taken(std::string_view recipe, std::uint64_t bytes) {
  const Labels labels{{"recipe", std::string{recipe}}};
  families_->uploads.Add(labels).Increment();
  families_->upload_bytes.Add(labels).Increment(static_cast<double>(bytes));
}

void PrometheusMeter::upload_refused(std::string_view code) {
  families_->refusals.Add({{"code", std::string{code}}}).Increment();
}

void PrometheusMeter::attempt_ended(std::string_view stage_kind, std::string_view outcome, milliseconds took) {
  const Labels labels{{"stage", std::string{stage_kind}}, {"outcome", std::string{outcome}}};
  families_->attempts.Add(labels).Increment();
  families_->stage_time.Add(labels, kStageSeconds).Observe(seconds(took));
}

void PrometheusMeter::item_ended(std::string_view recipe, JobStatus status, milliseconds took) {
  const Labels labels{{"recipe", std::string{recipe}}, {"outcome", std::string{to_word(status)}}};
  families_->items.Add(labels).Increment();
  families_->item_time.Add(labels, kItemSeconds).Observe(seconds(took));
}

void PrometheusMeter::downshifted(std::string_view recipe, std::string_view from, std::string_view to) {
  const Labels labels{{"recipe", std::string{recipe}}, {"from", std::string{from}}, {"to", std::string{to}}};
  families_->downshifts.Add(labels).Increment();
}

void PrometheusMeter::sound_transcribed(milliseconds length) {
  families_->sound.Add({}).Increment(seconds(length));
}

void PrometheusMeter::retention_took(std::string_view kind, std::size_t count) {
  families_->taken.Add({{"kind", std::string{kind}}}).Increment(static_cast<double>(count));
}

void PrometheusMeter::request_answered(std::string_view route, std::string_view method, unsigned status,
                                       milliseconds took) {
  const Labels labels{
      {"route", std::string{route}}, {"method", std::string{method}}, {"status", std::to_string(status)}};
  families_->requests.Add(labels, kRequestSeconds).Observe(seconds(took));
}

std::string PrometheusMeter::text(const std::vector<Figure>& figures) const {
  std::vector<prometheus::MetricFamily> all = families_->registry.Collect();
  for (const Figure& figure : figures) {
    const bool counter = figure.kind == Figure::Kind::counter;
    const bool same = !all.empty() && all.back().name == figure.name;
    const auto type = counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    if (!same) all.push_back({figure.name, figure.help, type, {}});
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : figure.labels) metric.label.push_back({name, value});
    (counter ? metric.counter.value : metric.gauge.value) = figure.value;
    all.back().metric.push_back(std::move(metric));
  }
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, all);
  return std::move(out).str();
}

}  // namespace holdfast
