#include "app/recipes/stage_reader.hpp"

#include <boost/json.hpp>

#include "app/recipes/fallback_reader.hpp"
#include "app/recipes/recipe_file.hpp"
#include "app/recipes/table_reader.hpp"
#include "core/base/nearest.hpp"
#include "flow/stages/generate/bounds.hpp"
#include "flow/stages/generate/prompt.hpp"
#include "flow/stages/generate/shape.hpp"
#include "flow/stages/generate/sources.hpp"
#include "flow/stages/stage_kind.hpp"
#include "schema/answer.hpp"

namespace holdfast::recipes {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kWindowCharactersMost = 1'000'000;
/// Fewest characters that a token stands for, on the average of a whole answer: below 2 no language was seen.
constexpr std::size_t kCharactersPerToken = 2;

std::string names_of(const std::vector<std::string_view>& names) {
  std::string out;
  for (const auto name : names) out += (out.empty() ? "" : ", ") + std::string{name};
  return out;
}

std::string unknown_word(const std::vector<std::string_view>& known, std::string_view word) {
  return "is not one of " + names_of(known) + "; did you mean \"" + std::string{nearest(word, known)} + "\"?";
}

void check_kind(TableReader& reader, std::string_view kind) {
  if (kind.empty() || kind == kUploadKind || stages::find_kind(kind) != nullptr) return;
  std::vector<std::string_view> known{kUploadKind};
  for (const auto* one : stages::registry()) known.push_back(one->name());
  reader.refuse("kind", unknown_word(known, kind));
}

std::string file_of(TableReader& reader, std::string_view key, const fs::path& folder) {
  const auto name = reader.text(key);
  if (name.empty()) return {};
  auto text = read_recipe_file(folder, name);
  if (!text) reader.refuse(key, text.error().what());
  return text ? std::move(*text) : std::string{};
}

void check_schema(TableReader& reader, const StageConfig& stage, const stages::Shape& shape) {
  const auto schema = schema::read_schema(stage.schema);
  if (!schema) return reader.refuse("schema", "cannot be used: " + schema.error().what());
  if (const auto fits = shape.check(*schema); !fits)
    return reader.refuse("schema", "cannot be used: " + fits.error().what());
  const auto longest = stages::characters_max(*schema);
  if (!longest) return reader.refuse("schema", "cannot be used: " + longest.error().what());
  const unsigned needed = tokens_needed(stage);
  if (needed <= stage.tokens_max) return;
  reader.refuse("tokens_max", "must be at least " + std::to_string(needed) +
                                  ": by the schema an answer can have " + std::to_string(*longest) +
                                  " characters, and it must not be cut off");
}

void read_templates(TableReader& reader, StageConfig& stage, const stages::Shape& shape, const fs::path& folder) {
  if (!reader.has("templates")) return;
  stage.templates = file_of(reader, "templates", folder);
  boost::system::error_code bad;
  const auto templates = boost::json::parse(stage.templates, bad);
  if (bad) return reader.refuse("templates", "cannot be used: it is no JSON: " + bad.message());
  if (const auto fits = shape.check_templates(templates); !fits)
    reader.refuse("templates", "cannot be used: " + fits.error().what());
}

/// What the model is shown. Whether it is there by then, the book knows.
void read_reads(TableReader& reader, StageConfig& stage, const stages::Shape& shape) {
  if (reader.has("reads")) stage.reads = reader.words("reads");
  const bool transcript = stages::reads(stage, stages::kReadsTranscript);
  if (transcript && stage.reads.size() > 1) reader.refuse("reads", "can have \"transcript\" only by itself");
  if (!transcript && shape.extracts()) reader.refuse("reads", "must be [\"transcript\"] for this shape");
  for (const auto needed : shape.needs()) {
    if (!stages::reads(stage, needed))
      reader.refuse("reads", "must have \"" + std::string{needed} + "\" for this shape");
  }
}

void check_shape(TableReader& reader, StageConfig& stage, const fs::path& folder) {
  const auto* shape = stages::find_shape(stage.shape);
  if (shape == nullptr) {
    std::vector<std::string_view> known;
    for (const auto* one : stages::shapes()) known.push_back(one->name());
    return reader.refuse("shape", unknown_word(known, stage.shape));
  }
  if (shape->extracts()) {
    stage.window_characters = reader.count("window_characters", stage.window_characters, kWindowCharactersMost);
  } else {
    stage.cache = reader.flag("cache");
  }
  if (!stage.schema.empty()) check_schema(reader, stage, *shape);
  read_reads(reader, stage, *shape);
  read_templates(reader, stage, *shape, folder);
}

void read_generate(TableReader& reader, StageConfig& stage, const fs::path& folder) {
  stage.role = reader.word("role");
  stage.result = reader.word("result");
  stage.shape = reader.word("shape");
  stage.tokens_max = reader.count("tokens_max", stage.tokens_max, kTokensMost);
  stage.temperature = reader.factor("temperature", stage.temperature);
  stage.prompt = file_of(reader, "prompt", folder);
  stage.schema = file_of(reader, "schema", folder);
  if (const auto prompt = stages::parse_prompt(stage.prompt); !prompt && !stage.prompt.empty()) {
    reader.refuse("prompt", "cannot be used: " + prompt.error().what());
  }
  check_shape(reader, stage, folder);
}

void read_complete(TableReader& reader, StageConfig& stage) {
  stage.role = reader.word("role");
  stage.result = "answer";
  stage.tokens_max = reader.count("tokens_max", stage.tokens_max, kTokensMost);
  stage.temperature = reader.factor("temperature", stage.temperature);
}

Result<RetryPolicy> read_retry(const toml::table& table, const std::string& file) {
  constexpr unsigned kMost = 100;
  TableReader reader{table, file};
  RetryPolicy retry;
  retry.attempts_max = reader.count("attempts_max", retry.attempts_max, kMost);
  retry.crashes_max = reader.count("crashes_max", retry.crashes_max, kMost);
  retry.interruptions_max = reader.count("interruptions_max", retry.interruptions_max, kMost);
  retry.backoff.base = reader.duration("backoff_base", retry.backoff.base);
  retry.backoff.ceiling = reader.duration("backoff_ceiling", retry.backoff.ceiling);
  if (retry.backoff.ceiling < retry.backoff.base)
    reader.refuse("backoff_ceiling", "is shorter than \"backoff_base\"");
  HF_TRY_VOID(reader.finish());
  return retry;
}

}  // namespace

