#include "core/fragrance/brief.hpp"

namespace holdfast::fragrance {

std::string_view style_of_family(std::string_view family) {
  if (family == "floral" || family == "woody") return family;
  if (family == "musky") return "floral";
  if (family == "spicy" || family == "amber" || family == "gourmand") return "oriental";
  return "fresh";
}

}  // namespace holdfast::fragrance
