#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "web/response.hpp"

/// Errors as clients of OpenAI's interface read them (docs/decisions/0014-openai-dialect.md).
namespace holdfast::web::dialect {

/// Whether whoever asks for this target expects that dialect.
[[nodiscard]] bool speaks(std::string_view target);

/// Whether the client should send the same once more by itself. The official clients obey.
enum class Again : std::uint8_t { as_the_code_says, never };

/// {"error": {"message", "type", "param", "code"}}, with the words of the catalogue. Too much to do is 429, so that
/// clients slow down by themselves, and Retry-After is never longer than they believe.
Response to_openai_error(const Error& error, Again again = Again::as_the_code_says);

/// The same as the one event with which a stream ends.
std::string to_error_event(const Error& error);

/// A parameter that cannot be used: invalid HF-OAI-01.
[[nodiscard]] std::unexpected<Error> refuse(std::string_view param, std::string_view why);

}  // namespace holdfast::web::dialect
