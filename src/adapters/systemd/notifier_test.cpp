#include "adapters/systemd/notifier.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "worker/unique_fd.hpp"

namespace holdfast {
namespace {

/// A service manager that listens under an abstract name of the kernel.
class Listener {
 public:
  Listener() {
    sockaddr_un address{.sun_family = AF_UNIX};
    const std::string path = '\0' + name_.substr(1);
    std::memcpy(address.sun_path, path.data(), path.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    if (::bind(line_.get(), reinterpret_cast<sockaddr*>(&address), length) != 0) std::terminate();
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string hear() const {
    std::string message(256, '\0');
    const auto got = ::recv(line_.get(), message.data(), message.size(), MSG_DONTWAIT);
    message.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return message;
  }

 private:
  std::string name_ = "@holdfast-test-" + std::to_string(::getpid());
  UniqueFd line_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

SystemdNotifier made(const std::string& socket, const char* micros, const std::string& pid) {
  ::setenv("NOTIFY_SOCKET", socket.c_str(), 1);
  ::setenv("WATCHDOG_USEC", micros, 1);
  ::setenv("WATCHDOG_PID", pid.c_str(), 1);
  return SystemdNotifier::from_environment();
}

std::string own_pid() { return std::to_string(::getpid()); }

TEST(SystemdNotifier, VS_4_SaysWhatHappensInTheManagersWords) {
  const Listener listener;
  auto notifier = made(listener.name(), "30000000", own_pid());

  notifier.ready();
  EXPECT_EQ(listener.hear(), "READY=1");
  notifier.alive();
  EXPECT_EQ(listener.hear(), "WATCHDOG=1");
  notifier.status("Ready.");
  EXPECT_EQ(listener.hear(), "STATUS=Ready.");
  notifier.stopping();
  EXPECT_EQ(listener.hear(), "STOPPING=1");
  EXPECT_EQ(notifier.watchdog_time(), milliseconds{30'000});
}

TEST(SystemdNotifier, NoChildOfOursCanSpeakForUs) {
  (void)made("@x", "30000000", own_pid());

  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) EXPECT_EQ(std::getenv(name), nullptr);
}

TEST(SystemdNotifier, SignsThatAreMeantOfAnotherProcessAreNotGiven) {
  EXPECT_FALSE(made("@x", "30000000", "1").watchdog_time().has_value());
  EXPECT_FALSE(made("@x", "soon", own_pid()).watchdog_time().has_value());
  EXPECT_FALSE(made("@x", "-5", own_pid()).watchdog_time().has_value());
}

TEST(SystemdNotifier, WithNobodyThereNothingHappens) {
  made("", "", "").ready();
  made("/nonexistent/socket", "", "").ready();
  made(std::string(500, 'x'), "", "").ready();
}

}  // namespace
}  // namespace holdfast
