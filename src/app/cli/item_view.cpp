#include "app/cli/item_view.hpp"

#include <algorithm>
#include <cmath>

#include "app/cli/brief_view.hpp"
#include "app/cli/json_read.hpp"

namespace holdfast::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kLabelCells = 14;

Problem not_an_item() {
  return to_problem(Error{ErrorClass::unknown, kBadAnswer, "the answer is not an item"});
}

std::string fact_line(std::string label, const std::string& value) {
  if (value.empty()) return {};
  label.resize(std::max(kLabelCells, label.size() + 1), ' ');
  return "  " + label + value + "\n";
}

ItemState state_of(const json::object& item) {
  ItemState state{.id = text_at(item, "id"),
                  .name = text_at(object_at(item, "input"), "name"),
                  .status = text_at(item, "status"),
                  .stage = text_at(item, "stage"),
                  .title = {},
                  .fraction = number_at(item, "progress", -1),
                  .error = text_at(object_at(item, "error"), "message")};
  if (state.name.empty()) state.name = state.id;
  for (const auto& entry : array_at(item, "stages")) {
    if (!entry.is_object() || text_at(entry.get_object(), "name") != state.stage) continue;
    state.title = text_at(entry.get_object(), "title");
    state.attempts = static_cast<unsigned>(number_at(entry.get_object(), "attempts", 0));
  }
  return state;
}

/// Until when what is kept, and since when it is gone.
std::string kept_lines(const json::object& item) {
  const auto& kept = object_at(item, "retention");
  const auto words = [&](const char* until, const char* gone) {
    const std::string since = text_at(kept, gone);
    if (!since.empty()) return "deleted " + since;
    const std::string end = text_at(kept, until);
    return end.empty() ? end : "kept until " + end;
  };
  return fact_line("original", words("file_until", "file_gone_at")) +
         fact_line("results", words("results_until", "results_gone_at"));
}

std::string facts(const json::object& item) {
  const auto& input = object_at(item, "input");
  const double seconds = number_at(input, "duration_s", -1);
  std::string text = printable(text_at(item, "id")) + "  " + state_words(state_of(item)) + "\n";
  text += fact_line("file", printable(text_at(input, "name")));
  text += fact_line("size", human_size(static_cast<std::uint64_t>(std::max(0.0, number_at(input, "bytes", 0)))));
  if (seconds >= 0) text += fact_line("length", human_time(milliseconds{std::llround(seconds * 1000)}));
  text +=
      fact_line("recipe", printable(text_at(item, "recipe"))) + fact_line("job_id", printable(text_at(item, "job_id")));
  return text + fact_line("sent", text_at(item, "created_at")) + fact_line("changed", text_at(item, "updated_at")) +
         kept_lines(item);
}

std::string stage_lines(const json::object& item) {
  std::string text;
  for (const auto& entry : array_at(item, "stages")) {
    if (!entry.is_object()) continue;
    const auto& stage = entry.get_object();
    const auto attempts = static_cast<unsigned>(number_at(stage, "attempts", 0));
    std::string words = text_at(stage, "state");
    if (attempts > 1) words += ", " + std::to_string(attempts) + " attempts";
    for (const auto& warning : array_at(stage, "warnings")) {
      if (warning.is_string()) words += "; " + printable(warning.get_string());
    }
    text += fact_line(printable(text_at(stage, "title")), words);
  }
  return text.empty() ? text : "\nStages\n" + text;
}

std::string words_of(const json::array& list) {
  std::string words;
  for (const auto& word : list) {
    if (word.is_string()) words += (words.empty() ? "" : ", ") + printable(word.get_string());
  }
  return words;
}

