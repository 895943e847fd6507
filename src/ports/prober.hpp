#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// How to find out whether a service is there.
struct ProbeTarget {
  enum class Kind : std::uint8_t {
    http,     ///< GET `url`; the answer has the status that is expected
    tcp,      ///< `address` takes a connection
    command,  ///< a program ends with code 0
  };
  Kind kind = Kind::http;
  std::string url;
  std::string address;               ///< HOST:PORT
  std::vector<std::string> command;  ///< program (one without a slash is looked for in PATH) and arguments
  unsigned expect = 0;               ///< HTTP status; 0: any from 200 to 399
  milliseconds timeout{5'000};       ///< the whole question
};

/// Port: asks a service that is none of ours how it is.
class Prober {
 public:
  virtual ~Prober() = default;
  /// Errors: dependency HF-SVC-04 (it did not answer as it should, in words that hold nothing of its answer),
  /// canceled.
  virtual Task<Result<void>> ask(ProbeTarget target) = 0;
};

}  // namespace holdfast
