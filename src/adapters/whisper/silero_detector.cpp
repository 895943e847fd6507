#include <whisper.h>

#include <new>

#include "adapters/whisper/engine_log.hpp"
#include "ports/speech_engine.hpp"

namespace holdfast {

namespace {

struct FreeVoice {
  void operator()(whisper_vad_context* context) const { whisper_vad_free(context); }
};
using VoicePtr = std::unique_ptr<whisper_vad_context, FreeVoice>;

/// Silero's frame at 16 kHz. The model knows no other.
constexpr std::size_t kFrameSamples = 512;

/// Silero's voice activity model through whisper.cpp. Its memory runs through a block and is cleared between
/// blocks.
class SileroDetector final : public VoiceDetector {
 public:
  explicit SileroDetector(VoicePtr context) : context_{std::move(context)} {}
  [[nodiscard]] std::size_t frame_samples() const override { return kFrameSamples; }

  Result<void> hear(std::span<const float> pcm) override {
    if (probabilities_.empty()) whisper_vad_reset_state(context_.get());
    if (!whisper_vad_detect_speech_no_reset(context_.get(), pcm.data(), static_cast<int>(pcm.size()))) {
      return fail(ErrorClass::transient, "HF-ENG-01", "voice detection failed");
    }
    const float* found = whisper_vad_probs(context_.get());
    probabilities_.insert(probabilities_.end(), found, found + whisper_vad_n_probs(context_.get()));
    return {};
  }

  std::vector<float> take() override { return std::exchange(probabilities_, {}); }

 private:
  VoicePtr context_;
  std::vector<float> probabilities_;
};

std::unexpected<Error> no_memory() {
  return fail(ErrorClass::resource, "HF-ENG-04", "there is not enough memory for the voice activity model");
}

}  // namespace

Result<std::unique_ptr<VoiceDetector>> open_voice_detector(const std::string& file) {
  auto params = whisper_vad_default_context_params();
  params.n_threads = 1;  // the model is tiny: more threads only wait for each other
  params.use_gpu = false;
  try {
    VoicePtr context{whisper_vad_init_from_file_with_params(file.c_str(), params)};
    if (context) return std::make_unique<SileroDetector>(std::move(context));
    if (whisper::take_memory_refusal()) return no_memory();
    return fail(ErrorClass::dependency, "HF-ENG-02",
                file + " is not a voice activity model that whisper.cpp can load");
  } catch (const std::bad_alloc&) {
    return no_memory();
  }
}

}  // namespace holdfast
