#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "adapters/webhook/address.hpp"
#include "ports/clock.hpp"
#include "ports/notifier.hpp"

namespace holdfast {

struct WebhookConfig {
  std::string url;     ///< http or https; a query is allowed
  std::string secret;  ///< as people write it; empty: nothing is signed
  milliseconds timeout{10'000};
  std::string ca_file{};  ///< the only authorities that are trusted; empty: those of the system
};

/// Sends each notice as a POST with JSON, in the manner of Standard Webhooks: `webhook-id`, `webhook-timestamp`,
/// `webhook-signature`. A status from 200 to 299 means that it was taken, one from 400 to 499 (but 408, 425, 429) that
/// it will not be. Redirections are not followed. Certificates and the names in them are checked.
/// Source: https://www.standardwebhooks.com, version 1.0.0.
class Webhook final : public Notifier {
 public:
  /// Errors: invalid HF-CFG-01 (an address or a secret that cannot be used), dependency HF-ALR-01 (no certificates).
  static Result<std::unique_ptr<Webhook>> open(WebhookConfig config, Clock& clock);

  Task<Result<void>> send(Notice notice) override;

 private:
  Webhook(WebhookConfig config, Clock& clock) : config_{std::move(config)}, clock_{clock} {}

  WebhookConfig config_;
  Clock& clock_;
  webhook::Address address_;
  std::string secret_;  ///< its bytes
  std::shared_ptr<asio::ssl::context> tls_;  // shared with calls under way
};

}  // namespace holdfast
