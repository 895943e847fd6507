#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// Reading the parameters of a call. What is null is not there; what cannot be used is refused by its name.
/// Errors of all: invalid HF-OAI-01.
namespace holdfast::web::dialect {

Result<std::optional<std::string>> text_parameter(const boost::json::object& body, std::string_view name);
Result<bool> flag_parameter(const boost::json::object& body, std::string_view name);
/// A number from `least` to `most`.
Result<std::optional<double>> number_parameter(const boost::json::object& body, std::string_view name, double least,
                                               double most);
/// The same of whole ones.
Result<std::optional<std::int64_t>> count_parameter(const boost::json::object& body, std::string_view name,
                                                    std::int64_t least, std::int64_t most);

/// A parameter that is not taken, but where it says what happens anyway.
struct Neutral {
  std::string_view name;
  std::string_view value;  ///< JSON; empty: whatever it says changes nothing
};

/// Refuses every parameter that is neither among `known` nor neutral.
Result<void> only(const boost::json::object& body, std::span<const std::string_view> known,
                  std::span<const Neutral> neutral);

/// Whether a text can be kept. Errors: as above, of this parameter.
Result<void> check_text_of(std::string_view param, std::string_view text);

}  // namespace holdfast::web::dialect
