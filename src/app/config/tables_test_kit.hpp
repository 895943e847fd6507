#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/config/load.hpp"

/// For tests of what configuration files say: a file in a folder that is gone afterwards.
namespace holdfast::config::testing {

namespace fs = std::filesystem;

class TablesTest : public ::testing::Test {
 protected:
  TablesTest() {
    std::string pattern = (fs::temp_directory_path() / "hf-tables-XXXXXX").string();
    home_ = mkdtemp(pattern.data());
    sources_.environment = {{"HOME", home_}};
    sources_.system_folder = home_ + "/etc";
    sources_.file = home_ + "/config.toml";
  }
  ~TablesTest() override {
    std::error_code problem;
    fs::remove_all(home_, problem);
  }
  Result<Loaded> load_text(const std::string& text) {
    std::ofstream{sources_.file} << text;
    return load(sources_);
  }
  std::string error_of(const std::string& text) {
    const auto loaded = load_text(text);
    return loaded ? "no error" : loaded.error().what();
  }

  std::string home_;
  Sources sources_;
};

}  // namespace holdfast::config::testing
