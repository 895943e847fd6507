#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What somebody looks for in words, and the part of a text in which it stands.
namespace holdfast::memory {

inline constexpr std::size_t kSearchWordsMax = 32;   ///< further ones are not looked for
inline constexpr std::size_t kSearchWordBytes = 64;  ///< of one; what is longer is looked for as far as this
inline constexpr std::size_t kSnippetCharacters = 200;

/// The words of a request, each once and as it was written: what stands between blanks and holds a letter or a digit.
/// "the" and "of" are left out where there are others.
std::vector<std::string> search_words(std::string_view request);

/// The text around the first of the words, whole words of it, with "..." where it goes on; its beginning, where it has
/// none of them.
std::string snippet_of(std::string_view text, std::span<const std::string> words);

}  // namespace holdfast::memory
