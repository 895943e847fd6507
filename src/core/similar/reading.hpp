#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/grounding/words.hpp"
#include "core/similar/vocabulary.hpp"

/// A request as it is compared with another (likeness.hpp).
namespace holdfast::similar {

/// A word where it stands.
struct Telling {
  grounding::ComparedWord word;     ///< of a number: with its unit, "50 ml"
  std::vector<Meaning> meanings;
  bool tells = false;   ///< it says something by itself; numbers do not
  bool number = false;
  bool denied = false;  ///< it stands where something is not wanted
  bool named = false;   ///< written like a name, in the middle of a sentence

  [[nodiscard]] const Meaning* as(WordKind kind) const {
    for (const Meaning& meaning : meanings)
      if (meaning.kind == kind) return &meaning;
    return nullptr;
  }
};

struct Reading {
  std::vector<Telling> words;  ///< every one, in order
  std::multiset<std::string> numbers;
  bool denies = false;   ///< something is denied, whatever it is
  bool only = false;
  bool ordered = false;  ///< it matters what comes before what: it says so, or several numbers belong to something
  bool too_long = false;
};

[[nodiscard]] Reading read_request(std::string_view text);

}  // namespace holdfast::similar
