#include "flow/stages/generate/generate.hpp"

#include <boost/json.hpp>

#include "core/grounding/clean.hpp"
#include "flow/stages/body.hpp"
#include "flow/stages/generate/prompt.hpp"
#include "flow/stages/generate/reading.hpp"
#include "flow/stages/generate/shape.hpp"
#include "flow/stages/generate/sources.hpp"
#include "schema/answer.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

Result<const Shape*> shape_of(const StageConfig& config) {
  const Shape* shape = find_shape(config.shape);
  if (shape != nullptr) return shape;
  return fail(ErrorClass::permanent, "HF-CFG-02", "no shape \"" + config.shape + "\"");
}

decide::StageOutcome without_speech(const StageConfig& config, const Shape& shape,
                                    const json::object& schema) {
  decide::StageOutcome outcome{.warnings = {reads(config, kReadsTranscript) ? "no speech" : "nothing to read"}};
  outcome.publish.push_back({.name = config.result, .json = json::serialize(shape.empty(schema))});
  return outcome;
}

/// Segments of a transcript have their number before them: answers are tied to them.
json::array numbered_lines(std::span<const SpokenLine> lines, bool numbered) {
  json::array out;
  for (const auto& line : lines)
    out.emplace_back((numbered ? "[" + std::to_string(line.segment) + "] " : std::string{}) + line.text);
  return out;
}

json::object generate_request(const StageInput& input, const Prompt& prompt, json::object schema,
                              std::span<const SpokenLine> lines) {
  return {{"type", "generate"},          {"role", input.config.role},
          {"system", prompt.system},     {"before", prompt.before},
          {"lines", numbered_lines(lines, reads(input.config, kReadsTranscript))},
          {"after", prompt.after},
          {"schema", std::move(schema)}, {"tokens_max", input.config.tokens_max},
          {"temperature", input.config.temperature}, {"seed", seed_of(input.job)}};
}

/// How many lines the model has read. Errors: transient HF-SRV-01, permanent HF-LLM-04.
Result<std::size_t> lines_read(const json::object& told, std::size_t lines_count) {
  const auto used = body::count_or(told, "lines_used", -1);
  if (used < 0 || static_cast<std::size_t>(used) > lines_count) {
    return fail(ErrorClass::transient, "HF-SRV-01", "the language worker did not tell how much it has read");
  }
  if (used == 0)
    return fail(ErrorClass::permanent, "HF-LLM-04", "nothing of the text fits into the model's context");
  return static_cast<std::size_t>(used);
}

bool was_shortened(const json::object& told) {
  const auto* shortened = told.if_contains("shortened");
  return shortened != nullptr && *shortened == json::value(true);
}

std::vector<std::string> limits_met(const json::object& told, std::size_t used, std::size_t lines_count,
                                    std::string_view what) {
  auto out = body::sentences(told, "warnings");
  if (used < lines_count) {
    out.push_back("only the first " + std::to_string(used) + " of " + std::to_string(lines_count) +
                  " " + std::string{what} + " were read: more does not fit into the model's context");
  }
  if (was_shortened(told)) {
    out.emplace_back("the model's answer was ended early because it grew too long");
  }
  return out;
}

std::string model_of(const json::object& told) {
  return grounding::clean_text(body::text_or_empty(told, "model"), body::kModelNameCharactersMax);
}

std::string about(const json::object& told, std::size_t used) {
  return json::serialize(json::object{{"model", model_of(told)},
                                      {"lines_used", used},
                                      {"tokens_in", body::count_or(told, "tokens_in", 0)},
                                      {"tokens_out", body::count_or(told, "tokens_out", 0)}});
}

/// What is read at once: all of it, or the next piece.
struct Portion {
  std::vector<SpokenLine> lines;
  json::object earlier;
  Reading reading;
  std::size_t first = 0;
  std::size_t count = 0;

  [[nodiscard]] std::span<const SpokenLine> read() const { return std::span{lines}.subspan(first, count); }
};

Result<Portion> portion_of(const StageInput& input, const Shape& shape) {
  HF_TRY(Sources sources, sources_of(input));
  Portion portion{.lines = std::move(sources.lines), .earlier = std::move(sources.earlier)};
  portion.count = portion.lines.size();
  if (!shape.extracts()) return portion;
  HF_TRY(portion.reading, reading_of(input.job, *shape.extracts()));
  portion.first = std::min(portion.reading.next, portion.lines.size());
  portion.count = next_piece(portion.lines, portion.first, input.config.window_characters).size();
  return portion;
}

