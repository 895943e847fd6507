#include "app/cli/interrupt.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

namespace holdfast::cli::interrupt {

namespace {

volatile std::sig_atomic_t caught_signal = 0;
bool installed = false;

void on_signal(int number) {
  if (caught_signal != 0) _exit(128 + number);
  caught_signal = number;
}

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

/// The mask during a wait: as it is now, but with our signals let through once they are taken over.
sigset_t waiting_mask() {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  if (installed) {
    sigdelset(&mask, SIGINT);
    sigdelset(&mask, SIGTERM);
  }
  return mask;
}

std::unexpected<Error> interrupted() { return fail(ErrorClass::canceled, "", "interrupted"); }

}  // namespace

void install() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  const sigset_t ours = our_signals();
  pthread_sigmask(SIG_BLOCK, &ours, nullptr);
  installed = true;
}

int caught() { return caught_signal; }

Result<bool> wait_for(std::span<pollfd> descriptors, milliseconds time) {
  if (caught_signal != 0) return interrupted();
  const auto rest = std::max<milliseconds::rep>(time.count(), 0);
  const timespec limit{.tv_sec = rest / 1000, .tv_nsec = rest % 1000 * 1'000'000};
  const sigset_t mask = waiting_mask();
  const int ready = ppoll(descriptors.data(), descriptors.size(), &limit, &mask);
  if (ready >= 0) return ready > 0;
  if (errno == EINTR && caught_signal != 0) return interrupted();
  if (errno == EINTR) return true;  // some other signal: the caller looks again
  return fail(ErrorClass::transient, "HF-CLI-02", std::string{"waiting failed: "} + std::strerror(errno));
}

Result<void> sleep_for(milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto rest = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    if (rest.count() <= 0) return {};
    HF_TRY(const bool woken, wait_for({}, rest));
    static_cast<void>(woken);
  }
}

}  // namespace holdfast::cli::interrupt
