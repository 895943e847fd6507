#pragma once

#include <string>

#include "app/cli/client.hpp"
#include "app/cli/problem.hpp"

namespace holdfast::cli {

struct Session;
class Arguments;

/// Paths of the server, all in one place; docs/reference/routes.md describes them.
namespace route {

inline constexpr std::string_view kItems = "/api/v1/items";
inline constexpr std::string_view kStatus = "/api/v1/status";
inline constexpr std::string_view kRecovery = "/api/failure-recovery";
inline constexpr std::string_view kSearch = "/api/v1/memories/search";
inline constexpr std::string_view kDeadLetters = "/api/failure-recovery/dead-letters";

[[nodiscard]] std::string item(const std::string& id);
[[nodiscard]] std::string dead_letter(const std::string& id);
/// `format`: srt, vtt, txt, json.
[[nodiscard]] std::string transcript(const std::string& id, const std::string& format);

}  // namespace route

/// The server that commands talk to.
class Api {
 public:
  Api(Address address, std::string token, Timeouts timeouts)
      : address_{std::move(address)}, token_{std::move(token)}, timeouts_{timeouts} {}

  /// One exchange. An answer of 400 and above is a problem with the server's own words.
  [[nodiscard]] Outcome<Response> call(Request request) const;
  [[nodiscard]] Outcome<Response> get(std::string target) const;
  /// `body`: JSON, or empty.
  [[nodiscard]] Outcome<Response> post(std::string target, std::string body) const;
  /// The item; the server may hold the answer for up to `wait` until something changes.
  [[nodiscard]] Outcome<Response> item(const std::string& id, milliseconds wait) const;

 private:
  Address address_;
  std::string token_;
  Timeouts timeouts_;
};

/// The server of --server, $HOLDFAST_SERVER or the configuration; the token of the file that
/// $HOLDFAST_TOKEN_FILE names.
Outcome<Api> open_api(Session& session, const Arguments& arguments);

}  // namespace holdfast::cli
