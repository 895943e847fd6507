#include "app/programs.hpp"

#include <array>
#include <system_error>

namespace holdfast {

Result<Installation> find_installation(const Settings& settings) {
  std::error_code bad;
  Installation found{.programs = std::filesystem::read_symlink("/proc/self/exe", bad).parent_path()};
  const std::array<std::filesystem::path, 3> places{
      settings.recipes.dir,
      found.programs / "../share/holdfast/recipes",  // installed
      found.programs / "../../recipes"};             // build/release
  for (const auto& place : places) {
    if (place.empty() || !std::filesystem::is_directory(place, bad)) continue;
    found.recipes = std::filesystem::weakly_canonical(place, bad);
    return found;
  }
  return fail(ErrorClass::dependency, "HF-CFG-02", "there is no recipes folder; set recipes.dir");
}

}  // namespace holdfast
