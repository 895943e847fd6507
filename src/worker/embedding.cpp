#include "worker/embedding.hpp"

#include <boost/json.hpp>

#include "ports/embedding_body.hpp"

namespace holdfast::worker {
namespace {

namespace json = boost::json;

/// Vectors as lists of numbers, and how many of the texts were cut.
Result<json::object> vectors_of(const std::vector<std::string>& texts, llama::EmbeddingModel& model,
                                ProgressReporter& report, const std::atomic<bool>& stop) {
  json::array vectors;
  unsigned cut = 0;
  for (const std::string& text : texts) {
    report(static_cast<double>(vectors.size()) / static_cast<double>(texts.size()));
    HF_TRY(const llama::TextVector made, model.embed(text, stop));
    vectors.push_back(json::array(made.values.begin(), made.values.end()));
    cut += made.cut ? 1 : 0;
  }
  return json::object{{"model", model.name()}, {"vectors", std::move(vectors)}, {"cut", cut}};
}

json::object vectors_answer_to(std::string_view frame, llama::EmbeddingModel& model, Channel& channel,
                               const std::atomic<bool>& stop) {
  const auto texts = read_embedding_request(frame);
  if (!texts) return failed_frame(texts.error());
  ProgressReporter report{channel, frame};
  auto body = vectors_of(*texts, model, report, stop);
  if (!body) return failed_frame(body.error());
  return {{"type", "finished"}, {"body", *std::move(body)}};
}

}  // namespace

void serve_embedding(Channel& channel, Requests& requests, llama::EmbeddingModel& model) {
  while (const auto frame = requests.next()) {
    auto answer = vectors_answer_to(*frame, model, channel, requests.stop());
    answer["id"] = id_of(*frame);
    if (requests.stop() || !channel.write(json::serialize(answer))) return;
  }
}

}  // namespace holdfast::worker
