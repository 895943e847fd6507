#include "app/models/manifest.hpp"

#include <toml++/toml.h>

namespace holdfast::models {

namespace {

constexpr std::size_t kSha256Digits = 64;

std::unexpected<Error> damaged(const std::string& what) {
  return fail(ErrorClass::corrupt, "HF-CFG-02", "models/manifest.toml: " + what);
}

std::string text_of(const toml::table& table, std::string_view name) {
  return table[name].value_or(std::string{});
}

Result<ModelFile> read_model(const toml::table& table, const std::string& folder) {
  ModelFile model{.id = text_of(table, "id"),
                  .role = text_of(table, "role"),
                  .title = text_of(table, "title"),
                  .licence = text_of(table, "licence"),
                  .path = text_of(table, "file"),
                  .bytes = 0,
                  .sha256 = text_of(table, "sha256"),
                  .smaller = text_of(table, "smaller")};
  const auto bytes = table["bytes"].value_or<std::int64_t>(0);
  const bool whole = !model.id.empty() && !model.role.empty() && !model.path.empty() && bytes > 0;
  if (!whole || model.sha256.size() != kSha256Digits) return damaged("model \"" + model.id + "\" is not complete");
  if (model.path.find('/') != std::string::npos)
    return damaged("the file of " + model.id + " is not a plain name");
  model.bytes = static_cast<std::uint64_t>(bytes);
  model.path = folder + "/" + model.path;
  return model;
}

Result<std::vector<ModelFile>> read_models(const toml::table& root, const std::string& folder) {
  std::vector<ModelFile> models;
  const auto* const list = root["model"].as_array();
  if (list == nullptr) return damaged("it lists no model");
  for (const auto& entry : *list) {
    if (!entry.is_table()) return damaged("a model is not a table");
    HF_TRY(ModelFile model, read_model(*entry.as_table(), folder));
    models.push_back(std::move(model));
  }
  return models;
}

}  // namespace

Result<std::vector<ModelFile>> read_manifest(std::string_view text, const std::string& folder) {
  try {
    return read_models(toml::parse(text), folder);
  } catch (const toml::parse_error& problem) {
    return damaged("line " + std::to_string(problem.source().begin.line) + ": " +
                   std::string{problem.description()});
  }
}

}  // namespace holdfast::models
