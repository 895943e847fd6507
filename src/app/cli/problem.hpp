#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "app/cli/exit_code.hpp"
#include "core/base/result.hpp"

namespace holdfast::cli {

/// Why a command could not do what it was asked, as the person or script sees it.
struct Problem {
  Exit exit = Exit::failed;
  std::string code;  ///< "HF-UPL-01"
  std::string message;
  std::string what_to_do;  ///< may be empty
  bool retryable = false;
};

/// Codes of the program itself, listed in core/catalogue like those of the server.
inline constexpr std::string_view kUnreachable = "HF-CLI-02";
inline constexpr std::string_view kUsage = "HF-CLI-01";
inline constexpr std::string_view kLocalFile = "HF-CLI-03";
inline constexpr std::string_view kBadAnswer = "HF-CLI-04";
inline constexpr std::string_view kWaited = "HF-CLI-05";

/// A value, or the problem that there is none. Other than Result it carries the server's own words and the
/// exit code.
template <class T>
class [[nodiscard]] Outcome : public std::expected<T, Problem> {
  using Base = std::expected<T, Problem>;

 public:
  using Base::Base;
};

/// Fills exit code, advice and whether repeating helps from the catalogue and the error's class.
[[nodiscard]] Problem to_problem(const Error& error);

[[nodiscard]] Problem usage_problem(std::string message);

/// {"error":{"code","message","retryable","what_to_do"}}
[[nodiscard]] std::string problem_json(const Problem& problem);

/// {"code","message","retryable","what_to_do"}
[[nodiscard]] std::string problem_fields(const Problem& problem);

/// Lines for people, ending in the code and how to read more about it.
[[nodiscard]] std::string problem_text(const Problem& problem);

}  // namespace holdfast::cli
