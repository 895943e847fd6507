#include "core/similar/embedding.hpp"

#include <algorithm>
#include <cmath>

namespace holdfast::similar {
namespace {

std::unexpected<Error> unfit(std::string what) {
  return fail(ErrorClass::permanent, "HF-EMB-04", std::move(what));
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

}  // namespace

Result<void> check_texts(std::span<const std::string> texts) {
  if (texts.empty()) return unfit("there is no text");
  if (texts.size() > kTextsMax)
    return unfit(std::to_string(texts.size()) + " texts at once, at most " + std::to_string(kTextsMax));
  for (const std::string& text : texts) {
    if (is_blank(text)) return unfit("a text is empty");
    if (text.size() > kTextBytesMax)
      return unfit("a text has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(kTextBytesMax));
  }
  return {};
}

bool normalise(std::span<float> vector) {
  const double length = std::sqrt(scalar_product(vector, vector));
  if (!std::isfinite(length) || length < 1e-9) return false;
  for (float& value : vector) value = static_cast<float>(value / length);
  return true;
}

double scalar_product(std::span<const float> left, std::span<const float> right) {
  double sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i) sum += static_cast<double>(left[i]) * static_cast<double>(right[i]);
  return sum;
}

}  // namespace holdfast::similar
