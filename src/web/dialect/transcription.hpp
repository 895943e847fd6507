#pragma once

#include <string>

#include "ports/job_store.hpp"
#include "web/response.hpp"
#include "web/upload_form.hpp"

/// `POST /v1/audio/transcriptions`: its form and its answers. Pure.
namespace holdfast::web::dialect {

/// What a client asks for beside its file. The fields may come after the file.
class TranscriptionForm final : public FileForm {
 public:
  /// Errors: invalid HF-OAI-01.
  Result<void> take_field(std::string_view name, std::string value) override;
  /// Errors: invalid HF-OAI-01 (fields that do not go together).
  [[nodiscard]] Result<void> check() const;

  std::string model;
  std::string language;         ///< empty: it is found out
  std::string format = "json";  ///< json, text, srt, vtt, verbose_json
  bool words = false;
  bool segments = false;  ///< asked for by name; verbose_json has them where nothing is asked for
  bool stream = false;
};

/// The answer of a completed item in the form's format. Errors: as result_of.
Result<Response> transcription_answer(const ItemRecord& record, const TranscriptionForm& form);
/// The same as the events of a stream. Errors: as result_of.
Result<std::string> transcription_events(const ItemRecord& record);

}  // namespace holdfast::web::dialect
