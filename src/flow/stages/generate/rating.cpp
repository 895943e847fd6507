#include "flow/stages/generate/rating.hpp"

#include <boost/json.hpp>
#include <cmath>

#include "core/grounding/clean.hpp"
#include "flow/stages/body.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

constexpr double kScoreMax = 10;
constexpr std::size_t kReasonCharactersMax = 300;

std::unexpected<Error> unusable_rating(std::string_view criterion, std::string_view what) {
  return fail(ErrorClass::transient, "HF-LLM-03",
              "the model's rating of \"" + std::string{criterion} + "\" " + std::string{what});
}

double one_decimal(double value) { return std::round(value * 10) / 10; }

Result<json::object> criterion_of(std::string_view name, const json::object& answer) {
  const auto* answered = answer.if_contains(name);
  if (answered == nullptr || !answered->is_object()) return unusable_rating(name, "is missing");
  const auto& rated = answered->get_object();
  const double score = body::number_or(rated, "score", -1);
  if (!(score >= 0 && score <= kScoreMax)) return unusable_rating(name, "is not between 0 and 10");
  const auto reason =
      grounding::whole_sentences(grounding::clean_text(body::text_or_empty(rated, "reason"), kReasonCharactersMax));
  if (reason.empty()) return unusable_rating(name, "has no reason");
  return json::object{{"name", name}, {"score", one_decimal(score)}, {"reason", reason}};
}

bool is_criterion(const json::value& field) {
  if (!field.is_object()) return false;
  const auto& parts = properties_of(field.get_object());
  return parts.size() == 2 && parts.contains("score") && parts.contains("reason");
}

}  // namespace

Result<void> Rating::check(const json::object& schema) const {
  for (const auto& [name, field] : properties_of(schema)) {
    if (is_criterion(field)) continue;
    return fail(ErrorClass::permanent, "HF-CFG-02",
                "criterion \"" + std::string{name} + "\" must be an object of \"score\" and \"reason\"");
  }
  if (properties_of(schema).empty())
    return fail(ErrorClass::permanent, "HF-CFG-02", "the rating has no criteria");
  return {};
}

json::value Rating::empty(const json::object& /*schema*/) const { return nullptr; }

Result<Shaped> Rating::conclude(const json::object& answer, const json::object& schema,
                                const Material& /*material*/) const {
  json::array criteria;
  double sum = 0;
  for (const auto& [name, unused] : properties_of(schema)) {
    HF_TRY(auto criterion, criterion_of(name, answer));
    sum += criterion["score"].as_double();
    criteria.push_back(std::move(criterion));
  }
  if (criteria.empty()) return unusable_rating("everything", "is missing");
  const double score = one_decimal(sum / static_cast<double>(criteria.size()));
  return Shaped{.result = json::object{{"score", score}, {"criteria", std::move(criteria)}}};
}

}  // namespace holdfast::stages
