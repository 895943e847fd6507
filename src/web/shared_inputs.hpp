#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

/// For tests: inputs that nobody here wrote. They lie beside the checkout or where HOLDFAST_SHARED says.
namespace holdfast::web::testing {

inline std::filesystem::path shared_folder() {
  const char* named = std::getenv("HOLDFAST_SHARED");
  if (named != nullptr && *named != '\0') return named;
  return std::filesystem::path{HF_SOURCE_DIR}.parent_path() / "shared";
}

inline std::string contents(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace holdfast::web::testing
