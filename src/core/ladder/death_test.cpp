#include "core/ladder/death.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace holdfast::ladder {
namespace {

constexpr auto kEngineWords =
    "ggml_aligned_malloc: insufficient memory (attempted to allocate  78.91 MB)\n"
    "ggml.c:1607: GGML_ASSERT(ctx->mem_buffer != NULL) failed\n";

TEST(Death, FG_14_AnEngineThatGotNoMemoryAndCrashedOverItRanOutOfMemory) {
  for (const int signal : {SIGSEGV, SIGABRT}) EXPECT_TRUE(of_memory({.signal = signal, .last_words = kEngineWords}));
  EXPECT_TRUE(of_memory({.signal = SIGABRT, .last_words = "terminate called: what():  std::bad_alloc"}));
  EXPECT_TRUE(of_memory({.code = 127, .last_words = "libc.so.6: cannot map: Cannot allocate memory"}));
}

TEST(Death, FG_14_WhomTheKernelEndedForMemoryRanOutOfMemory) {
  EXPECT_TRUE(of_memory({.signal = SIGKILL, .oom_killed = true}));
  EXPECT_FALSE(of_memory({.signal = SIGKILL})) << "by somebody's hand";
  EXPECT_FALSE(of_memory({.signal = SIGSEGV, .oom_killed = true})) << "the kernel ended somebody else";
}

TEST(Death, FG_14_ADeathNearTheLimitOfItsMemoryRanOutOfMemory) {
  EXPECT_TRUE(of_memory({.signal = SIGSEGV, .peak_bytes = 950, .limit_bytes = 1000}));
  EXPECT_FALSE(of_memory({.signal = SIGSEGV, .peak_bytes = 500, .limit_bytes = 1000}));
  EXPECT_FALSE(of_memory({.signal = SIGSEGV, .peak_bytes = 950, .limit_bytes = 0})) << "it had no limit";
  EXPECT_FALSE(of_memory({.code = 3, .peak_bytes = 950, .limit_bytes = 1000})) << "it gave up for a reason of its own";
}

TEST(Death, FG_14_WhatWeEndedAndWhatEndedWellDidNot) {
  EXPECT_FALSE(of_memory({.signal = SIGKILL, .by_us = true, .oom_killed = true, .last_words = kEngineWords}));
  EXPECT_FALSE(of_memory({.last_words = kEngineWords})) << "it complained, and came to its end";
  EXPECT_FALSE(of_memory({.signal = SIGSEGV, .last_words = "about to crash"}));
}

}  // namespace
}  // namespace holdfast::ladder
