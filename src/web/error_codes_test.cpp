#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>

#include "core/catalogue/catalogue.hpp"

namespace holdfast {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool is_source(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const bool code = name.ends_with(".cpp") || name.ends_with(".hpp");
  return code && !name.ends_with("_test.cpp") && !name.starts_with("catalogue.");
}

/// Every code that a source file of ours (tests apart) mentions, with one place.
std::map<std::string, std::string> codes_in_sources() {
  const std::regex pattern{"HF-[A-Z]{3}-[0-9]{2}"};
  std::map<std::string, std::string> found;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{std::string{HF_SOURCE_DIR} + "/src"}) {
    if (!is_source(entry.path())) continue;
    const std::string text = contents(entry.path());
    for (std::sregex_iterator hit{text.begin(), text.end(), pattern}, end; hit != end; ++hit) {
      found.emplace(hit->str(), entry.path().string());
    }
  }
  return found;
}

/// The text of every source file of ours, without tests, the catalogue itself, and what only pretends to fail.
std::string all_sources() {
  std::string text;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{std::string{HF_SOURCE_DIR} + "/src"}) {
    const bool pretended = entry.path().string().find("/src/sim/") != std::string::npos;
    if (is_source(entry.path()) && !pretended) text += contents(entry.path());
  }
  return text;
}

TEST(Catalogue, EveryListedCodeIsGivenByTheSources) {
  const std::string sources = all_sources();

  for (const auto& entry : catalogue::all()) {
    EXPECT_NE(sources.find('"' + std::string{entry.code} + '"'), std::string::npos)
        << entry.code << " is listed and never given";
  }
}

TEST(Catalogue, EveryCodeInTheSourcesIsListed) {
  const auto used = codes_in_sources();

  ASSERT_GT(used.size(), 10U);
  for (const auto& [code, place] : used) EXPECT_NE(catalogue::find(code), nullptr) << code << " in " << place;
}

}  // namespace
}  // namespace holdfast