unsigned tokens_needed(const StageConfig& stage) {
  if (stage.schema.empty()) return 0;
  const auto schema = schema::read_schema(stage.schema);
  if (!schema) return 0;
  const auto longest = stages::characters_max(*schema);
  if (!longest) return 0;
  return static_cast<unsigned>((*longest + kCharactersPerToken - 1) / kCharactersPerToken);
}

Result<StageConfig> read_stage(const toml::table& table, const fs::path& folder) {
  const auto file = (folder / "pipeline.toml").string();
  TableReader reader{table, file};
  StageConfig stage;
  stage.name = reader.word("name");
  stage.kind = reader.word("kind");
  stage.title = reader.text("title");
  check_kind(reader, stage.kind);
  if (stage.kind != kUploadKind) {
    stage.time_max = reader.duration("time_max", stage.time_max);
    stage.silence_max = reader.duration("silence_max", stage.silence_max);
    stage.time_budget_rtf = reader.factor("time_budget_rtf", stage.time_budget_rtf);
    const auto* retry = reader.table("retry");
    if (retry != nullptr) {
      HF_TRY(stage.retry, read_retry(*retry, file));
    }
  }
  if (stage.kind == "generate") read_generate(reader, stage, folder);
  if (stage.kind == "complete") read_complete(reader, stage);
  if (stage.kind == "embed") stage.result = "embeddings";
  HF_TRY_VOID(read_fallbacks(reader, stage, folder));
  HF_TRY_VOID(reader.finish());
  return stage;
}

}  // namespace holdfast::recipes
