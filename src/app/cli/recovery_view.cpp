#include "app/cli/recovery_view.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "app/cli/json_read.hpp"
#include "app/cli/render.hpp"

namespace holdfast::cli {

namespace {

namespace json = boost::json;
using Row = std::vector<std::string>;

std::string count_at(const json::object& object, std::string_view name) {
  return std::to_string(static_cast<std::uint64_t>(std::max(0.0, number_at(object, name, 0))));
}

std::string time_of(const json::object& object, std::string_view name) {
  const double seconds = number_at(object, name, -1);
  return seconds < 0 ? "-" : human_time(milliseconds{static_cast<std::int64_t>(seconds * 1000)});
}

/// Columns as wide as their widest cell on a terminal.
std::string table_of(const std::vector<Row>& rows, bool terminal) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t at = 0; at < row.size(); ++at) widths[at] = std::max(widths[at], row[at].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t at = 0; at < row.size(); ++at) {
      std::string cell = row[at];
      const bool last = at + 1 == row.size();
      if (terminal && !last) cell.resize(widths[at] + 2, ' ');
      text += cell + (last ? "\n" : terminal ? "" : "\t");
    }
  }
  return text;
}

Outcome<std::string> list_table(const std::string& body, bool terminal,
                                const std::function<Row(const json::object&)>& row_of) {
  const auto answer = parse_object(body);
  if (!answer.contains("data"))
    return std::unexpected{to_problem(Error{ErrorClass::unknown, kBadAnswer, "the answer is not a list"})};
  std::vector<Row> rows;
  for (const auto& entry : array_at(answer, "data")) {
    if (entry.is_object()) rows.push_back(row_of(entry.get_object()));
  }
  return table_of(rows, terminal);
}

/// Until when it can be tried again; for good where nothing says when.
std::string kept_until(const json::object& item) {
  const std::string until = text_at(object_at(item, "retention"), "file_until");
  return until.empty() ? "kept" : "until " + until;
}

}  // namespace

Outcome<std::string> dead_letter_table(const std::string& body, bool terminal) {
  return list_table(body, terminal, [](const json::object& item) -> Row {
    return {printable(text_at(item, "id")),    text_at(item, "failed_at"),
            kept_until(item),                  printable(text_at(item, "owner")),
            printable(text_at(item, "recipe")), printable(text_at(item, "stage")),
            printable(text_at(object_at(item, "error"), "code")),
            printable(text_at(object_at(item, "input"), "name"))};
  });
}

Outcome<std::string> group_table(const std::string& body, bool terminal) {
  return list_table(body, terminal, [](const json::object& group) -> Row {
    return {count_at(group, "count"),          printable(text_at(group, "code")), printable(text_at(group, "recipe")),
            printable(text_at(group, "stage")), text_at(group, "first_at"),        text_at(group, "last_at"),
            printable(text_at(group, "title"))};
  });
}

Outcome<std::string> queue_table(const std::string& body, bool terminal) {
  return list_table(body, terminal, [](const json::object& queue) -> Row {
    return {printable(text_at(queue, "queue_type")),
            "pending " + count_at(queue, "pending"),
            "scheduled " + count_at(queue, "scheduled"),
            "held " + count_at(queue, "held"),
            "processing " + count_at(queue, "processing"),
            "failed " + count_at(queue, "failed"),
            "oldest " + time_of(queue, "oldest_s"),
            "completed in the last hour " + count_at(queue, "completed_last_hour")};
  });
}

std::string history_lines(const std::string& body) {
  const auto item = parse_object(body);
  std::vector<Row> rows;
  for (const auto& entry : array_at(item, "history")) {
    if (!entry.is_object()) continue;
    const auto& event = entry.get_object();
    rows.push_back({"  " + text_at(event, "at"), printable(text_at(event, "type")), printable(text_at(event, "stage")),
                    "attempt " + count_at(event, "attempt"), printable(text_at(event, "detail"))});
  }
  return rows.empty() ? "" : "\nHistory\n" + table_of(rows, true);
}

std::string bulk_words(const std::string& body) {
  const auto answer = parse_object(body);
  if (answer.contains("id")) {
    return printable(text_at(answer, "id")) + "  " + printable(text_at(answer, "state")) + ": " +
           count_at(answer, "retried") + " of " + count_at(answer, "matched") + " retried, " +
           count_at(answer, "refused") + " refused\n";
  }
  std::string text = count_at(answer, "matched") + " match. Nothing was changed.\n";
  for (const auto& entry : array_at(answer, "groups")) {
    if (!entry.is_object()) continue;
    const auto& group = entry.get_object();
    text += "  " + count_at(group, "count") + "  " + printable(text_at(group, "code")) + "  " +
            printable(text_at(group, "title")) + "\n";
  }
  return text;
}

}  // namespace holdfast::cli
