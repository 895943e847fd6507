#include "app/models/models.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/config/suggest.hpp"
#include "app/models/manifest.hpp"

namespace holdfast::models {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = 1U << 20U;

using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::unexpected<Error> unreadable(const std::string& path, const std::string& what) {
  return fail(ErrorClass::transient, "HF-CLI-03", path + " " + what);
}

std::string hex(const unsigned char* bytes, unsigned count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned at = 0; at < count; ++at) {
    text += kDigits[bytes[at] >> 4U];
    text += kDigits[bytes[at] & 15U];
  }
  return text;
}

Result<std::string> sha256_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  const Digest digest{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  bool well = file && digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1;
  std::string chunk(kChunk, '\0');
  while (well && file) {
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    well = !file.bad() &&
           EVP_DigestUpdate(digest.get(), chunk.data(), static_cast<std::size_t>(file.gcount())) == 1;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned length = 0;
  well = well && EVP_DigestFinal_ex(digest.get(), sum.data(), &length) == 1;
  if (!well) return unreadable(path, "cannot be read");
  return hex(sum.data(), length);
}

}  // namespace

std::string_view to_word(State state) {
  switch (state) {
    case State::present:
      return "present";
    case State::missing:
      return "missing";
    case State::damaged:
      return "damaged";
  }
  return "";
}

Result<std::vector<ModelFile>> known_models(const Settings& settings) {
  return read_manifest(manifest_text(), settings.models.dir);
}

Result<ModelFile> find_model(const Settings& settings, std::string_view id) {
  HF_TRY(const auto models, known_models(settings));
  std::vector<std::string> names;
  for (const auto& model : models) {
    if (model.id == id) return model;
    names.push_back(model.id);
  }
  const std::string what = "there is no model \"" + std::string{id} + "\"" + did_you_mean(id, names);
  return fail(ErrorClass::not_found, "HF-CFG-02", what);
}

Result<std::vector<ModelFile>> find_smaller(const Settings& settings, const ModelFile& model) {
  HF_TRY(const auto known, known_models(settings));
  std::vector<ModelFile> chain;
  for (std::string next = model.smaller; !next.empty() && chain.size() < known.size(); next = chain.back().smaller) {
    HF_TRY(ModelFile found, find_model(settings, next));
    chain.push_back(std::move(found));
  }
  return chain;
}

Result<ModelFile> find_role(const Settings& settings, std::string_view role) {
  HF_TRY(const auto models, known_models(settings));
  const auto found = std::ranges::find(models, role, &ModelFile::role);
  if (found != models.end()) return *found;
  return fail(ErrorClass::not_found, "HF-CFG-02", "there is no model for " + std::string{role});
}

State look(const ModelFile& model) {
  std::error_code problem;
  const auto bytes = fs::file_size(model.path, problem);
  if (problem) return State::missing;
  return bytes == model.bytes ? State::present : State::damaged;
}

Result<State> check(const ModelFile& model) {
  const State quick = look(model);
  if (quick != State::present) return quick;
  HF_TRY(const std::string sum, sha256_of(model.path));
  return sum == model.sha256 ? State::present : State::damaged;
}

std::string aside_of(const ModelFile& model) { return model.path + ".damaged"; }

Result<std::string> set_aside(const ModelFile& model) {
  const std::string aside = aside_of(model);
  std::error_code problem;
  fs::rename(model.path, aside, problem);
  if (problem) return unreadable(model.path, "is damaged and cannot be set aside: " + problem.message());
  return aside;
}

}  // namespace holdfast::models
