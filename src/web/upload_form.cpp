#include "web/upload_form.hpp"

#include <algorithm>

#include "core/base/instant.hpp"
#include "core/transcript/text.hpp"
#include "web/file_name.hpp"

namespace holdfast::web {
namespace {

constexpr std::size_t kJobKeyMax = 200;
constexpr std::size_t kWordMax = 64;

std::unexpected<Error> bad_field(std::string what) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::move(what));
}

bool is_word(std::string_view text) {
  const auto fits = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' ||
           letter == '-';
  };
  return text.size() <= kWordMax && std::ranges::all_of(text, fits);
}

bool is_file_name_of_field(std::string_view name) {
  return name == "file" || name == "video" || name == "audio";
}

}  // namespace

Result<std::string> parse_job_key(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  if (quoted) text = text.substr(1, text.size() - 2);  // a structured string of the Idempotency-Key draft
  const bool control = std::ranges::any_of(
      text, [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; });
  if (text.empty() || text.size() > kJobKeyMax || control || transcript::to_valid_utf8(text) != text) {
    return bad_field("a job_id is 1 to 200 bytes of text");
  }
  return std::string{text};
}

Result<void> FileForm::part_begins(const PartHead& head) {
  in_file_ = head.file_name.has_value() || is_file_name_of_field(head.name);
  field_name_ = head.name;
  field_value_.clear();
  if (!in_file_) return {};
  if (has_file_) return fail(ErrorClass::invalid, "HF-UPL-10", "there is more than one file");
  has_file_ = true;
  form.file_name = clean_file_name(head.file_name.value_or(""));
  return {};
}

Result<void> FileForm::part_data(std::string_view bytes) {
  if (in_file_) {
    file_bytes_ += bytes;
    return {};
  }
  if (field_value_.size() + bytes.size() > kFieldMax) {
    return fail(ErrorClass::invalid, "HF-UPL-10", "a field of the form is too long");
  }
  field_value_ += bytes;
  return {};
}

Result<void> FileForm::part_ends() {
  if (in_file_) return {};
  return take_field(field_name_, std::move(field_value_));
}

Result<void> UploadForm::take_field(std::string_view name, std::string value) {
  if (value.empty()) return {};  // an input of a form that nobody filled in
  if (name == "recipe") {
    if (!is_word(value)) return bad_field("a recipe's name is made of a-z, 0-9, - and _");
    form.recipe = std::move(value);
  } else if (name == "mode") {
    if (!is_word(value)) return bad_field("a mode's name is made of a-z, 0-9, - and _");
    form.mode = std::move(value);
  } else if (name == "priority") {
    if (value.size() != 1 || value[0] < '0' || value[0] > '9')
      return bad_field("priority is a number from 0 to 9");
    form.priority = value[0] - '0';
  } else if (name == "recorded_at") {
    form.recorded_at = parse_instant(value);
    form.recorded_offset = parse_offset(value);
    if (!form.recorded_at) return bad_field("recorded_at is a time such as 2026-11-22T04:19:07Z");
  } else if (name == "job_id") {
    HF_TRY(const std::string key, parse_job_key(value));
    if (!form.job_key.empty() && form.job_key != key) return bad_field("two different keys are given");
    form.job_key = key;
  }
  return {};
}

}  // namespace holdfast::web
