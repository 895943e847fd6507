#include "ports/embedding_body.hpp"

#include <boost/json.hpp>
#include <cmath>

namespace holdfast {
namespace {

namespace json = boost::json;

std::unexpected<Error> unusable(std::string_view what) {
  return fail(ErrorClass::transient, "HF-EMB-03", "the embedding cannot be used: " + std::string{what});
}

/// Nothing: it is no object.
std::optional<json::object> object_in(std::string_view text) {
  boost::system::error_code bad;
  json::value value = json::parse({text.data(), text.size()}, bad);
  if (bad || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

Result<void> add_vector(const json::value& vector, similar::Embeddings& made) {
  const json::array* numbers = vector.if_array();
  if (numbers == nullptr || numbers->empty() || numbers->size() > similar::kDimensionMax)
    return unusable("a vector is no list of numbers");
  if (made.dimension == 0) made.dimension = numbers->size();
  if (numbers->size() != made.dimension) return unusable("its vectors are not of one length");
  for (const json::value& number : *numbers) {
    if (!number.is_number()) return unusable("a vector is no list of numbers");
    made.values.push_back(static_cast<float>(number.to_number<double>()));
  }
  const auto last = std::span{made.values}.last(made.dimension);
  if (!similar::normalise(last)) return unusable("a vector has no direction");
  return {};
}

}  // namespace

std::string make_embedding_request(std::span<const std::string> texts) {
  return json::serialize(json::object{{"type", "embed"}, {"texts", json::array(texts.begin(), texts.end())}});
}

Result<std::vector<std::string>> read_embedding_request(std::string_view body) {
  const auto malformed = [] { return fail(ErrorClass::permanent, "HF-SRV-01", "the request is no embed request"); };
  const auto request = object_in(body);
  const json::value* type = request ? request->if_contains("type") : nullptr;
  const json::value* list = request ? request->if_contains("texts") : nullptr;
  if (type == nullptr || *type != "embed" || list == nullptr || !list->is_array()) return malformed();
  std::vector<std::string> texts;
  for (const json::value& text : list->get_array()) {
    if (!text.is_string()) return malformed();
    texts.emplace_back(text.get_string());
  }
  HF_TRY_VOID(similar::check_texts(texts));
  return texts;
}

Result<similar::Embeddings> read_embedding_answer(std::string_view body, std::size_t texts_count) {
  const auto answer = object_in(body);
  const json::value* vectors = answer ? answer->if_contains("vectors") : nullptr;
  const json::value* model = answer ? answer->if_contains("model") : nullptr;
  const json::value* cut = answer ? answer->if_contains("cut") : nullptr;
  if (vectors == nullptr || !vectors->is_array() || model == nullptr || !model->is_string())
    return unusable("it has no vectors");
  if (vectors->get_array().size() != texts_count) return unusable("it has another number of vectors than texts");
  similar::Embeddings made{.model = std::string{model->get_string()}};
  if (cut != nullptr && cut->is_int64() && cut->get_int64() > 0) made.cut = static_cast<unsigned>(cut->get_int64());
  for (const json::value& vector : vectors->get_array()) HF_TRY_VOID(add_vector(vector, made));
  return made;
}

}  // namespace holdfast
