#include "core/job/job.hpp"

#include <array>
#include <utility>

namespace holdfast {
namespace {

using enum JobStatus;

constexpr std::array<std::pair<JobStatus, std::string_view>, 5> kJobWords{{{pending, "pending"},
                                                                           {processing, "processing"},
                                                                           {completed, "completed"},
                                                                           {failed, "failed"},
                                                                           {cancelled, "cancelled"}}};
constexpr std::array<std::pair<StageState, std::string_view>, 4> kStageWords{
    {{StageState::pending, "pending"},
     {StageState::processing, "processing"},
     {StageState::completed, "completed"},
     {StageState::failed, "failed"}}};

template <class Table, class Value>
std::string_view word_of(const Table& table, Value value) {
  for (const auto& [key, word] : table) {
    if (key == value) return word;
  }
  std::unreachable();
}

template <class Value, std::size_t N>
std::optional<Value> value_of(const std::array<std::pair<Value, std::string_view>, N>& table,
                              std::string_view word) {
  for (const auto& [key, text] : table) {
    if (text == word) return key;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_word(JobStatus status) { return word_of(kJobWords, status); }
std::string_view to_word(StageState state) { return word_of(kStageWords, state); }
std::optional<JobStatus> job_status_from(std::string_view word) { return value_of(kJobWords, word); }
std::optional<StageState> stage_state_from(std::string_view word) { return value_of(kStageWords, word); }

}  // namespace holdfast
