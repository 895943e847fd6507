#pragma once

#include <map>
#include <optional>
#include <string>

#include "ports/task.hpp"
#include "web/request_head.hpp"
#include "web/response.hpp"
#include "web/uri.hpp"

namespace holdfast::web {

/// Who asks.
struct Principal {
  std::string owner;
  bool superuser = false;
};

/// A request's body on its way in.
class RequestBody {
 public:
  static constexpr std::size_t kPieceMax = 512U << 10U;

  virtual ~RequestBody() = default;
  /// The next piece, at most kPieceMax; empty: that was all. The first call tells a client that waits for it
  /// to send on. Errors: invalid HF-REQ-01 (broken framing), HF-UPL-10 (ended early); transient HF-REQ-09
  /// (too slow); canceled.
  virtual Task<Result<std::string>> read() = 0;
  /// As declared; nothing: it comes in chunks.
  [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
};

/// One request while it is being answered.
struct Exchange {
  RequestHead head;
  Target target;
  std::map<std::string, std::string> path_values;  ///< what stands for {name} in the route's path
  std::string_view route;  ///< the pattern that the path fits; empty: none
  std::string request_id;
  Principal principal;
  RequestBody* body = nullptr;
};

}  // namespace holdfast::web
