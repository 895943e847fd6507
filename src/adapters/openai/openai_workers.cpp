#include "adapters/openai/openai_workers.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

#include "adapters/openai/chat.hpp"
#include "adapters/openai/completion.hpp"
#include "adapters/openai/embeddings.hpp"

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

/// What is sent for a piece of work, and how its answer becomes that of a worker.
struct Exchange {
  std::string path;
  std::string body;
  std::function<Result<std::string>(std::string_view answer)> read;
  /// Why the answer is worth another word to the model; none: there is nothing to say.
  std::function<std::optional<openai::Complaint>(std::string_view answer)> complain{};
};

/// Makes it: how the form of the answer is asked for, and what was wrong with the last one.
using Ask =
    std::function<Result<Exchange>(openai::AnswerForm form, const std::optional<openai::Complaint>& complaint)>;

Result<Exchange> chat_exchange(const std::string& body, const std::string& model, std::size_t context_tokens,
                               openai::AnswerForm form, const std::optional<openai::Complaint>& complaint) {
  HF_TRY(auto chat, openai::make_chat_request(body, model, context_tokens, form, complaint));
  auto read = [lines = chat.lines_used, model](std::string_view answer) {
    return openai::read_chat_answer(answer, lines, model);
  };
  auto complain = [body](std::string_view answer) { return openai::complaint_about(answer, body); };
  return Exchange{.path = "/chat/completions",
                  .body = std::move(chat.body),
                  .read = std::move(read),
                  .complain = std::move(complain)};
}

Result<Exchange> completion_exchange(const WorkRequest& request, const std::string& model) {
  HF_TRY(auto body, openai::make_completion_request(request.body, model));
  auto read = [model](std::string_view answer) { return openai::read_completion_answer(answer, model); };
  return Exchange{.path = "/chat/completions", .body = std::move(body), .read = std::move(read)};
}

Result<Exchange> embeddings_exchange(const WorkRequest& request, const std::string& model) {
  HF_TRY(auto embeddings, openai::make_embeddings_request(request.body, model));
  auto read = [count = embeddings.texts_count, model](std::string_view answer) {
    return openai::read_embeddings_answer(answer, count, model);
  };
  return Exchange{.path = "/embeddings", .body = std::move(embeddings.body), .read = std::move(read)};
}

/// One call under way. Its item is listed as long as it lives.
class OpenAiRun final : public WorkRun {
 public:
  struct Shared {
    std::shared_ptr<asio::ssl::context> tls;
    std::shared_ptr<openai::Standing> standing;   // shared with the pool, which may end sooner
    std::shared_ptr<std::list<ItemId>> busy;      // as well
    std::shared_ptr<openai::AnswerForm> form;     // as well
    std::shared_ptr<openai::IdleLines> idle;      // as well
  };
  /// `more`: other ways to ask, where there are; none: `exchange` is the only one.
  OpenAiRun(HttpCall call, Exchange exchange, Ask more, Shared shared, bool embeds, ItemId item)
      : call_{std::move(call)},
        exchange_{std::move(exchange)},
        more_{std::move(more)},
        shared_{std::move(shared)},
        form_{*shared_.form},
        deadline_{Clock::now() + call_.time_max},
        embeds_{embeds},
        place_{shared_.busy->insert(shared_.busy->end(), std::move(item))} {}
  ~OpenAiRun() override { shared_.busy->erase(place_); }

  Task<Result<WorkEvent>> next() override {
    auto asking = ask();
    auto body = co_await std::move(asking);
    if (body) co_return WorkEvent{Finished{.body = *std::move(body)}};
    co_return std::unexpected{embeds_ ? openai::of_embedding(body.error()) : body.error()};
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// Asks, and asks otherwise where that may help. What goes wrong then is not told: what came first is, and whoever
  /// concludes from it holds it against the schema once more.
  Task<Result<std::string>> ask() {
    auto asking = ask_once();
    auto first = co_await std::move(asking);
    while ((!first || complaint_) && may_ask_otherwise()) {
      auto other = ask_once();
      auto next = co_await std::move(other);
      const bool canceled = !next && next.error().error_class() == ErrorClass::canceled;
      if (next) *shared_.form = form_;
      if (canceled || (next && !complaint_)) co_return std::move(next);
      if (next && !first) first = std::move(next);
    }
    co_return std::move(first);
  }

  /// Makes the next request, if there is another way to ask and time left for it.
  bool may_ask_otherwise() {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now());
    if (!more_ || left <= milliseconds{0}) return false;
    if (refused_ && form_ != openai::AnswerForm::words) {
      form_ = form_ == openai::AnswerForm::schema ? openai::AnswerForm::object : openai::AnswerForm::words;
    } else if (complaint_ && !complained_) {
      complained_ = true;
    } else {
      return false;
    }
    auto exchange = more_(form_, complaint_);
    if (!exchange) return false;
    exchange_ = *std::move(exchange);
    call_.body = exchange_.body;
    call_.time_max = left;
    return true;
  }

