#pragma once

#include <memory>

#include "web/exchange.hpp"
#include "web/http_stream.hpp"

namespace holdfast::web {

/// The body of a request on a connection.
class StreamBody : public RequestBody {
 public:
  /// Was everything read, so that the next request can follow?
  [[nodiscard]] virtual bool finished() const = 0;
  /// Does the client wait for "100 Continue", which nobody sent?
  [[nodiscard]] virtual bool unasked() const = 0;
};

/// Errors: invalid HF-REQ-01 (an expectation other than 100-continue).
Result<std::unique_ptr<StreamBody>> make_body(const RequestHead& head, HttpStream& stream, Clock& clock,
                                              const WebConfig& config);

}  // namespace holdfast::web
