#include "app/cli/problem.hpp"

#include <boost/json.hpp>

#include "core/catalogue/catalogue.hpp"

namespace holdfast::cli {

namespace {

namespace json = boost::json;

Exit exit_of(const Error& error) {
  if (error.code() == kUnreachable) return Exit::unreachable;
  if (error.code() == kUsage) return Exit::usage;
  if (error.code() == kWaited) return Exit::waited;
  if (error.code().starts_with("HF-CFG-")) return Exit::configuration;
  if (error.code().starts_with("HF-AUT-")) return Exit::not_allowed;
  if (error.error_class() == ErrorClass::overloaded) return Exit::refused_for_now;
  if (error.error_class() == ErrorClass::corrupt) return Exit::damage;
  if (error.error_class() == ErrorClass::canceled) return Exit::interrupted;
  return Exit::failed;
}

}  // namespace

Problem to_problem(const Error& error) {
  Problem problem{.exit = exit_of(error), .code = error.code(), .message = error.what(), .what_to_do = {}};
  problem.retryable =
      error.error_class() == ErrorClass::transient || error.error_class() == ErrorClass::overloaded;
  const catalogue::Entry* const entry = catalogue::find(error.code());
  if (entry != nullptr) {
    problem.what_to_do = entry->what_to_do;
    problem.retryable = entry->retryable;
  }
  return problem;
}

Problem usage_problem(std::string message) {
  return to_problem(Error{ErrorClass::invalid, kUsage, std::move(message)});
}

std::string problem_fields(const Problem& problem) {
  const json::object fields{{"code", problem.code},
                            {"message", problem.message},
                            {"retryable", problem.retryable},
                            {"what_to_do", problem.what_to_do}};
  return json::serialize(fields);
}

std::string problem_json(const Problem& problem) { return "{\"error\":" + problem_fields(problem) + "}"; }

std::string problem_text(const Problem& problem) {
  std::string text = "holdfast: " + problem.message + "\n";
  if (!problem.what_to_do.empty()) text += "  " + problem.what_to_do + "\n";
  if (!problem.code.empty()) text += "  [" + problem.code + ", holdfast help " + problem.code + "]\n";
  return text;
}

}  // namespace holdfast::cli
