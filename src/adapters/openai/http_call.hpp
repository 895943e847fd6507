#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/openai/http_line.hpp"
#include "core/base/time.hpp"
#include "ports/task.hpp"

namespace holdfast::openai {

/// One HTTP/1.1 exchange with an endpoint.
struct HttpCall {
  Url url;
  std::string path;    ///< added to the url's own: "/models"
  std::string body;    ///< JSON, sent as POST; empty: GET
  std::string bearer;  ///< key; empty: none
  std::vector<std::pair<std::string, std::string>> headers{};  ///< beside the usual ones
  std::string peer = "the language model's endpoint";  ///< what error messages call it
  milliseconds connect_max{5'000};
  milliseconds time_max{600'000};  ///< the whole exchange
};

struct HttpAnswer {
  unsigned status = 0;
  std::string retry_after;
  std::string body;
};

/// Largest answer that is read.
inline constexpr std::size_t kAnswerMax = 4U << 20U;

/// Connects, asks, reads the answer, closes; where `idle` is given, asks on one of its lines instead and keeps the
/// line. A request that a kept line was closed on is asked once more on a new one: RFC 9112, 9.3.1. Redirections are
/// not followed: they would carry the key elsewhere. Errors: dependency HF-LLM-01 (cannot be reached: name,
/// connection, certificate); transient HF-LLM-01 (was reached, but gave no whole answer in time); transient HF-LLM-03
/// (the answer is too large or no HTTP); canceled.
Task<Result<HttpAnswer>> call(HttpCall call, std::shared_ptr<asio::ssl::context> tls,
                              std::shared_ptr<IdleLines> idle = nullptr);

/// TLS that checks the server's certificate and name against the system's authorities, or against `ca_file`
/// alone. Errors: dependency HF-LLM-01 (the file cannot be used).
Result<std::shared_ptr<asio::ssl::context>> make_tls(const std::string& ca_file);

}  // namespace holdfast::openai
