#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/base/rng.hpp"
#include "guard/services.hpp"
#include "sim/sim_clock.hpp"
#include "sim/map_states.hpp"

/// For tests of the guard: time that moves when it is told to, and a store in memory.
namespace holdfast::guard::testing {

class NoJitter final : public Entropy {
 public:
  std::uint64_t next() override { return 0; }
};

class KeptLog final : public Log {
 public:
  void write(LogLevel level, std::string_view event, const std::vector<LogField>& fields) override {
    std::string line = level == LogLevel::warn ? "! " : "";
    line += event;
    for (const auto& [key, value] : fields) line += ' ' + value;
    lines.push_back(std::move(line));
  }
  std::vector<std::string> lines;
};

class GuardTest : public ::testing::Test {
 protected:
  /// Runs a task and whatever was begun before, as far as they get without time passing.
  void run(Task<void> task) {
    asio::co_spawn(io_, std::move(task), [](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
    });
    settle();
  }
  void settle() {
    io_.restart();
    io_.poll();
  }
  /// Lets time pass, from one deadline to the next.
  void pass(milliseconds time) {
    const MonoTime end = timeline_.now() + time;
    for (settle(); timeline_.wake_one(end); settle()) continue;
  }
  /// The same server after a restart that took so long.
  std::unique_ptr<Services> restarted() {
    auto fresh = make();
    run([](Services* services) -> Task<void> { EXPECT_TRUE(co_await services->restore()); }(fresh.get()));
    return fresh;
  }
  std::unique_ptr<Services> make() {
    auto services = std::make_unique<Services>(
        Services::Deps{.clock = clock_, .entropy = entropy_, .states = &states_, .log = &log_, .on_room = [this] {
          ++rings_;
        }});
    services->add({.name = "store"});
    services->add({.name = "language", .breaks = true, .slow_after = milliseconds{1'000}});
    services->add({.name = "language/llama", .probed_by = "language", .breaks = true});
    return services;
  }

  /// One call of an item's work that ends so.
  Result<void> call(const std::string& item, const Error* failure, const std::string& service = "language") {
    HF_TRY(const auto pass, services_->admit(service, ItemId{item}, false));
    services_->ended(pass, failure);
    return {};
  }
  void fail_often(const std::string& service = "language") {
    for (const char* item : {"a", "b", "c"}) EXPECT_TRUE(call(item, &sick_, service));
  }
  breaker::State state(const std::string& name = "language") const {
    return services_->find(name)->breaker.state;
  }

  const Error sick_{ErrorClass::transient, "HF-LLM-01", "no answer"};
  asio::io_context io_{1};
  sim::Timeline timeline_{1};
  sim::SimClock clock_{io_, timeline_, 0};
  NoJitter entropy_;
  sim::MapStates::Documents kept_;
  sim::MapStates states_{kept_};
  KeptLog log_;
  int rings_ = 0;
  std::unique_ptr<Services> services_ = make();
};

}  // namespace holdfast::guard::testing