  Task<Result<std::string>> ask_once() {
    refused_ = false;
    complaint_.reset();
    auto calling = openai::call(call_, shared_.tls, shared_.idle);
    HF_CO_TRY(const HttpAnswer answer, co_await std::move(calling));
    const auto status = openai::check_status(answer);
    refused_ = answer.status == 400 || answer.status == 422;
    if (!status && status.error().error_class() == ErrorClass::dependency)
      shared_.standing->refused(status.error(), answer.retry_after, openai::Standing::Clock::now());
    HF_CO_TRY_VOID(status);
    shared_.standing->served();
    if (exchange_.complain) complaint_ = exchange_.complain(answer.body);
    co_return exchange_.read(answer.body);
  }

  HttpCall call_;
  Exchange exchange_;
  Ask more_;
  Shared shared_;
  openai::AnswerForm form_;
  Clock::time_point deadline_;
  bool refused_ = false;                         ///< the last request was not understood
  std::optional<openai::Complaint> complaint_;   ///< about the last answer
  bool complained_ = false;                      ///< it was told so once; that is enough
  bool embeds_;
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
                  .peer = embeds() ? "the embedding model's endpoint" : "the language model's endpoint",
                  .connect_max = config_.connect_max,
                  .time_max = time_max};
}

Error OpenAiWorkers::named(const Error& error) const { return embeds() ? openai::of_embedding(error) : error; }

Result<std::unique_ptr<WorkRun>> OpenAiWorkers::begin(const WorkRequest& request) {
  if (request.worker != config_.serves)
    return fail(ErrorClass::permanent, "HF-SRV-01",
                "this endpoint serves " + std::string{to_word(config_.serves)} + " work only");
  HF_TRY_VOID(standing_->check(openai::Standing::Clock::now()));
  const auto role = config_.role_models.find(request.role);
  const std::string& model = role != config_.role_models.end() ? role->second : config_.model;
  const bool generates = !embeds() && !openai::is_completion(request.body);
  const Ask chat = [body = request.body, model, context = config_.context_tokens](openai::AnswerForm form,
                                                                                 const auto& complaint) {
    return chat_exchange(body, model, context, form, complaint);
  };
  HF_TRY(auto exchange, generates  ? chat(*form_, std::nullopt)
                        : embeds() ? embeddings_exchange(request, model)
                                   : completion_exchange(request, model));
  const milliseconds time_max = std::min(request.time_max, config_.answer_max);
  HF_TRY(auto call, make_call(exchange.path, std::move(exchange.body), time_max));
  return std::make_unique<OpenAiRun>(std::move(call), std::move(exchange), generates ? chat : Ask{},
                                     OpenAiRun::Shared{tls_, standing_, busy_, form_, idle_}, embeds(), request.item);
}

Task<Result<std::unique_ptr<WorkRun>>> OpenAiWorkers::start(WorkRequest request) {
  auto begun = begin(request);
  if (!begun) co_return std::unexpected{named(begun.error())};
  co_return std::move(begun);
}

Task<Result<void>> OpenAiWorkers::probe(WorkerKind kind) {
  if (kind != config_.serves) co_return Result<void>{};
  if (const auto standing = standing_->check(openai::Standing::Clock::now()); !standing)
    co_return std::unexpected{named(standing.error())};
  auto call = make_call("/models", {}, config_.probe_max);
  if (!call) co_return std::unexpected{named(call.error())};
  auto calling = openai::call(*std::move(call), tls_);
  const auto answer = co_await std::move(calling);
  const auto healthy = answer ? openai::check_status(*answer) : Result<void>{std::unexpected(answer.error())};
  if (healthy || healthy.error().error_class() == ErrorClass::canceled) co_return healthy;
  co_return fail(ErrorClass::dependency, embeds() ? "HF-EMB-01" : "HF-LLM-01", healthy.error().what());
}

std::vector<WorkerStatus> OpenAiWorkers::status() {
  std::vector<WorkerStatus> out;
  for (const auto& item : *busy_)
    out.push_back({.kind = config_.serves, .state = "busy", .item = item});
  if (out.empty()) out.push_back({.kind = config_.serves, .state = "idle"});
  return out;
}

}  // namespace holdfast
