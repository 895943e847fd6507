#include "adapters/webhook/webhook.hpp"

#include "adapters/openai/http_call.hpp"
#include "adapters/webhook/signature.hpp"

namespace holdfast {
namespace {

std::unexpected<Error> not_taken(const std::string& why) { return fail(ErrorClass::dependency, "HF-ALR-01", why); }

std::unexpected<Error> refused(unsigned status) {
  const std::string what = "the webhook's answer has status " + std::to_string(status);
  const bool later = status == 408 || status == 425 || status == 429;
  if (status < 400 || status > 499 || later) return not_taken(what);
  return fail(ErrorClass::permanent, "HF-ALR-02", what);
}

}  // namespace

Result<std::unique_ptr<Webhook>> Webhook::open(WebhookConfig config, Clock& clock) {
  std::unique_ptr<Webhook> made{new Webhook{std::move(config), clock}};
  HF_TRY(made->address_, webhook::read_address(made->config_.url));
  if (!made->config_.secret.empty()) {
    HF_TRY(made->secret_, webhook::secret_bytes(made->config_.secret));
  }
  if (!made->address_.url.tls) return made;
  auto tls = openai::make_tls(made->config_.ca_file);
  if (!tls) return not_taken(tls.error().what());
  made->tls_ = *std::move(tls);
  return made;
}

Task<Result<void>> Webhook::send(Notice notice) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.wall_now().time_since_epoch()).count();
  const std::string timestamp = std::to_string(seconds);
  openai::HttpCall call{.url = address_.url,
                        .path = address_.path,
                        .body = std::move(notice.json),
                        .peer = "the webhook",
                        .connect_max = config_.timeout,
                        .time_max = config_.timeout};
  call.headers = {{"webhook-id", notice.id}, {"webhook-timestamp", timestamp}};
  if (!secret_.empty())
    call.headers.emplace_back("webhook-signature", webhook::signature(secret_, notice.id, timestamp, call.body));
  auto calling = openai::call(std::move(call), tls_);
  const auto answer = co_await std::move(calling);
  if (!answer && answer.error().error_class() == ErrorClass::canceled) co_return std::unexpected{answer.error()};
  if (!answer) co_return not_taken(answer.error().what());
  if (answer->status >= 200 && answer->status < 300) co_return Result<void>{};
  co_return refused(answer->status);
}

}  // namespace holdfast
