#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "worker/unique_fd.hpp"

namespace holdfast::drill {

/// A service of a drill's own on a loopback port, as simple as can be: it answers every HTTP request with 200 and the
/// same words, or takes connections and says nothing, or is not there at all.
class StandIn {
 public:
  enum class Mood : std::uint8_t { well, silent };

  /// Opens a free port. Aborts where there is none: a machine without one cannot play any drill.
  explicit StandIn(std::string words = "ok");
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void be(Mood mood) { mood_ = mood; }
  /// Requests answered so far.
  [[nodiscard]] unsigned answered() const { return answered_; }
  /// Refuses connections from now on.
  void close_port();
  /// Takes them again, at the same port.
  void open_port();

 private:
  void serve();

  std::string answer_;  ///< the whole of it, headers included
  std::uint16_t port_ = 0;
  UniqueFd listening_;
  std::atomic<Mood> mood_{Mood::well};
  std::atomic<bool> stopping_{false};
  std::atomic<unsigned> answered_{0};
  std::thread thread_;
};

}  // namespace holdfast::drill
