#include "worker/model_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace holdfast::worker {
namespace {

// SHA-256 of "abc". Source: FIPS 180-2, appendix B.1.
constexpr std::string_view kAbc = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";

class ModelFile : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/hf-model-XXXXXX";
    ::close(::mkstemp(name));
    path_ = name;
    std::ofstream{path_} << "abc";
  }
  void TearDown() override { ::unlink(path_.c_str()); }
  std::string path_;
};

TEST_F(ModelFile, IsGoodWithItsSum) { EXPECT_TRUE(check_model_file(path_, kAbc)); }

TEST_F(ModelFile, IsRefusedWithOtherBytes) {
  std::ofstream{path_} << "abd";

  const auto checked = check_model_file(path_, kAbc);

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), "HF-ENG-02");
  EXPECT_EQ(checked.error().error_class(), ErrorClass::dependency);
}

TEST_F(ModelFile, IsRefusedWhereItCannotBeRead) {
  EXPECT_EQ(check_model_file(path_ + "-missing", kAbc).error().code(), "HF-ENG-02");
  EXPECT_EQ(check_model_file("/tmp", kAbc).error().code(), "HF-ENG-02");
}

}  // namespace
}  // namespace holdfast::worker
