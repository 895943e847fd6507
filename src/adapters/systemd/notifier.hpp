#pragma once

#include <string>

#include "ports/service_manager.hpp"

namespace holdfast {

/// systemd, or anything that speaks its notify protocol: one datagram for each message to the socket that
/// NOTIFY_SOCKET names. Source: sd_notify(3), sd_watchdog_enabled(3).
class SystemdNotifier final : public ServiceManager {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and takes them out of the environment: no child of ours is
  /// to speak for us. Call before the first child and the first thread.
  static SystemdNotifier from_environment();

  void ready() override { send("READY=1"); }
  void alive() override { send("WATCHDOG=1"); }
  void stopping() override { send("STOPPING=1"); }
  void status(std::string_view sentence) override;
  [[nodiscard]] std::optional<milliseconds> watchdog_time() const override { return watchdog_; }

 private:
  void send(std::string_view message) const;

  std::string socket_;  ///< empty: nobody is there
  std::optional<milliseconds> watchdog_;
};

}  // namespace holdfast