/// That it was not done in the way that was asked for, why, and what that costs.
std::string downshift_lines(const json::object& item) {
  const auto& told = object_at(item, "downshift");
  if (told.empty()) return {};
  const auto& impact = object_at(told, "impact");
  std::string text = "\n" + printable(text_at(told, "warning")) + "\n  " + printable(text_at(told, "reason")) + "\n";
  text += fact_line("left out", words_of(array_at(impact, "lost"))) +
          fact_line("quality", printable(text_at(impact, "quality")));
  for (const auto& entry : array_at(told, "stages")) {
    if (!entry.is_object()) continue;
    const auto& stage = entry.get_object();
    const std::string answered = text_at(stage, "answered");
    text += fact_line(printable(text_at(stage, "stage")),
                      printable(text_at(stage, "strategy")) + ", reliability " +
                          printable(text_at(stage, "reliability")) +
                          (answered.empty() ? "" : ": the answer to \"" + printable(answered) + "\""));
  }
  return text;
}

std::string error_lines(const json::object& item) {
  const auto& error = object_at(item, "error");
  if (error.empty()) return {};
  return "\n" + printable(text_at(error, "message")) + "\n  " + printable(text_at(error, "what_to_do")) +
         "\n  [" + printable(text_at(error, "code")) + "]\n";
}

std::string value_words(const json::value& value) {
  if (value.is_string()) return printable(value.get_string());
  if (value.is_object())
    return value.get_object().contains("value") ? value_words(value.at("value")) : json::serialize(value);
  return value.is_null() ? "-" : json::serialize(value);
}

std::string form_lines(const json::object& form) {
  std::string text;
  for (const auto& [name, value] : form) text += fact_line(printable(name), value_words(value));
  return text.empty() ? text : "\nForm\n" + text;
}

std::string one_decimal(double number) {
  const auto tenths = std::llround(number * 10);
  return std::to_string(tenths / 10) + "." + std::to_string(std::abs(tenths % 10));
}

std::string rating_lines(const json::object& rating) {
  if (rating.empty()) return {};
  std::string text = "\nRating " + one_decimal(number_at(rating, "score", 0)) + "/10\n";
  for (const auto& entry : array_at(rating, "criteria")) {
    if (!entry.is_object()) continue;
    const auto& criterion = entry.get_object();
    const std::string score = one_decimal(number_at(criterion, "score", 0));
    text +=
        fact_line(printable(text_at(criterion, "name")), score + "  " + printable(text_at(criterion, "reason")));
  }
  return text;
}

/// "  Call Anna.  (at 12 s; who: Bob; when: Friday, 2026-11-27; uncertain)"
std::string found_line(const json::object& found, const json::array& segments) {
  constexpr double kUnsure = 0.5;
  std::string facts;
  const auto add = [&facts](const std::string& fact) { facts += (facts.empty() ? "" : "; ") + fact; };
  const auto& numbers = array_at(found, "segments");
  boost::system::error_code none;
  const auto first = numbers.empty() ? segments.size() : numbers.front().to_number<std::size_t>(none);
  if (!none && first < segments.size() && segments[first].is_object())
    add("at " + human_time(milliseconds{std::llround(number_at(segments[first].get_object(), "start_s", 0) * 1000)}));
  if (const auto owner = text_at(found, "owner"); !owner.empty()) add("who: " + printable(owner));
  const auto day = text_at(found, "due_at");
  if (const auto due = text_at(found, "due"); !due.empty())
    add("when: " + printable(due) + (day.empty() ? "" : ", " + printable(day)));
  if (number_at(found, "confidence", 1) < kUnsure) add("uncertain");
  return "  " + printable(text_at(found, "text")) + (facts.empty() ? "" : "  (" + facts + ")") + "\n";
}

std::string found_lines(const json::object& result, std::string_view name, std::string_view title) {
  if (!result.contains(name)) return {};
  std::string text;
  const auto& segments = array_at(object_at(result, "transcript"), "segments");
  for (const auto& entry : array_at(result, name)) {
    if (entry.is_object()) text += found_line(entry.get_object(), segments);
  }
  return "\n" + std::string{title} + "\n" + (text.empty() ? "  None were found.\n" : text);
}

