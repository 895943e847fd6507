#include "web/dialect/embeddings.hpp"

#include <bit>
#include <boost/json.hpp>

#include "core/base/base64.hpp"
#include "core/similar/embedding.hpp"
#include "web/base64.hpp"
#include "web/dialect/call.hpp"
#include "web/dialect/error.hpp"
#include "web/dialect/parameters.hpp"

namespace holdfast::web::dialect {
namespace {

namespace json = boost::json;

constexpr std::string_view kEmbeddingFields[] = {"model", "input", "encoding_format", "dimensions"};
constexpr Neutral kEmbeddingNeutral[] = {{"user", ""}};

Result<std::vector<std::string>> texts_of(const json::object& body) {
  const json::value* input = body.if_contains("input");
  if (input == nullptr) return refuse("input", "is missing");
  const json::array one{*input};
  std::vector<std::string> texts;
  for (const json::value& text : input->is_array() ? input->get_array() : one) {
    if (!text.is_string()) return refuse("input", "is neither a text nor a list of texts");
    if (texts.size() == similar::kTextsMax) return refuse("input", "has more than 64 texts");
    texts.emplace_back(text.get_string());
    HF_TRY_VOID(check_text_of("input", texts.back()));
  }
  if (!similar::check_texts(texts)) return refuse("input", "is 1 to 64 texts, each of 1 to 8192 bytes");
  return texts;
}

std::string_view text_at(const json::object& result, std::string_view name) {
  const json::value* value = result.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}

/// One vector's bytes, as numbers.
json::array numbers_in(std::string_view bytes) {
  json::array out;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t i = 4; i-- > 0;) bits = bits << 8U | static_cast<unsigned char>(bytes[at + i]);
    out.emplace_back(static_cast<double>(std::bit_cast<float>(bits)));
  }
  return out;
}

std::unexpected<Error> unreadable() { return fail(ErrorClass::corrupt, "HF-STO-03", "a stored result cannot be read"); }

/// All vectors' bytes, one after the other.
Result<std::string> bytes_of(const json::object& result) {
  Base64Decoder decoder;
  auto bytes = decoder.feed(text_at(result, "vectors"));
  if (!bytes || !decoder.finish()) return unreadable();
  return bytes;
}

}  // namespace

Result<EmbeddingsCall> read_embeddings(const json::object& body) {
  HF_TRY_VOID(only(body, kEmbeddingFields, kEmbeddingNeutral));
  EmbeddingsCall call;
  HF_TRY(auto model, text_parameter(body, "model"));
  call.model = std::move(model).value_or("");
  HF_TRY(call.texts, texts_of(body));
  HF_TRY(const auto format, text_parameter(body, "encoding_format"));
  call.as_base64 = format == "base64";
  if (format && !call.as_base64 && format != "float") return refuse("encoding_format", "is not float or base64");
  HF_TRY(call.dimensions,
         count_parameter(body, "dimensions", 1, static_cast<std::int64_t>(similar::kDimensionMax)));
  return call;
}

Result<Response> embeddings_answer(const ItemRecord& record, const EmbeddingsCall& call) {
  HF_TRY(const json::object result, result_of(record, "embeddings"));
  HF_TRY(const std::string bytes, bytes_of(result));
  const json::value* dimension = result.if_contains("dimension");
  const std::size_t size = dimension != nullptr && dimension->is_int64()
                               ? static_cast<std::size_t>(dimension->get_int64()) * sizeof(float)
                               : 0;
  if (size == 0 || bytes.size() != size * call.texts.size()) return unreadable();
  if (call.dimensions && static_cast<std::size_t>(*call.dimensions) * sizeof(float) != size)
    return refuse("dimensions", "are " + std::to_string(size / sizeof(float)) + " of this model, and no others");
  json::array data;
  for (std::size_t i = 0; i < call.texts.size(); ++i) {
    const std::string_view vector = std::string_view{bytes}.substr(i * size, size);
    json::value embedding = call.as_base64 ? json::value(to_base64(vector)) : json::value(numbers_in(vector));
    data.push_back(json::object{{"object", "embedding"}, {"index", i}, {"embedding", std::move(embedding)}});
  }
  return json_response(200, json::object{{"object", "list"}, {"data", std::move(data)}, {"model", call.model}});
}

}  // namespace holdfast::web::dialect
