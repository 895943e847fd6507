#include "adapters/openai/embeddings.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "ports/embedding_body.hpp"

namespace holdfast::openai {
namespace {

namespace json = boost::json;

std::unexpected<Error> unusable_vectors(std::string_view what) {
  return fail(ErrorClass::transient, "HF-EMB-03", "the endpoint's answer cannot be used: " + std::string{what});
}

/// The number of the text that an entry is about; `texts_count`: it names none.
std::size_t index_of(const json::object& entry, std::size_t texts_count) {
  const auto* index = entry.if_contains("index");
  if (index == nullptr || !index->is_int64() || index->get_int64() < 0) return texts_count;
  return std::min(texts_count, static_cast<std::size_t>(index->get_int64()));
}

Result<json::array> vectors_of(const json::array& data, std::size_t texts_count) {
  json::array vectors(texts_count, nullptr);
  for (const auto& entry : data) {
    const auto* object = entry.if_object();
    const auto* vector = object != nullptr ? object->if_contains("embedding") : nullptr;
    const std::size_t index = object != nullptr ? index_of(*object, texts_count) : texts_count;
    if (vector == nullptr || !vector->is_array()) return unusable_vectors("an entry has no list of numbers");
    if (index == texts_count || !vectors[index].is_null())
      return unusable_vectors("its entries are not those of the texts");
    vectors[index] = *vector;
  }
  if (std::ranges::any_of(vectors, &json::value::is_null)) return unusable_vectors("a text has no vector");
  return vectors;
}

}  // namespace

Result<EmbeddingsRequest> make_embeddings_request(std::string_view work, std::string_view model) {
  HF_TRY(const auto texts, read_embedding_request(work));
  const json::object request{
      {"model", model}, {"input", json::array(texts.begin(), texts.end())}, {"encoding_format", "float"}};
  return EmbeddingsRequest{.body = json::serialize(request), .texts_count = texts.size()};
}

Result<std::string> read_embeddings_answer(std::string_view answer, std::size_t texts_count, std::string_view model) {
  boost::system::error_code bad;
  const auto value = json::parse(answer, bad);
  const auto* parsed = bad ? nullptr : value.if_object();
  const auto* data = parsed != nullptr ? parsed->if_contains("data") : nullptr;
  if (data == nullptr || !data->is_array()) return unusable_vectors("it has no data");
  HF_TRY(auto vectors, vectors_of(data->get_array(), texts_count));
  const auto* named = parsed->if_contains("model");
  const bool says = named != nullptr && named->is_string() && !named->get_string().empty();
  return json::serialize(json::object{{"model", says ? std::string_view{named->get_string()} : model},
                                      {"vectors", std::move(vectors)}});
}

Error of_embedding(const Error& error) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kCodes{
      {{"HF-LLM-01", "HF-EMB-01"}, {"HF-LLM-02", "HF-EMB-02"}, {"HF-LLM-03", "HF-EMB-03"}}};
  const auto* const found = std::ranges::find_if(kCodes, [&](const auto& code) { return code.first == error.code(); });
  if (found == kCodes.end()) return error;
  Error renamed{error.error_class(), found->second, error.what()};
  if (!error.retry_after()) return renamed;
  return std::move(renamed).asked_again_after(*error.retry_after());
}

}  // namespace holdfast::openai
