#include "app/cli/status_view.hpp"

#include <cmath>

#include "app/cli/json_read.hpp"
#include "app/cli/render.hpp"

namespace holdfast::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kStatusNameCells = 20;

std::string padded(std::string text, std::size_t cells) {
  if (text.size() < cells) text.append(cells - text.size(), ' ');
  return text + ' ';
}

std::string status_line(const std::string& name, const std::string& words) {
  return "  " + padded(printable(name), kStatusNameCells) + words + "\n";
}

std::string whole(double number) { return std::to_string(std::llround(number)); }

/// "up, 75 ms; breaker open: circuit breaker is open"
std::string service_words(const json::object& service) {
  std::string words = printable(text_at(service, "state"));
  const double took = number_at(service, "response_ms", -1);
  if (took >= 0) words += ", " + whole(took) + " ms";
  const std::string breaker = text_at(object_at(service, "breaker"), "state");
  if (!breaker.empty() && breaker != "closed") words += "; breaker " + printable(breaker);
  const std::string why = text_at(service, "message");
  return why.empty() ? words : words + ": " + printable(why);
}

/// "busy with itm_..., pid 4711"
std::string worker_words(const json::object& worker) {
  std::string words = printable(text_at(worker, "state"));
  if (const std::string item = text_at(worker, "item"); !item.empty()) words += " with " + printable(item);
  const double pid = number_at(worker, "pid", 0);
  if (pid > 0) words += ", pid " + whole(pid);
  const std::string runs = text_at(worker, "runs");
  if (!runs.empty()) words += ", " + printable(runs);
  return number_at(worker, "steps_down", 0) > 0 ? words + " because memory is short" : words;
}

std::string each(const json::object& status, std::string_view list, std::string_view name,
                 std::string (*words)(const json::object&)) {
  std::string lines;
  for (const auto& entry : array_at(status, list)) {
    if (entry.is_object()) lines += status_line(text_at(entry.get_object(), name), words(entry.get_object()));
  }
  return lines;
}

std::string queue_lines(const json::object& status) {
  std::string lines;
  for (const auto& entry : array_at(status, "queues")) {
    if (!entry.is_object()) continue;
    const auto& queue = entry.get_object();
    const std::string name = text_at(queue, "queue");
    lines += status_line(name.empty() ? "over" : name,
                         whole(number_at(queue, "jobs", 0)) + " " + printable(text_at(queue, "status")));
  }
  return lines;
}

std::string size_at(const json::object& object, std::string_view name) {
  const double bytes = number_at(object, name, -1);
  return bytes < 0 ? "not known" : human_size(static_cast<std::uint64_t>(bytes));
}

std::string memory_lines(const json::object& status) {
  const auto& memory = object_at(status, "memory");
  if (memory.empty()) return {};
  return status_line("available", size_at(memory, "available_bytes") + " of " + size_at(memory, "total_bytes")) +
         status_line("this server", size_at(memory, "resident_bytes")) +
         status_line("new work", printable(text_at(memory, "work"))) +
         status_line("uploads", printable(text_at(memory, "uploads"))) +
         status_line("disk free", size_at(status, "free_bytes"));
}

/// "memory, as redis is away"
std::string cache_lines(const json::object& status) {
  const auto& cache = object_at(status, "cache");
  if (cache.empty()) return {};
  const json::value* stands_in = cache.if_contains("stands_in");
  const bool away = stands_in != nullptr && *stands_in == true;
  const double hits = number_at(cache, "hits", 0);
  const double entries = number_at(cache, "entries", -1);
  return status_line("answers from", printable(text_at(cache, "backend")) + (away ? ", as redis is away" : "")) +
         status_line("asked", whole(hits + number_at(cache, "misses", 0)) + " times, answered " + whole(hits)) +
         status_line("holds", (entries < 0 ? "not known" : whole(entries)) + ", " + size_at(cache, "bytes")) +
         status_line("new answers stay", whole(number_at(cache, "ttl_s", 0) / 60) + " min");
}

/// ", without qwen, llama"; nothing where there are none.
std::string stages_of(const json::object& mode, std::string_view field, const char* before) {
  std::string stages;
  for (const auto& stage : array_at(mode, field)) {
    if (stage.is_string()) stages += (stages.empty() ? before : ", ") + printable(stage.get_string());
  }
  return stages;
}

/// "fragrance  fallback since 2026-…, without qwen"; of recipes in their fullest mode nothing.
std::string mode_lines(const json::object& status) {
  std::string lines;
  for (const auto& entry : array_at(status, "modes")) {
    const auto* mode = entry.if_object();
    if (mode == nullptr || !mode->contains("full") || mode->at("full") == true) continue;
    const std::string since = printable(text_at(*mode, "since"));
    lines += status_line(text_at(*mode, "recipe"), printable(text_at(*mode, "mode")) + " since " + since +
                                                stages_of(*mode, "away", ", without ") +
                                                stages_of(*mode, "smaller", ", with a smaller model for "));
  }
  return lines;
}

std::string message_lines(const json::object& status) {
  std::string lines;
  for (const auto& message : array_at(status, "messages")) {
    if (message.is_string()) lines += "  " + printable(message.get_string()) + "\n";
  }
  return lines;
}

/// "high: speech does not answer; its items wait." and, below it, what to do.
std::string alert_lines(const json::object& status) {
  std::string lines;
  for (const auto& entry : array_at(status, "alerts")) {
    if (!entry.is_object()) continue;
    const auto& alert = entry.get_object();
    lines += status_line(text_at(alert, "severity"), printable(text_at(alert, "summary"))) +
             status_line("", printable(text_at(alert, "what_to_do")));
  }
  return lines;
}

std::string section(const char* title, const std::string& lines) { return lines.empty() ? "" : title + ("\n" + lines); }

}  // namespace

std::string status_page(const std::string& body) {
  const json::object status = parse_object(body);
  return section("Alerts", alert_lines(status)) + section("Messages", message_lines(status)) +
         section("Queues", queue_lines(status)) +
         section("Services", each(status, "services", "name", &service_words)) +
         section("Modes", mode_lines(status)) + section("Workers", each(status, "workers", "kind", &worker_words)) +
         section("Cache", cache_lines(status)) + section("Memory and disk", memory_lines(status));
}

}  // namespace holdfast::cli
