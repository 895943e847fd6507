#pragma once

#include <cstddef>
#include <string>

#include "core/base/time.hpp"

namespace holdfast::web {

/// Limits of what speaks OpenAI's dialect.
struct DialectConfig {
  milliseconds wait_max{300'000};       ///< no call is held longer
  milliseconds attach_within{600'000};  ///< an equal call so long after the end is taken for a repetition
  std::size_t calls_max = 256;          ///< held at once: other requests need connections as well
  std::size_t calls_per_owner_max = 64;
};

/// Limits of the server. Every wait and every buffer has one.
struct WebConfig {
  std::string
      public_url;  ///< "https://holdfast.example", under which a proxy publishes the server; empty: none
  std::size_t connections_max = 512;
  std::size_t streams_max = 500;  ///< live event streams of all users
  std::size_t streams_per_owner_max = 8;
  milliseconds head_time{10'000};        ///< for a whole request head
  milliseconds keep_alive_time{60'000};  ///< between two requests
  milliseconds idle_time{30'000};        ///< without a byte of a body that is owed, either way
  milliseconds body_grace{30'000};       ///< waiting for a body before its rate counts
  std::size_t body_rate_min = 1024;      ///< bytes a second
  milliseconds linger_time{30'000};  ///< taking what a refused sender still sends, so that it sees the answer
  milliseconds beat_every{15'000};   ///< comment on a silent event stream
  milliseconds progress_every{1'000};  ///< at most one progress event an item
  DialectConfig dialect{};
};

}  // namespace holdfast::web
