#include "adapters/prometheus/prometheus_meter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(PrometheusMeter, WhatHappenedIsCountedByItsLabels) {
  PrometheusMeter meter;
  meter.upload_taken("voicesync", 1000);
  meter.upload_taken("voicesync", 500);
  meter.attempt_ended("transcribe", "completed", milliseconds{2500});
  meter.attempt_ended("transcribe", "retried", milliseconds{100});
  meter.item_ended("voicesync", JobStatus::completed, milliseconds{4000});
  meter.sound_transcribed(milliseconds{61'500});

  const std::string text = meter.text({});

  EXPECT_THAT(text, HasSubstr("holdfast_upload_bytes_total{recipe=\"voicesync\"} 1500"));
  EXPECT_THAT(text, HasSubstr("holdfast_stage_attempts_total{outcome=\"retried\",stage=\"transcribe\"} 1"));
  EXPECT_THAT(text, HasSubstr("holdfast_stage_duration_seconds_sum{outcome=\"completed\",stage=\"transcribe\"} 2.5"));
  EXPECT_THAT(text, HasSubstr("holdfast_items_total{outcome=\"completed\",recipe=\"voicesync\"} 1"));
  EXPECT_THAT(text, HasSubstr("holdfast_audio_seconds_processed_total 61.5"));
}

TEST(PrometheusMeter, FG_13_ThatNothingWasTriedYetIsSaid) {
  EXPECT_THAT(PrometheusMeter{}.text({}),
              HasSubstr("holdfast_stage_attempts_total{outcome=\"completed\",stage=\"convert\"} 0"));
}

TEST(PrometheusMeter, FiguresOfOneNameStandTogether) {
  const PrometheusMeter meter;

  const std::string text = meter.text({{"holdfast_items", "Items by state.", {{"state", "pending"}}, 3},
                                       {"holdfast_items", "Items by state.", {{"state", "failed"}}, 1},
                                       {"holdfast_storage_free_bytes", "Free.", {}, 1e12}});

  EXPECT_THAT(text, HasSubstr("# TYPE holdfast_items gauge\n"
                              "holdfast_items{state=\"pending\"} 3\nholdfast_items{state=\"failed\"} 1\n"));
  EXPECT_EQ(text.find("# TYPE holdfast_items "), text.rfind("# TYPE holdfast_items "));
}

TEST(PrometheusMeter, AFigureThatOnlyGrowsIsACounter) {
  const PrometheusMeter meter;

  EXPECT_THAT(meter.text({{"a_seconds_total", "A.", {}, 2, Figure::Kind::counter}}),
              HasSubstr("# TYPE a_seconds_total counter\na_seconds_total 2\n"));
}

TEST(PrometheusMeter, ALabelCannotBreakOutOfItsQuotes) {
  PrometheusMeter meter;
  meter.upload_refused("a\"} 9\nevil 1");

  EXPECT_THAT(meter.text({}), Not(HasSubstr("\nevil")));
}

}  // namespace
}  // namespace holdfast
