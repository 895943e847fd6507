#include "app/recipes/recipe_book.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "app/recipes/mode_reader.hpp"
#include "app/recipes/stage_reader.hpp"
#include "app/recipes/table_reader.hpp"
#include "flow/stages/generate/shape.hpp"
#include "flow/stages/generate/sources.hpp"

namespace holdfast::recipes {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStagesMax = 20;

std::unexpected<Error> not_there(const fs::path& path, std::string_view what) {
  return fail(ErrorClass::not_found, "HF-CFG-02", path.string() + ": " + std::string{what});
}

Result<toml::table> parse(const fs::path& file) {
  try {
    return toml::parse_file(file.string());
  } catch (const toml::parse_error& problem) {
    const auto place = file.string() + ":" + std::to_string(problem.source().begin.line) + ": ";
    return fail(ErrorClass::invalid, "HF-CFG-02", place + std::string{problem.description()});
  }
}

/// What each kind needs before it.
std::string_view needed_before(std::string_view kind) {
  if (kind == "transcribe") return "convert";
  if (kind == "generate") return "transcribe";
  return kUploadKind;
}

/// What is wrong with what a stage reads: it has to be there by then. Empty: nothing.
std::string wrong_reads(const StageConfig& stage, const std::set<std::string>& readable) {
  for (const std::string& what : stage.reads) {
    if (!readable.contains(what))
      return "stage \"" + stage.name + "\" reads \"" + what + "\", which is not there by then";
  }
  return {};
}

/// Lists of what was taken out of a transcript are rows of their own, and no text to read.
bool can_be_read(const StageConfig& stage) {
  const auto* shape = stages::find_shape(stage.shape);
  return shape != nullptr && !shape->extracts();
}

/// The first thing in the order of the stages that cannot work; empty: all is well. A recipe that takes text
/// can begin with understanding: there may be nothing to transcribe.
std::string wrong_order(const Recipe& recipe) {
  const std::vector<StageConfig>& stages = recipe.stages;
  const bool takes_text = std::ranges::find(recipe.accepts, "text") != recipe.accepts.end();
  if (stages.size() < 2) return "at least one stage must follow the upload";
  if (stages.size() > kStagesMax) return "there are more than " + std::to_string(kStagesMax) + " stages";
  if (stages.front().kind != kUploadKind) return "the first stage must be of kind \"upload\"";
  std::set<std::string> names;
  std::set<std::string> results{std::string{stages::kReadsTranscript}, std::string{stages::kReadsInput}};
  std::set<std::string> readable{std::string{stages::kReadsTranscript}};
  if (takes_text) readable.emplace(stages::kReadsInput);
  std::set<std::string, std::less<>> kinds;
  for (const auto& stage : stages) {
    if (!names.insert(stage.name).second) return "two stages are called \"" + stage.name + "\"";
    if (stage.kind == kUploadKind && !kinds.empty()) return "only the first stage can be of kind \"upload\"";
    if ((stage.kind == "complete" || stage.kind == "embed") && !takes_text)
      return "stage \"" + stage.name + "\" works on text, and \"accepts\" has none";
    const auto needed = stage.kind == "generate" && takes_text ? kUploadKind : needed_before(stage.kind);
    if (!kinds.empty() && !kinds.contains(needed)) {
      return "stage \"" + stage.name + "\" needs a stage of kind \"" + std::string{needed} + "\" before it";
    }
    if (const auto wrong = wrong_reads(stage, readable); !wrong.empty()) return wrong;
    if (!stage.result.empty() && !results.insert(stage.result).second) {
      return "the result \"" + stage.result + "\" is there already";
    }
    if (can_be_read(stage)) readable.insert(stage.result);
    kinds.insert(stage.kind);
  }
  return {};
}

void check_accepts(TableReader& reader, const std::vector<std::string>& accepts) {
  constexpr std::string_view kFamilies[] = {"audio", "video", "text"};
  for (const auto& family : accepts) {
    if (std::ranges::find(kFamilies, family) == std::end(kFamilies)) {
      reader.refuse("accepts", "can hold audio, video and text, not \"" + family + "\"");
    }
  }
}

Result<retention::Overrides> read_retention(const toml::table& table, const std::string& file) {
  TableReader reader{table, file};
  retention::Overrides out{.files = reader.age("files"),
                           .transcripts = reader.age("transcripts"),
                           .dead_letters = reader.age("dead_letters"),
                           .items = reader.age("items")};
  HF_TRY_VOID(reader.finish());
  return out;
}

Result<Recipe> read_recipe(const toml::table& table, const fs::path& folder) {
  TableReader reader{table, (folder / "pipeline.toml").string()};
  Recipe recipe{.name = folder.filename().string()};
  recipe.title = reader.text("title");
  recipe.description = reader.text("description");
  recipe.accepts = reader.words("accepts");
  check_accepts(reader, recipe.accepts);
  for (const auto* stage : reader.tables("stage")) {
    HF_TRY(auto config, read_stage(*stage, folder));
    recipe.stages.push_back(std::move(config));
  }
  if (const auto* retention = reader.table("retention"); retention != nullptr) {
    HF_TRY(recipe.retention, read_retention(*retention, (folder / "pipeline.toml").string()));
  }
  HF_TRY(recipe.modes, read_modes(reader, recipe, (folder / "pipeline.toml").string()));
  if (const auto wrong = wrong_modes(recipe); !wrong.empty()) reader.refuse("mode", "list: " + wrong);
  if (const auto wrong = wrong_order(recipe); !wrong.empty()) reader.refuse("stage", "list: " + wrong);
  HF_TRY_VOID(reader.finish());
  return recipe;
}

Result<std::vector<fs::path>> folders_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code bad;
  for (fs::directory_iterator entry{folder, bad}, end; !bad && entry != end; entry.increment(bad)) {
    const bool hidden = entry->path().filename().string().starts_with('.');
    if (!hidden && entry->is_directory(bad)) out.push_back(entry->path());
  }
  if (bad) return not_there(folder, "the folder of recipes cannot be read");
  if (out.empty()) return not_there(folder, "there is no recipe in this folder");
  std::ranges::sort(out);
  return out;
}

}  // namespace

Result<Recipe> load_recipe(const fs::path& folder) {
  const auto file = folder / "pipeline.toml";
  std::error_code bad;
  if (!fs::is_regular_file(file, bad)) return not_there(file, "there is no such file");
  HF_TRY(const auto table, parse(file));
  return read_recipe(table, folder);
}

Result<RecipeBook> load_recipes(const fs::path& folder) {
  RecipeBook book;
  HF_TRY(const auto folders, folders_in(folder));
  for (const auto& one : folders) {
    HF_TRY(auto recipe, load_recipe(one));
    book.emplace(recipe.name, std::move(recipe));
  }
  return book;
}

std::vector<std::string> roles_of(const RecipeBook& book) {
  std::set<std::string> roles;
  for (const auto& [name, recipe] : book) {
    for (const auto& stage : recipe.stages) {
      if (!stage.role.empty()) roles.insert(stage.role);
    }
  }
  return {roles.begin(), roles.end()};
}

}  // namespace holdfast::recipes
