#include "adapters/process/ready.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ports/worker_pool.hpp"

namespace holdfast::process {

Task<Result<void>> ready(Descriptor& fd, asio::posix::descriptor_base::wait_type what, Clock& clock,
                         MonoTime deadline) {
  using asio::experimental::awaitable_operators::operator||;
  auto readiness = fd.async_wait(what, asio::as_tuple(asio::use_awaitable));
  auto expiry = clock.sleep_until(deadline);
  const auto first = co_await (std::move(readiness) || std::move(expiry));
  if (const auto* slept = std::get_if<1>(&first)) {
    if (!*slept) co_return std::unexpected{slept->error()};
    co_return fail(ErrorClass::transient, kWorkerHung, "no sign of life in time");
  }
  const auto& [error] = std::get<0>(first);
  if (error == asio::error::operation_aborted)
    co_return fail(ErrorClass::canceled, "HF-SRV-02", "wait cancelled");
  if (error) co_return fail(ErrorClass::transient, kWorkerDied, error.message());
  co_return Result<void>{};
}

}  // namespace holdfast::process
