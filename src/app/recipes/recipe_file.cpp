#include "app/recipes/recipe_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace holdfast::recipes {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kFileBytesMax = 64U << 10U;

}  // namespace

Result<std::string> read_recipe_file(const fs::path& folder, const std::string& name) {
  const fs::path path{name};
  const bool leaves = path.is_absolute() || std::ranges::find(path, "..") != path.end();
  if (leaves) return fail(ErrorClass::invalid, "HF-CFG-02", "must stay inside the recipe's folder");
  std::error_code bad;
  const auto bytes = fs::file_size(folder / path, bad);
  if (bad) return fail(ErrorClass::not_found, "HF-CFG-02", "names a file that is not there: " + name);
  if (bytes > kFileBytesMax)
    return fail(ErrorClass::invalid, "HF-CFG-02", "names a file that is larger than 64 KiB");
  std::ifstream file{folder / path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad() || text.size() != bytes) return fail(ErrorClass::not_found, "HF-CFG-02", "cannot be read");
  return text;
}

}  // namespace holdfast::recipes
