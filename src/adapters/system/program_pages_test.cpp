#include "adapters/system/program_pages.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "adapters/system/small_file.hpp"

namespace holdfast::system {
namespace {

/// Memory of this process that is mapped from files, kB.
std::size_t mapped_kb() {
  std::istringstream lines{text_of("/proc/self/status")};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("RssFile:")) return std::stoul(line.substr(8));
  }
  return 0;
}

TEST(ProgramPages, FR_8_TheProgramOfAServerThatWaitsIsNotHeldAndComesBackWhereItIsUsed) {
  const std::size_t before = mapped_kb();
  const std::size_t bytes = give_back_program_pages();
  const std::size_t after = mapped_kb();
  EXPECT_GT(bytes, 0U);
  EXPECT_LT(after, before);
  EXPECT_EQ(std::to_string(4711), "4711") << "what is used again comes back";
}

}  // namespace
}  // namespace holdfast::system
