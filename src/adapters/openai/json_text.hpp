#pragma once

#include <string>
#include <string_view>

namespace holdfast::openai {

/// The one JSON object in what a model wrote: the whole of it, or what stands within the first fence (```), or from the
/// first brace to the one that closes it, if the rest is words. Empty: there is none, or more than one. Nothing of it
/// is changed: what has to be guessed is asked for again instead.
[[nodiscard]] std::string object_text(std::string_view written);

}  // namespace holdfast::openai
