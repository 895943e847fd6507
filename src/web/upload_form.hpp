#pragma once

#include <optional>
#include <string>

#include "flow/intake/intake.hpp"
#include "web/multipart.hpp"

namespace holdfast::web {

/// The fields of a form as they come, and the bytes of its one file. Fields may stand before or after the file.
class FileForm : public PartSink {
 public:
  static constexpr std::size_t kFieldMax = 64U << 10U;

  Result<void> part_begins(const PartHead& head) override;
  Result<void> part_data(std::string_view bytes) override;
  Result<void> part_ends() override;

  /// The file's bytes that came since the last call.
  [[nodiscard]] std::string take_file_bytes() { return std::exchange(file_bytes_, {}); }
  [[nodiscard]] bool has_file() const { return has_file_; }

  /// Checks and keeps one field. Errors: invalid (not a value that the field can have).
  virtual Result<void> take_field(std::string_view name, std::string value) = 0;

  intake::Form form;

 private:
  std::string file_bytes_;
  bool has_file_ = false;
  bool in_file_ = false;
  std::string field_name_;
  std::string field_value_;
};

/// An upload. Fields of other names are read and dropped, as HTML forms may have any.
class UploadForm final : public FileForm {
 public:
  /// Errors: invalid HF-REQ-01.
  Result<void> take_field(std::string_view name, std::string value) override;
};

/// A key that a sender chose: 1 to 200 bytes of valid UTF-8 without control characters. Errors: invalid
/// HF-REQ-01.
Result<std::string> parse_job_key(std::string_view text);

}  // namespace holdfast::web
