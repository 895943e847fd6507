#include "web/multipart.hpp"

#include <algorithm>

#include "web/header_value.hpp"
#include "web/part_head.hpp"

namespace holdfast::web {
namespace {

constexpr std::size_t kBoundaryMax = 70;
constexpr std::string_view kPartHeadEnd = "\r\n\r\n";

bool is_boundary(std::string_view text) {
  const auto fits = [](char letter) {
    return is_token(std::string_view{&letter, 1}) ||
           (letter != '\0' && std::string_view{"(),/:=? "}.find(letter) != std::string_view::npos);
  };
  return !text.empty() && text.size() <= kBoundaryMax && text.back() != ' ' &&
         std::ranges::all_of(text, fits);
}

}  // namespace

MultipartParser::MultipartParser(std::string_view boundary) : delimiter_{"\r\n--" + std::string{boundary}} {}

Result<void> MultipartParser::feed(std::string_view piece, PartSink& sink) {
  std::string joined;
  if (!carried_.empty()) {
    joined = std::move(carried_);
    joined += piece;
    piece = joined;
  }
  HF_TRY(const std::size_t used, run(piece, sink));
  carried_ = piece.substr(used);
  return {};
}

Result<void> MultipartParser::finish() const {
  if (state_ != State::epilogue) return malformed_part("the body ends before its last delimiter");
  return {};
}

/// Returns how much of `view` was understood; the rest is needed again together with what follows.
Result<std::size_t> MultipartParser::run(std::string_view view, PartSink& sink) {
  std::size_t used = 0;
  for (;;) {
    const State before = state_;
    HF_TRY(const std::size_t taken, step(view.substr(used), sink));
    used += taken;
    if (taken == 0 && state_ == before) return used;
  }
}

Result<std::size_t> MultipartParser::step(std::string_view view, PartSink& sink) {
  switch (state_) {
    case State::head:
      return step_head(view, sink);
    case State::body_start:
      return step_body_start(view, sink);
    case State::epilogue:
      return step_epilogue(view);
    case State::preamble:
    case State::body:
      return step_body(view, sink);
  }
  return malformed_part("impossible state");
}

/// The CR LF of the empty line is left: it may be the beginning of a delimiter, if the part is empty.
Result<std::size_t> MultipartParser::step_head(std::string_view view, PartSink& sink) {
  const bool no_lines = view.starts_with("\r\n");
  const auto end = no_lines ? 0 : view.find(kPartHeadEnd);
  if (std::min(end, view.size()) > kPartHeadMax) return malformed_part("the header of a part is too long");
  if (end == std::string_view::npos) return std::size_t{0};
  const std::size_t length = no_lines ? 0 : end + 2;
  HF_TRY(const ParsedPartHead parsed, parse_part_head(view.substr(0, length)));
  if (++parts_count_ > kPartsMax) return malformed_part("there are too many parts");
  base64_.reset();
  if (parsed.base64) base64_.emplace();
  state_ = State::body_start;
  HF_TRY_VOID(sink.part_begins(parsed.head));
  return length;
}

Result<std::size_t> MultipartParser::step_body_start(std::string_view view, PartSink& sink) {
  const auto compared = std::min(view.size(), delimiter_.size());
  if (view.substr(0, compared) == delimiter_.substr(0, compared)) {
    std::size_t length = 0;
    const After after = look_after(view.substr(compared), length);
    if (compared < delimiter_.size() || after == After::unknown_yet) return std::size_t{0};
    if (after != After::not_a_delimiter) return step_delimiter(view, 0, sink);
  }
  state_ = State::body;
  return std::size_t{2};
}

Result<std::size_t> MultipartParser::step_body(std::string_view view, PartSink& sink) {
  const auto at = view.find(delimiter_);
  if (at != std::string_view::npos) return step_delimiter(view, at, sink);
  const std::size_t data = surely_data(view);
  HF_TRY_VOID(give(view.substr(0, data), sink));
  return data;
}

Result<std::size_t> MultipartParser::step_delimiter(std::string_view view, std::size_t at, PartSink& sink) {
  std::size_t length = 0;
  const After after = look_after(view.substr(at + delimiter_.size()), length);
  const std::size_t data = after == After::not_a_delimiter ? at + delimiter_.size() : at;
  if (state_ != State::body_start) HF_TRY_VOID(give(view.substr(0, data), sink));
  if (after == After::not_a_delimiter || after == After::unknown_yet) return data;
  if (state_ != State::preamble) HF_TRY_VOID(end_part(sink));
  state_ = after == After::close ? State::epilogue : State::head;
  ignored_bytes_ = 0;
  return at + delimiter_.size() + length;
}

Result<std::size_t> MultipartParser::step_epilogue(std::string_view view) {
  ignored_bytes_ += view.size();
  if (ignored_bytes_ > kEpilogueMax) return malformed_part("there is too much after the last delimiter");
  return view.size();
}

MultipartParser::After MultipartParser::look_after(std::string_view rest, std::size_t& length) const {
  if (rest.starts_with("--")) {
    length = 2;
    return After::close;
  }
  const auto padding = std::min(rest.find_first_not_of(" \t"), rest.size());
  if (padding > kPaddingMax) return After::not_a_delimiter;
  const auto line_end = rest.substr(padding);
  if (line_end.starts_with("\r\n")) {
    length = padding + 2;
    return After::next_part;
  }
  const bool may_come = line_end.empty() || line_end == "\r" || rest == "-";
  return may_come ? After::unknown_yet : After::not_a_delimiter;
}

/// Everything except an end that could be the beginning of a delimiter.
std::size_t MultipartParser::surely_data(std::string_view view) const {
  const std::size_t from = view.size() - std::min(view.size(), delimiter_.size() - 1);
  for (auto at = view.find('\r', from); at != std::string_view::npos; at = view.find('\r', at + 1)) {
    if (delimiter_.starts_with(view.substr(at))) return at;
  }
  return view.size();
}

Result<void> MultipartParser::give(std::string_view bytes, PartSink& sink) {
  if (bytes.empty()) return {};
  if (state_ == State::preamble) {
    ignored_bytes_ += bytes.size();
    if (ignored_bytes_ > kPreambleMax) return malformed_part("there is too much before the first delimiter");
    return {};
  }
  if (!base64_) return sink.part_data(bytes);
  HF_TRY(const std::string decoded, base64_->feed(bytes));
  return sink.part_data(decoded);
}

Result<void> MultipartParser::end_part(PartSink& sink) {
  if (base64_) HF_TRY_VOID(base64_->finish());
  return sink.part_ends();
}

Result<std::string> boundary_of(std::string_view content_type) {
  const auto parsed = parse_parameterized(content_type);
  if (!parsed || parsed->value != "multipart/form-data") {
    return fail(ErrorClass::invalid, "HF-REQ-11", "the body is not multipart/form-data");
  }
  const std::string* boundary = parsed->find("boundary");
  if (boundary == nullptr || !is_boundary(*boundary))
    return malformed_part("the boundary is missing or not allowed");
  return *boundary;
}

}  // namespace holdfast::web
