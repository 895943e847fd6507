// holdfast-llm: a language or embedding model as a child process (docs/worker-protocol.md,
// docs/decisions/0006-language.md).

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "adapters/llama/llama_embedder.hpp"
#include "adapters/llama/llama_model.hpp"
#include "worker/embedding.hpp"
#include "worker/language.hpp"

namespace holdfast {
namespace {

using std::chrono::steady_clock;

constexpr int kExitUsage = 2;
constexpr int kExitNoModel = 3;
constexpr unsigned kThreadsMost = 256;
constexpr unsigned kContextMost = 1U << 20U;

constexpr auto kUsage =
    "usage: holdfast-llm --model FILE --model-sha256 HEX --threads N --context TOKENS\n"
    "       holdfast-llm --embedder FILE --model-sha256 HEX --threads N --context TOKENS\n"
    "It is started by holdfast serve and talks over file descriptor 3.\n";

bool read_count(const std::string& text, unsigned most, unsigned& into) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), into);
  return problem == std::errc{} && end == text.data() + text.size() && into >= 1 && into <= most;
}

struct Arguments {
  llama::ModelConfig model;
  bool embeds = false;  ///< it makes vectors; else it writes
};

/// False: the command line is not as the usage says.
bool read_arguments(int argc, char** argv, Arguments& arguments) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  llama::ModelConfig& config = arguments.model;
  arguments.embeds = given.contains("--embedder");
  config.file = given[arguments.embeds ? "--embedder" : "--model"];
  if (arguments.embeds) config.missing_code = "HF-EMB-05";
  config.sha256 = given["--model-sha256"];
  return argc == 9 && !config.file.empty() && config.sha256.size() == 64 &&
         read_count(given["--threads"], kThreadsMost, config.threads) &&
         read_count(given["--context"], kContextMost, config.context_tokens);
}

long milliseconds_since(steady_clock::time_point start) {
  const auto passed = steady_clock::now() - start;
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(passed).count());
}

/// Says hello with what `load` gave, or what is missing.
template <class Model>
Model& begin(worker::Channel& channel, Result<std::unique_ptr<Model>>& loaded, steady_clock::time_point start) {
  if (!loaded) {
    worker::say_failed(channel, loaded.error());
    std::fprintf(stderr, "%s %s\n", loaded.error().code().c_str(), loaded.error().what().c_str());
    std::_Exit(kExitNoModel);  // the reading thread may wait for a frame that never comes
  }
  if (!worker::say_ready(channel, llama::engine_name(), milliseconds_since(start))) std::_Exit(EXIT_SUCCESS);
  return **loaded;
}

int run(const Arguments& arguments) {
  const auto start = steady_clock::now();
  worker::Channel channel{worker::kChannelFd};
  worker::Requests requests{channel};
  if (arguments.embeds) {
    auto loaded = llama::load_embedder(arguments.model, requests.stop());
    worker::serve_embedding(channel, requests, begin(channel, loaded, start));
  } else {
    auto loaded = llama::load_model(arguments.model, requests.stop());
    worker::serve_language(channel, requests, begin(channel, loaded, start));
  }
  std::_Exit(EXIT_SUCCESS);
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  holdfast::Arguments arguments;
  if (!holdfast::read_arguments(argc, argv, arguments)) {
    std::fputs(holdfast::kUsage, stderr);
    return holdfast::kExitUsage;
  }
  return holdfast::run(arguments);
}
