#pragma once

#include <span>
#include <string_view>

#include "core/base/result.hpp"

/// Every error code that a person, a script or an operator can meet, with the words for it. One table for
/// API, page, CLI and log, so that they all say the same.
namespace holdfast::catalogue {

struct Entry {
  std::string_view code;                   ///< "HF-UPL-01"; never changes its meaning
  ErrorClass cls = ErrorClass::permanent;  ///< what it is unless the place that found it knows better
  unsigned status = 500;                   ///< of an HTTP answer that carries it
  std::string_view title;                  ///< a few words, the same for every occurrence
  std::string_view message;                ///< for people: what happened, and what is safe
  std::string_view what_to_do;             ///< for people: what happens next by itself, or what they can do
  bool retryable = false;      ///< doing the same again can succeed without anything being changed
  unsigned retry_after_s = 0;  ///< when that is worth trying; 0: nobody can say
};

/// All codes in the order of the documentation.
std::span<const Entry> all();

/// The entry of a code, or nullptr.
const Entry* find(std::string_view code);

/// The entry of a code; of HF-SRV-01 (unexpected) for a code that is not listed.
const Entry& describe(std::string_view code);

}  // namespace holdfast::catalogue
