#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "web/response.hpp"

namespace holdfast::web {

inline constexpr std::string_view kProblemType = "application/problem+json";

/// An error as application/problem+json, with the words of the catalogue. `detail` is the sentence of the
/// catalogue; what the error itself says is added for malformed requests only, because anything else may
/// speak of our insides. Source: RFC 9457.
/// `retry_after_s`: when waiting helps this time; nothing: what the catalogue says, 0: nobody can say.
Response to_problem(const Error& error, std::string_view request_id,
                    std::optional<unsigned> retry_after_s = std::nullopt);

}  // namespace holdfast::web
