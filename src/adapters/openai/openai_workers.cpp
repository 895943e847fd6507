#include "adapters/openai/openai_workers.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "adapters/openai/chat.hpp"

namespace holdfast {
namespace {

using openai::HttpAnswer;
using openai::HttpCall;

constexpr std::size_t kKeyMax = 4096;

std::unexpected<Error> bad_key(const std::filesystem::path& file, std::string_view why) {
  return fail(ErrorClass::dependency, "HF-LLM-01", "the key file " + file.string() + " " + std::string{why});
}

/// One line of visible characters, so that nothing else gets into the header.
Result<std::string> read_key(const std::filesystem::path& file) {
  if (file.empty()) return std::string{};
  std::ifstream in{file, std::ios::binary};
  std::string key(kKeyMax + 1, '\0');
  in.read(key.data(), static_cast<std::streamsize>(key.size()));
  key.resize(static_cast<std::size_t>(in.gcount()));
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r' || key.back() == ' ')) key.pop_back();
  if (key.empty()) return bad_key(file, "is missing or empty");
  const bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.size() > kKeyMax || !visible) return bad_key(file, "holds something else than one key");
  return key;
}

/// One call under way. Its item is listed as long as it lives.
class OpenAiRun final : public WorkRun {
 public:
  OpenAiRun(HttpCall call, std::shared_ptr<asio::ssl::context> tls, std::size_t lines_used, std::string model,
            std::shared_ptr<openai::Standing> standing, std::shared_ptr<std::list<ItemId>> busy, ItemId item)
      : call_{std::move(call)},
        tls_{std::move(tls)},
        lines_used_{lines_used},
        model_{std::move(model)},
        standing_{std::move(standing)},
        busy_{std::move(busy)},
        place_{busy_->insert(busy_->end(), std::move(item))} {}
  ~OpenAiRun() override { busy_->erase(place_); }

  Task<Result<WorkEvent>> next() override {
    auto calling = openai::call(call_, tls_);
    HF_CO_TRY(const HttpAnswer answer, co_await std::move(calling));
    const auto status = openai::check_status(answer);
    if (!status && status.error().error_class() == ErrorClass::dependency)
      standing_->refused(status.error(), answer.retry_after, openai::Standing::Clock::now());
    HF_CO_TRY_VOID(status);
    standing_->served();
    HF_CO_TRY(auto body, openai::read_chat_answer(answer.body, lines_used_, model_));
    co_return WorkEvent{Finished{.body = std::move(body)}};
  }

 private:
  HttpCall call_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::size_t lines_used_;
  std::string model_;
  std::shared_ptr<openai::Standing> standing_;   // shared with the pool, which may end sooner
  std::shared_ptr<std::list<ItemId>> busy_;  // shared with the pool, which may end sooner
  std::list<ItemId>::iterator place_;
};

}  // namespace

Result<std::unique_ptr<OpenAiWorkers>> OpenAiWorkers::make(OpenAiConfig config) {
  HF_TRY(auto url, openai::parse_url(config.base_url));
  std::shared_ptr<asio::ssl::context> tls;
  if (url.tls) {
    HF_TRY(tls, openai::make_tls(config.ca_file));
  }
  return std::unique_ptr<OpenAiWorkers>{new OpenAiWorkers{std::move(config), std::move(url), std::move(tls)}};
}

Result<HttpCall> OpenAiWorkers::make_call(std::string path, std::string body, milliseconds time_max) const {
  HF_TRY(auto key, read_key(config_.key_file));
  return HttpCall{.url = url_,
                  .path = std::move(path),
                  .body = std::move(body),
                  .bearer = std::move(key),
                  .connect_max = config_.connect_max,
                  .time_max = time_max};
}

Task<Result<std::unique_ptr<WorkRun>>> OpenAiWorkers::start(WorkRequest request) {
  if (request.worker != WorkerKind::language) {
    co_return fail(ErrorClass::permanent, "HF-SRV-01", "an endpoint serves language work only");
  }
  HF_CO_TRY_VOID(standing_->check(openai::Standing::Clock::now()));
  const auto role = config_.role_models.find(request.role);
  const std::string& model = role != config_.role_models.end() ? role->second : config_.model;
  HF_CO_TRY(auto chat, openai::make_chat_request(request.body, model, config_.context_tokens));
  const milliseconds time_max = std::min(request.time_max, config_.answer_max);
  HF_CO_TRY(auto call, make_call("/chat/completions", std::move(chat.body), time_max));
  co_return std::make_unique<OpenAiRun>(std::move(call), tls_, chat.lines_used, model, standing_, busy_, request.item);
}

Task<Result<void>> OpenAiWorkers::probe(WorkerKind kind) {
  if (kind != WorkerKind::language) co_return Result<void>{};
  HF_CO_TRY_VOID(standing_->check(openai::Standing::Clock::now()));
  HF_CO_TRY(auto call, make_call("/models", {}, config_.probe_max));
  auto calling = openai::call(std::move(call), tls_);
  const auto answer = co_await std::move(calling);
  const auto healthy = answer ? openai::check_status(*answer) : Result<void>{std::unexpected(answer.error())};
  if (healthy || healthy.error().error_class() == ErrorClass::canceled) co_return healthy;
  co_return fail(ErrorClass::dependency, "HF-LLM-01", healthy.error().what());
}

std::vector<WorkerStatus> OpenAiWorkers::status() {
  std::vector<WorkerStatus> out;
  for (const auto& item : *busy_)
    out.push_back({.kind = WorkerKind::language, .state = "busy", .item = item});
  if (out.empty()) out.push_back({.kind = WorkerKind::language, .state = "idle"});
  return out;
}

}  // namespace holdfast
