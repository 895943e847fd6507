#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Whether an answer that was made for one request may stand in for another. That two texts mean nearly the same is
/// found by their vectors (embedding.hpp), and vectors of opposites lie close together; this looks at what sets them
/// apart.
namespace holdfast::similar {

/// What sets two requests apart. The words are those of results and logs.
enum class Difference : std::uint8_t {
  none,
  denial,     ///< one does not want, or denies, what the other does not
  number,     ///< other numbers, or of other units
  opposite,   ///< light and heavy, day and night
  category,   ///< eau de parfum and cologne
  name,       ///< a note, a person, a name that only one of them has
  only,       ///< one wants nothing beside it
  order,      ///< the same things the other way round, where the order says something
  exchanged,  ///< the same but for a word or two that stand in for others
  too_long,   ///< too much text to be compared
};
[[nodiscard]] std::string_view to_word(Difference difference);

struct Verdict {
  Difference difference = Difference::none;
  std::string about;  ///< the word, of either request, that it was seen by; may be empty

  /// Nothing sets them apart. It does not say that they mean the same.
  [[nodiscard]] bool may_answer() const { return difference == Difference::none; }
};

/// Whether what answered `earlier` may answer `request`. Symmetric. English; of other languages it knows numbers and
/// names alone. When in doubt it says no.
[[nodiscard]] Verdict may_answer(std::string_view request, std::string_view earlier);

/// A longer text is not compared.
inline constexpr std::size_t kComparedWordsMax = 400;

}  // namespace holdfast::similar
