#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "web/base64.hpp"

namespace holdfast::web {

/// What a part says of itself.
struct PartHead {
  std::string name;
  std::optional<std::string> file_name;  ///< as sent; there, perhaps empty, if and only if the part is a file
  std::string content_type;              ///< empty: none was said
};

/// Gets the parts of a body as they come.
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual Result<void> part_begins(const PartHead& head) = 0;
  virtual Result<void> part_data(std::string_view bytes) = 0;
  virtual Result<void> part_ends() = 0;
};

/// Takes a multipart/form-data body apart while it arrives, in pieces of any size, with memory that does not
/// grow with it. A part that says "Content-Transfer-Encoding: base64" is decoded. Pure: no input or output of
/// its own. Errors of `feed` and `finish`: invalid HF-UPL-10, and what the sink returns. Source: RFC 7578;
/// RFC 2046, section 5.1.1; RFC 8187 for `filename*`.
class MultipartParser {
 public:
  static constexpr std::size_t kPartsMax = 32;
  static constexpr std::size_t kPartHeadMax = 8U << 10U;
  static constexpr std::size_t kPreambleMax = 8U << 10U;
  static constexpr std::size_t kEpilogueMax = 64U << 10U;
  static constexpr std::size_t kPaddingMax = 64;

  explicit MultipartParser(std::string_view boundary);

  Result<void> feed(std::string_view piece, PartSink& sink);
  /// Says that nothing follows.
  [[nodiscard]] Result<void> finish() const;

 private:
  enum class State : unsigned char { preamble, head, body_start, body, epilogue };
  /// What stands after the delimiter's text.
  enum class After : unsigned char { unknown_yet, next_part, close, not_a_delimiter };

  [[nodiscard]] After look_after(std::string_view rest, std::size_t& length) const;
  Result<std::size_t> run(std::string_view view, PartSink& sink);
  Result<std::size_t> step(std::string_view view, PartSink& sink);
  Result<std::size_t> step_head(std::string_view view, PartSink& sink);
  Result<std::size_t> step_body_start(std::string_view view, PartSink& sink);
  Result<std::size_t> step_body(std::string_view view, PartSink& sink);
  Result<std::size_t> step_epilogue(std::string_view view);
  Result<std::size_t> step_delimiter(std::string_view view, std::size_t at, PartSink& sink);
  Result<void> end_part(PartSink& sink);
  Result<void> give(std::string_view bytes, PartSink& sink);
  [[nodiscard]] std::size_t surely_data(std::string_view view) const;

  std::string delimiter_;  ///< CR LF "--" boundary
  std::string carried_ =
      "\r\n";  ///< not yet understood; a body may begin with its first delimiter, without CR LF
  State state_ = State::preamble;
  std::size_t parts_count_ = 0;
  std::size_t ignored_bytes_ = 0;  ///< of preamble or epilogue
  std::optional<Base64Decoder> base64_;
};

/// The boundary that a Content-Type names. Errors: invalid HF-REQ-11 (another type), HF-UPL-10 (none, or a
/// bad one).
Result<std::string> boundary_of(std::string_view content_type);

}  // namespace holdfast::web