decide::StageOutcome conclude_whole(const StageConfig& config, const json::object& told, Shaped shaped,
                                    const Portion& portion, std::size_t used) {
  decide::StageOutcome outcome{.output = about(told, used),
                               .warnings = limits_met(told, used, portion.lines.size(),
                                                      reads(config, kReadsTranscript) ? "segments" : "lines")};
  std::ranges::move(shaped.warnings, std::back_inserter(outcome.warnings));
  outcome.publish.push_back({.name = config.result, .json = json::serialize(shaped.result)});
  return outcome;
}

/// What was read up to the last segment of this piece is done.
decide::StageOutcome go_on(const StageInput& input, const Reading& reading, const SpokenLine& last) {
  const std::int64_t end_ms = input.segments[last.segment].end_ms;
  return {.output = to_json(reading), .goes_on_at_ms = std::max(current_stage(input.job)->position_ms, end_ms)};
}

decide::StageOutcome conclude_piece(const StageInput& input, const json::object& told, Shaped shaped,
                                    Portion portion, std::size_t used) {
  Reading& reading = portion.reading;
  json::value result = std::move(shaped.result);
  reading.shortened += was_shortened(told) ? 1 : 0;
  reading.tokens_in += body::count_or(told, "tokens_in", 0);
  reading.tokens_out += body::count_or(told, "tokens_out", 0);
  take_in(reading, std::move(shaped), used, portion.lines.size());
  if (reading.next < portion.lines.size()) return go_on(input, reading, portion.read()[used - 1]);
  const json::object about{{"model", model_of(told)},
                           {"pieces", reading.pieces},
                           {"tokens_in", reading.tokens_in},
                           {"tokens_out", reading.tokens_out}};
  decide::StageOutcome outcome{.output = json::serialize(about), .warnings = remarks(reading)};
  outcome.publish.push_back({.name = input.config.result,
                             .json = json::serialize(result),
                             .extractions = std::move(reading.taken)});
  return outcome;
}

double part_of(std::size_t part, std::size_t whole) {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Result<Plan> Generate::prepare(const StageInput& input) const {
  HF_TRY(const Shape* shape, shape_of(input.config));
  HF_TRY(auto schema, schema::read_schema(input.config.schema));
  HF_TRY(const Prompt prompt, parse_prompt(input.config.prompt));
  HF_TRY(const Portion portion, portion_of(input, *shape));
  const auto& lines = portion.lines;
  if (lines.empty()) return Plan{without_speech(input.config, *shape, schema)};
  return Plan{WorkRequest{.worker = worker(),
                          .item = input.job.id,
                          .fence = input.job.fence,
                          .role = input.config.role,
                          .body = json::serialize(generate_request(input, prompt, std::move(schema), portion.read())),
                          .time_max = input.config.time_max,
                          .silence_max = input.config.silence_max,
                          .share_from = part_of(portion.first, lines.size()),
                          .share_to = part_of(portion.first + portion.count, lines.size())}};
}

Result<decide::StageOutcome> Generate::conclude(const StageInput& input, const Finished& answer) const {
  HF_TRY(const Shape* shape, shape_of(input.config));
  HF_TRY(const auto schema, schema::read_schema(input.config.schema));
  HF_TRY(const auto told, body::parse_object(answer.body, "the language worker"));
  HF_TRY(Portion portion, portion_of(input, *shape));
  HF_TRY(const std::size_t used, lines_read(told, portion.count));
  HF_TRY(const auto written, schema::read_answer(body::text_or_empty(told, "text"), schema));
  Material material = material_of(input, portion.earlier);
  material.read = portion.read().first(used);
  HF_TRY(auto shaped, shape->conclude(written, schema, material));
  if (shape->extracts()) return conclude_piece(input, told, std::move(shaped), std::move(portion), used);
  return conclude_whole(input.config, told, std::move(shaped), portion, used);
}

Result<decide::StageOutcome> Generate::by_rules(const StageInput& input) const {
  HF_TRY(const Shape* shape, shape_of(input.config));
  HF_TRY(Sources sources, sources_of(input));
  HF_TRY(const Shaped shaped, shape->by_rules(material_of(input, sources.earlier)));
  decide::StageOutcome outcome{.output = json::serialize(json::object{{"model", "rules"}}),
                               .warnings = shaped.warnings};
  outcome.publish.push_back({.name = input.config.result, .json = json::serialize(shaped.result)});
  return outcome;
}

}  // namespace holdfast::stages
