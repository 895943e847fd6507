#include "guard/cache/ttl_control.hpp"

#include "guard/guard_test_kit.hpp"
#include "web/fake_store.hpp"

namespace holdfast::guard::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class Jobs final : public web::testing::FakeStore {
 public:
  Task<Result<std::vector<QueueCount>>> counts() override {
    if (away) co_return fail(ErrorClass::transient, "HF-STO-01", "away");
    co_return std::vector<QueueCount>{{"media", JobStatus::pending, waiting / 2},
                                      {"engine", JobStatus::pending, waiting - waiting / 2},
                                      {"engine", JobStatus::processing, 90},
                                      {"", JobStatus::completed, 5'000}};
  }
  std::uint64_t waiting = 0;
  bool away = false;
};

class TtlControlTest : public GuardTest {
 protected:
  void SetUp() override { run(control_.run()); }
  void TearDown() override {
    control_.stop();
    settle();
  }
  Jobs jobs_;
  TtlControl control_{jobs_, clock_, {}};
};

TEST_F(TtlControlTest, FG_8_FollowsAllThatWaitsOnceAMinute) {
  EXPECT_EQ(control_.now(), seconds{3'600});
  jobs_.waiting = 81;
  pass(seconds{59});
  EXPECT_EQ(control_.now(), seconds{3'600});
  pass(seconds{1});
  EXPECT_EQ(control_.now(), seconds{7'200});
  pass(minutes{10});
  EXPECT_EQ(control_.now(), seconds{86'400});
  jobs_.waiting = 29;
  pass(minutes{10});
  EXPECT_EQ(control_.now(), seconds{600});
}

TEST_F(TtlControlTest, AStoreThatDoesNotAnswerChangesNothing) {
  jobs_.away = true;
  pass(minutes{10});
  EXPECT_EQ(control_.now(), seconds{3'600});
  jobs_.away = false;
  jobs_.waiting = 100;
  pass(minutes{1});
  EXPECT_EQ(control_.now(), seconds{7'200});
}

}  // namespace
}  // namespace holdfast::guard::testing
