#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "ports/clock.hpp"
#include "ports/prober.hpp"

namespace holdfast {

/// Asks over the network of this machine, or by a program on it. Commands are started without a shell and killed,
/// with all that they started, when their time is over.
class SystemProber final : public Prober {
 public:
  SystemProber(asio::any_io_executor executor, Clock& clock) : executor_{std::move(executor)}, clock_{clock} {}
  Task<Result<void>> ask(ProbeTarget target) override;

 private:
  Task<Result<void>> ask_http(ProbeTarget target);
  Task<Result<void>> ask_command(ProbeTarget target);

  asio::any_io_executor executor_;
  Clock& clock_;
  std::shared_ptr<asio::ssl::context> tls_;  // made when it is first needed; shared with calls under way
};

}  // namespace holdfast
