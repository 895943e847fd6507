#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace holdfast::system {

/// What a small file of the kernel says; empty: it cannot be read.
inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

}  // namespace holdfast::system
