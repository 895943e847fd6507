#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "ports/task.hpp"
#include "web/request_head.hpp"
#include "web/response.hpp"
#include "web/uri.hpp"

namespace holdfast::web {

/// Who asks. Nobody: without an owner.
struct Principal {
  std::string owner;
  bool superuser = false;
  std::optional<WallTime> until{};  ///< what was shown is good until then; nothing: without end
  bool by_api_token = false;
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

/// The connection that a request came on, for answers that take long.
class ClientLine {
 public:
  virtual ~ClientLine() = default;
  /// Returns when there is something to read, though it is not the client's turn, or when it has closed.
  virtual Task<void> stirred() = 0;
  /// The client has closed it: nobody reads an answer any more.
  [[nodiscard]] virtual bool closed() = 0;
};

/// One request while it is being answered.
struct Exchange {
  RequestHead head;
  Target target;
  std::map<std::string, std::string> path_values;  ///< what stands for {name} in the route's path
  std::string_view route;  ///< the pattern that the path fits; empty: none
  std::string request_id;
  Principal principal;
  std::string peer;  ///< address of the other side
  RequestBody* body = nullptr;
  ClientLine* line = nullptr;
  /// What a request of management turned out to be about, for the audit: names and ids beside those of the path.
  std::map<std::string, std::string> subject;
};

}  // namespace holdfast::web
