#include "adapters/llama/weights.hpp"

#include <fcntl.h>

#include <cstdio>
#include <string>

#include "adapters/localfs/file_io.hpp"

namespace holdfast::llama {
namespace {

struct FileClose {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using FilePtr = std::unique_ptr<std::FILE, FileClose>;

/// Opens the file and checks that it is the right one; it stays open, so that what is loaded is what was
/// checked.
Result<FilePtr> open_checked(const ModelConfig& config) {
  auto opened = localfs::open_file(config.file, O_RDONLY);
  if (!opened) return unusable(config, opened.error().what());
  const auto measured = localfs::measure_file(opened->get());
  if (!measured) return unusable(config, measured.error().what());
  if (measured->sha256 != config.sha256)
    return unusable(config, "its SHA-256 is " + measured->sha256 + ", which is wrong");
  FilePtr file{::fdopen(opened->get(), "rb")};
  if (!file) return unusable(config, "it cannot be read");
  (void)opened->release();
  std::rewind(file.get());
  return file;
}

/// Set when the library says that it got no memory: its functions give the same nothing for that as for a file that is
/// no model.
std::atomic<bool> no_memory = false;

void log_errors(ggml_log_level level, const char* text, void* /*unused*/) {
  if (level != GGML_LOG_LEVEL_ERROR) return;
  std::fputs(text, stderr);
  const std::string_view words{text};
  const bool refused = words.contains("insufficient memory") || words.contains("to allocate");
  if (refused) no_memory = true;
}

bool go_on(float /*fraction*/, void* stop) { return !*static_cast<const std::atomic<bool>*>(stop); }

}  // namespace

std::unexpected<Error> stopped() { return fail(ErrorClass::canceled, "HF-SRV-02", "stopped"); }

std::unexpected<Error> unusable(const ModelConfig& config, std::string_view what) {
  return fail(ErrorClass::dependency, config.missing_code, config.file.string() + ": " + std::string{what});
}

std::unexpected<Error> out_of_memory() {
  return fail(ErrorClass::resource, "HF-ENG-04", "there is not enough memory for the model");
}

Result<ModelPtr> load_weights(const ModelConfig& config, const std::atomic<bool>& stop) {
  llama_log_set(log_errors, nullptr);
  llama_backend_init();
  HF_TRY(const FilePtr file, open_checked(config));
  auto params = llama_model_default_params();
  params.n_gpu_layers = 0;
  params.progress_callback = go_on;
  params.progress_callback_user_data = const_cast<std::atomic<bool>*>(&stop);
  ModelPtr model{llama_model_load_from_file_ptr(file.get(), params)};
  if (stop) return stopped();
  if (!model && no_memory) return out_of_memory();
  if (!model) return unusable(config, "it cannot be loaded");
  return model;
}

}  // namespace holdfast::llama
