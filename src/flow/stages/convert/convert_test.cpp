#include "flow/stages/convert/convert.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace holdfast::stages {
namespace {

using testing::ElementsAre;

StageInput an_upload() {
  StageInput input{.config = {.name = "convert", .kind = "convert"}};
  input.job.id = ItemId{"itm_1"};
  input.job.fence = 7;
  input.job.input.blob = BlobId{"b10b"};
  input.config.time_max = milliseconds{60'000};
  return input;
}

Finished an_answer(std::string body, std::string artifact = "a0d10") {
  return {.body = std::move(body), .artifact = {.id = BlobId{std::move(artifact)}}};
}

TEST(Convert, VS_1_AsksTheMediaWorkerForTheUploadedFile) {
  const auto plan = Convert{}.prepare(an_upload());

  const auto& request = std::get<WorkRequest>(plan.value());
  EXPECT_EQ(request.worker, WorkerKind::media);
  EXPECT_EQ(request.input, BlobId{"b10b"});
  EXPECT_EQ(request.fence, 7U);
  EXPECT_EQ(boost::json::parse(request.body).at("type"), "convert");
}

TEST(Convert, LeavesTheSoundAndItsLength) {
  const auto outcome =
      Convert{}.conclude(an_upload(), an_answer(R"({"duration_ms":11000,"warnings":["clipped"]})"));

  EXPECT_EQ(outcome.value().duration_ms, 11'000);
  EXPECT_THAT(outcome.value().warnings, ElementsAre("clipped"));
  const auto output = boost::json::parse(outcome.value().output);
  EXPECT_EQ(output.at("audio"), "a0d10");
  EXPECT_EQ(output.at("duration_ms"), 11'000);
}

TEST(Convert, RefusesAnItemWithoutAFile) {
  auto input = an_upload();
  input.job.input.blob = {};

  EXPECT_EQ(Convert{}.prepare(input).error().error_class(), ErrorClass::permanent);
}

TEST(Convert, DoesNotBelieveAnAnswerWithoutSoundOrLength) {
  EXPECT_FALSE(Convert{}.conclude(an_upload(), an_answer(R"({"duration_ms":11000})", "")));
  for (const auto* body :
       {"", "[]", "{}", R"({"duration_ms":-1})", R"({"duration_ms":"long"})", R"({"duration_ms":1e99})"}) {
    const auto outcome = Convert{}.conclude(an_upload(), an_answer(body));
    ASSERT_FALSE(outcome) << body;
    EXPECT_EQ(outcome.error().error_class(), ErrorClass::transient);
  }
}

}  // namespace
}  // namespace holdfast::stages
