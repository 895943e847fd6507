#include "adapters/process/launch.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "worker/unique_fd.hpp"

namespace holdfast::process {
namespace {

/// What it wrote to its standard output, and then how it ended.
std::string output_of(Launch what) {
  std::array<int, 2> pipe{-1, -1};
  EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const UniqueFd reading{pipe[0]};
  UniqueFd writing{pipe[1]};
  what.descriptors.push_back({writing.get(), STDOUT_FILENO});
  pid_t pid = 0;
  if (const int error = launch(std::move(what), &pid); error != 0) return "errno " + std::to_string(error);
  writing.reset();
  std::string text;
  std::array<char, 256> chunk{};
  for (ssize_t count = 0; (count = ::read(reading.get(), chunk.data(), chunk.size())) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(count));
  int status = 0;
  ::waitpid(pid, &status, 0);
  return text + (WIFEXITED(status) ? "ended with " + std::to_string(WEXITSTATUS(status)) : "was killed");
}

TEST(Launch, HasTheVariablesAndDescriptorsThatAreNamedAndNoOthers) {
  const UniqueFd ours{::fcntl(STDIN_FILENO, F_DUPFD, 20)};  // one that is inherited where nobody takes care
  EXPECT_EQ(output_of({.words = {"env"}, .variables = {"ONLY=1"}, .look_in_path = true}), "ONLY=1\nended with 0");
  EXPECT_EQ(output_of({.words = {"/bin/ls", "/proc/self/fd"}, .variables = {}}), "0\n1\n2\n3\nended with 0")
      << "the last one is ls's own";
}

TEST(Launch, BeginsWithoutBlockedSignalsWhereItIsTold) {
  sigset_t term;
  sigset_t before;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &before);
  EXPECT_EQ(output_of({.words = {"/bin/sh", "-c", "pwd; kill -TERM $$"}, .variables = {}, .folder = "/usr"}),
            "/usr\nwas killed");
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(Launch, SaysWhyItCannotBegin) {
  EXPECT_EQ(output_of({}), "errno " + std::to_string(ENOENT));
  EXPECT_EQ(output_of({.words = {"/nowhere/program"}}), "errno " + std::to_string(ENOENT));
  EXPECT_EQ(output_of({.words = {"/bin/true"}, .descriptors = {{-1, 5}}}), "errno " + std::to_string(EBADF));
}

}  // namespace
}  // namespace holdfast::process
