#include "adapters/asio/clock.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <set>

#include "adapters/asio/entropy.hpp"

namespace holdfast {
namespace {

constexpr MonoTime kNever = MonoTime::max();

template <class T>
auto keep(std::optional<T>& into) {
  return [&into](const std::exception_ptr&, T value) { into.emplace(std::move(value)); };
}

struct World {
  asio::io_context io;
  SystemClock clock{io.get_executor()};
  std::unique_ptr<Wakeup> wakeup = clock.make_wakeup();
};

TEST(SystemClock, SleepsAtLeastUntilTheDeadline) {
  World world;
  std::optional<Result<void>> slept;
  const MonoTime deadline = world.clock.mono_now() + milliseconds{5};

  asio::co_spawn(world.io, world.clock.sleep_until(deadline), keep(slept));
  world.io.run();

  ASSERT_TRUE(slept && *slept);
  EXPECT_GE(world.clock.mono_now(), deadline);
}

TEST(SystemClock, SaysCanceledWhenTheSleeperIsToldToStop) {
  World world;
  std::optional<Result<void>> slept;
  asio::cancellation_signal stop;

  asio::co_spawn(world.io, world.clock.sleep_until(kNever),
                 asio::bind_cancellation_slot(stop.slot(), keep(slept)));
  asio::post(world.io, [&] { stop.emit(asio::cancellation_type::terminal); });
  world.io.run();

  ASSERT_TRUE(slept.has_value());
  ASSERT_FALSE(*slept);
  EXPECT_EQ(slept->error().error_class(), ErrorClass::canceled);
}

TEST(SystemClock, WakesTheWaiterThatIsRung) {
  World world;
  std::optional<Result<bool>> woken;

  asio::co_spawn(world.io, world.wakeup->wait_until(kNever), keep(woken));
  asio::post(world.io, [&] { world.wakeup->ring(); });
  world.io.run();

  ASSERT_TRUE(woken && *woken);
  EXPECT_TRUE(**woken);
}

TEST(SystemClock, RemembersARingThatCameBeforeTheWaitOnce) {
  World world;
  std::optional<Result<bool>> first;
  std::optional<Result<bool>> second;

  world.wakeup->ring();
  world.wakeup->ring();
  asio::co_spawn(world.io, world.wakeup->wait_until(kNever), keep(first));
  world.io.run();
  world.io.restart();
  asio::co_spawn(world.io, world.wakeup->wait_until(world.clock.mono_now()), keep(second));
  world.io.run();

  ASSERT_TRUE(first && *first && second && *second);
  EXPECT_TRUE(**first);
  EXPECT_FALSE(**second) << "the deadline came, no ring";
}

TEST(SystemEntropy, DoesNotRepeatItself) {
  SystemEntropy entropy;
  std::set<std::string> tokens;

  for (int i = 0; i < 1000; ++i) tokens.insert(make_token(entropy.roll()));

  EXPECT_EQ(tokens.size(), 1000U);
}

}  // namespace
}  // namespace holdfast
