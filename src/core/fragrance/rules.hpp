#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/fragrance/brief.hpp"

namespace holdfast::fragrance {

/// What a request in words says of a brief. English; what other languages say is assumed.
struct Reading {
  Brief brief;                               ///< always one that can be used
  std::map<std::string, std::string> found;  ///< field -> the words that decide it: "style" -> "woody, cedar"
  std::vector<std::string> assumed;          ///< fields of which nothing was said
  std::vector<std::string> remarks;          ///< what was said and could not be taken
  std::set<std::string> stated;              ///< fields that the text says outright; a guess from a season is none
  std::set<std::string> exact;               ///< of these, the numbers that it gives as such
  Notes named;                               ///< notes and families that it names: 0 is unwanted
  std::vector<std::string> styles_named;
  std::set<std::string> styles_unwanted;
};

/// A brief by rules: what is left when no model can be asked (FG_3). The same text gives the same brief.
/// Its reliability is low: words are counted, not understood.
Reading brief_from_rules(std::string_view text);

/// A model's brief with what the text says outright put in its place. What was changed is said in `remarks`.
Brief held_to(Brief by_model, const Reading& said, std::vector<std::string>& remarks);

}  // namespace holdfast::fragrance