std::string transcript_lines(const json::object& transcript) {
  if (transcript.empty()) return {};
  const std::string text = printable(text_at(transcript, "text"));
  return "\nTranscript (" + printable(text_at(transcript, "language")) + ")\n" +
         (text.empty() ? "No words were found in this recording." : text) + "\n";
}

std::string message_section(const json::object& item) {
  std::string text;
  for (const auto& message : array_at(item, "messages")) {
    if (message.is_string()) text += "  " + printable(message.get_string()) + "\n";
  }
  return text.empty() ? text : "\nMessages\n" + text;
}

std::string row(const json::object& item, bool terminal) {
  const ItemState state = state_of(item);
  const std::string cells[] = {printable(state.id),         printable(state.status),
                               printable(state.stage),      printable(text_at(item, "recipe")),
                               text_at(item, "created_at"), printable(state.name)};
  const std::size_t widths[] = {31, 11, 12, 14, 25, 0};
  std::string text;
  for (std::size_t at = 0; at < std::size(cells); ++at) {
    std::string cell = cells[at];
    if (terminal) cell.resize(std::max(cell.size(), widths[at]), ' ');
    const std::string between = terminal ? " " : "\t";
    text += (at == 0 ? "" : between) + cell;
  }
  return text + "\n";
}

/// "words", "meaning 0.61", "words, meaning 0.61"
std::string why_found(const json::object& found) {
  std::string why;
  for (const auto& entry : array_at(found, "found_by")) {
    if (!entry.is_string()) continue;
    why += (why.empty() ? "" : ", ") + printable(entry.get_string());
    if (entry.get_string() != "meaning") continue;
    const auto hundredths = std::llround(number_at(found, "similarity", 0) * 100);
    why += " 0." + std::string(hundredths < 10 ? "0" : "") + std::to_string(std::min<long long>(hundredths, 99));
  }
  return why;
}

std::string found_row(const json::object& found, bool terminal) {
  const double start_s = number_at(found, "start_s", -1);
  const std::string start = start_s < 0 ? "-" : human_time(milliseconds{std::llround(start_s * 1000)});
  const std::string between = terminal ? "  " : "\t";
  return printable(text_at(found, "item")) + between + start + between + printable(text_at(found, "kind")) +
         between + printable(text_at(found, "snippet")) + between + why_found(found) + "\n";
}

}  // namespace

Outcome<ItemState> read_item(const std::string& body) {
  const auto item = parse_object(body);
  ItemState state = state_of(item);
  if (state.id.empty() || state.status.empty()) return std::unexpected{not_an_item()};
  return state;
}

bool is_over(const ItemState& state) {
  return state.status == "completed" || state.status == "failed" || state.status == "cancelled";
}

std::string item_page(const std::string& body) {
  const auto item = parse_object(body);
  const auto& result = object_at(item, "result");
  return facts(item) + stage_lines(item) + downshift_lines(item) + message_section(item) + error_lines(item) +
         transcript_lines(object_at(result, "transcript")) + form_lines(object_at(result, "form")) +
         rating_lines(object_at(result, "rating")) + found_lines(result, "memories", "Memories") +
         found_lines(result, "action_items", "Action items") + brief_lines(result);
}

Outcome<std::string> item_table(const std::string& body, bool terminal) {
  const auto answer = parse_object(body);
  const std::string_view name = answer.contains("items") ? "items" : "data";
  if (!answer.contains(name)) return std::unexpected{not_an_item()};
  std::string text;
  for (const auto& entry : array_at(answer, name)) {
    if (entry.is_object()) text += row(entry.get_object(), terminal);
  }
  return text;
}

Outcome<std::string> found_table(const std::string& body, bool terminal) {
  const auto answer = parse_object(body);
  if (!answer.contains("data")) return std::unexpected{not_an_item()};
  std::string text;
  for (const auto& entry : array_at(answer, "data")) {
    if (entry.is_object()) text += found_row(entry.get_object(), terminal);
  }
  return text;
}

}  // namespace holdfast::cli
