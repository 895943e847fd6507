#pragma once

#include "web/context.hpp"
#include "web/http_stream.hpp"
#include "web/request_body.hpp"

namespace holdfast::web {

/// One client's connection: one request after another until either side has enough.
class Connection {
 public:
  Connection(asio::ip::tcp::socket socket, Context& context);

  /// Returns when the connection is closed. Never throws.
  Task<void> serve();

  /// Closes it if no request is under way. Returns whether it did.
  bool close_if_idle();

 private:
  Task<void> serve_requests();
  Task<bool> answer(RequestHead head);
  Task<Result<Response>> dispatch(Exchange* exchange);
  Task<bool> send(Response response, const RequestHead* head, StreamBody* body);
  Task<Result<void>> send_stream(Response response, Framing framing);
  Task<void> refuse(Error error);
  Task<bool> take_rest(StreamBody* body);
  [[nodiscard]] bool can_go_on(const RequestHead& head, const StreamBody& body) const;
  [[nodiscard]] std::string request_id_for(const RequestHead& head) const;

  Context& context_;
  HttpStream stream_;
  bool idle_ = true;  ///< between requests, or their first has not come as a whole
  bool closed_ = false;
};

}  // namespace holdfast::web
