#pragma once

#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "adapters/openai/chat.hpp"
#include "adapters/openai/http_call.hpp"
#include "adapters/openai/standing.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast {

/// An endpoint that speaks the OpenAI dialect: vLLM, Ollama, llama-server, a provider.
struct OpenAiConfig {
  std::string base_url;                            ///< "http://localhost:11434/v1"
  std::string model;                               ///< asked for when a role has none of its own
  WorkerKind serves = WorkerKind::language;        ///< language or embedding
  std::map<std::string, std::string> role_models;  ///< role of a recipe -> model
  std::filesystem::path key_file;                  ///< holds the key and nothing else; empty: no key
  std::string ca_file;                ///< certificates to trust instead of the system's; empty: those
  std::size_t context_tokens = 8192;  ///< of the model: prompt and answer together
  milliseconds connect_max{5'000};
  milliseconds answer_max{600'000};  ///< of one answer, if the work itself may take longer
  milliseconds probe_max{10'000};
};

/// Serves language or embedding work by an endpoint instead of a process. The key is read from its file for every
/// call, is sent to the endpoint alone, and stands in no message. An endpoint that is there and refuses work is
/// left alone for a while (Standing), so that what is held for it is not released only to be refused again. One that
/// does not take a schema is told it in words, and one that writes words around its answer, or no JSON object, is asked
/// once more, all within the same piece of work. Connections are kept for a moment and used again: the executor that
/// calls are made on outlives this.
class OpenAiWorkers final : public WorkerPool {
 public:
  /// Errors: invalid HF-CFG-01 (the address), dependency HF-LLM-01 (the certificates).
  static Result<std::unique_ptr<OpenAiWorkers>> make(OpenAiConfig config);

  /// Errors: permanent HF-SRV-01, HF-LLM-04 (what is asked for cannot be sent), dependency HF-LLM-01 (the key
  /// file; what the endpoint refused with, while it is left alone: HF-LLM-01, HF-LLM-02). The run's one event is
  /// Finished. Its errors: as openai::call, openai::check_status and openai::read_chat_answer. Of an endpoint that
  /// embeds HF-EMB stands for HF-LLM in all of them.
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override;
  /// Asks for the list of models, unless the endpoint is to be left alone. Errors: dependency HF-LLM-01,
  /// HF-LLM-02.
  Task<Result<void>> probe(WorkerKind kind) override;
  std::vector<WorkerStatus> status() override;

 private:
  OpenAiWorkers(OpenAiConfig config, openai::Url url, std::shared_ptr<asio::ssl::context> tls)
      : config_{std::move(config)}, url_{std::move(url)}, tls_{std::move(tls)} {}
  [[nodiscard]] bool embeds() const { return config_.serves == WorkerKind::embedding; }
  [[nodiscard]] Error named(const Error& error) const;
  Result<std::unique_ptr<WorkRun>> begin(const WorkRequest& request);
  [[nodiscard]] Result<openai::HttpCall> make_call(std::string path, std::string body,
                                                   milliseconds time_max) const;

  OpenAiConfig config_;
  openai::Url url_;
  std::shared_ptr<asio::ssl::context> tls_;  // shared with runs; none for http
  std::shared_ptr<std::list<ItemId>> busy_ =
      std::make_shared<std::list<ItemId>>();  // shared with runs, which may end later
  /// What it has taken of the forms in which an answer is asked for; shared as well.
  std::shared_ptr<openai::AnswerForm> form_ = std::make_shared<openai::AnswerForm>(openai::AnswerForm::schema);
  std::shared_ptr<openai::Standing> standing_ = std::make_shared<openai::Standing>();  // as well
  std::shared_ptr<openai::IdleLines> idle_ = std::make_shared<openai::IdleLines>();    // as well
};

}  // namespace holdfast
