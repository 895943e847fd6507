#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace holdfast::speech {

/// Why a part of a recording has no text: the whole list.
enum class Cause : std::uint8_t {
  failed,    ///< the engine gave an error for it
  unheard,   ///< somebody speaks there, and no words or hardly any came
  unsure,    ///< the words that came were guesses
  loop,      ///< the same words over and over
  invented,  ///< what came were no words of a speaker: notes, sounds, words beside the speech
};

/// In the words that people read.
constexpr std::string_view words_for(Cause cause) {
  switch (cause) {
    case Cause::failed: return "the speech engine failed here";
    case Cause::unheard: return "somebody speaks, and no words were made out";
    case Cause::unsure: return "the words were only guessed";
    case Cause::loop: return "the same words again and again";
    case Cause::invented: return "nothing that was heard there was said";
  }
  std::unreachable();
}

inline constexpr std::array<Cause, 5> kCauses{Cause::failed, Cause::unheard, Cause::unsure, Cause::loop,
                                              Cause::invented};

}  // namespace holdfast::speech
