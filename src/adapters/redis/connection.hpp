#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapters/redis/address.hpp"
#include "adapters/redis/reply.hpp"
#include "ports/task.hpp"

namespace holdfast::redis {

using Deadline = std::chrono::steady_clock::time_point;

/// One connection, for one command at a time. After an error it is of no use any more.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Errors: dependency HF-CCH-01 (no whole answer by the deadline; whether it was done is not known), canceled.
  virtual Task<Result<Reply>> ask(std::vector<std::string> words, Deadline deadline) = 0;
  /// Is the other side still there, and silent, as far as is known without asking?
  virtual bool usable() = 0;
};

/// `tls`: for addresses with it. Errors: dependency HF-CCH-01 (name, connection, certificate), canceled.
Task<Result<std::unique_ptr<Connection>>> connect(Address address, std::shared_ptr<asio::ssl::context> tls,
                                                  Deadline deadline);

}  // namespace holdfast::redis
