#include "flow/stages/embed/embed.hpp"

#include <bit>
#include <boost/json.hpp>

#include "core/base/base64.hpp"
#include "core/grounding/clean.hpp"
#include "flow/stages/body.hpp"
#include "ports/embedding_body.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

/// The texts of an item. A text that is not of our own making is the one text. Errors: permanent HF-EMB-04.
Result<std::vector<std::string>> texts_of(const std::string& payload) {
  boost::system::error_code bad;
  const json::value value = json::parse(payload, bad);
  const json::object* object = bad ? nullptr : value.if_object();
  const json::value* list = object != nullptr ? object->if_contains("input") : nullptr;
  std::vector<std::string> texts;
  if (list == nullptr || !list->is_array()) {
    texts.push_back(payload);
  } else {
    for (const json::value& text : list->get_array())
      texts.emplace_back(text.is_string() ? std::string{text.get_string()} : std::string{});
  }
  HF_TRY_VOID(similar::check_texts(texts));
  return texts;
}

std::string to_bytes(const std::vector<float>& values) {
  std::string bytes;
  bytes.reserve(values.size() * sizeof(float));
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned i = 0; i < 4; ++i) bytes += static_cast<char>(bits >> (8 * i) & 0xffU);
  }
  return bytes;
}

}  // namespace

Result<Plan> Embed::prepare(const StageInput& input) const {
  HF_TRY(const auto texts, texts_of(input.job.input.payload));
  return Plan{WorkRequest{.worker = worker(),
                          .item = input.job.id,
                          .fence = input.job.fence,
                          .body = make_embedding_request(texts),
                          .time_max = input.config.time_max,
                          .silence_max = input.config.silence_max}};
}

Result<decide::StageOutcome> Embed::conclude(const StageInput& input, const Finished& answer) const {
  HF_TRY(const auto texts, texts_of(input.job.input.payload));
  HF_TRY(const similar::Embeddings made, read_embedding_answer(answer.body, texts.size()));
  const std::string model = grounding::clean_text(made.model, body::kModelNameCharactersMax);
  const json::object result{{"model", model},
                            {"dimension", made.dimension},
                            {"cut", made.cut},
                            {"vectors", to_base64(to_bytes(made.values))}};
  decide::StageOutcome outcome{.output = json::serialize(json::object{{"model", model}})};
  if (made.cut > 0)
    outcome.warnings.push_back("of " + std::to_string(made.cut) + " of the texts only the beginning was read");
  outcome.publish.push_back({.name = "embeddings", .json = json::serialize(result)});
  return outcome;
}

std::string to_embed_text(std::string_view model, const std::vector<std::string>& texts) {
  return json::serialize(json::object{{"model", model}, {"input", json::array(texts.begin(), texts.end())}});
}

}  // namespace holdfast::stages
