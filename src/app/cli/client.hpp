#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/source.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

/// A small blocking HTTP/1.1 client: one request for each connection, a limit on every wait and every buffer.
namespace holdfast::cli {

struct Address {
  std::string host;
  std::string port = "80";
  std::string prefix;  ///< path before every target; without a slash at its end
};

/// "http://HOST[:PORT][/PREFIX]". Errors: invalid HF-CLI-01.
Result<Address> parse_address(std::string_view url);

struct Timeouts {
  milliseconds connect{5'000};
  milliseconds send{30'000};  ///< without any byte being taken
  milliseconds answer{
      120'000};  ///< from the last byte sent to the first of the answer; saving a large file takes time
  milliseconds receive{30'000};  ///< between two pieces of the answer
};

struct Request {
  std::string method = "GET";
  std::string target;  ///< path and query, percent-encoded
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  const Source* upload = nullptr;                     ///< sent instead of `body`
  std::function<void(std::uint64_t sent)> on_sent{};  ///< told about bytes of `upload`
};

struct Response {
  unsigned status = 0;
  std::map<std::string, std::string, std::less<>> headers{};  ///< names in lower case
  std::string body{};

  [[nodiscard]] std::string header(std::string_view name) const;
};

/// Longest answer that is kept; a transcript of ten hours with word times is below a quarter of it.
inline constexpr std::uint64_t kAnswerMax = 64U << 20U;

/// Sends and takes the answer. An answer that comes before the whole body was sent ends the sending.
/// Errors: transient HF-CLI-02 (no connection, it broke, too slow: what was asked may or may not have been
/// done), unknown HF-CLI-04 (not HTTP, too long), canceled, those of Source.
Result<Response> exchange(const Address& address, const Request& request, const Timeouts& timeouts);

/// For queries and path segments.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace holdfast::cli
