#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

/// A creative brief of a fragrance: what a perfumer is asked for.
namespace holdfast::fragrance {

inline constexpr std::array<std::string_view, 4> kStyles{"fresh", "floral", "woody", "oriental"};
inline constexpr std::array<std::string_view, 4> kCategories{"EDP", "EDT", "Cologne", "Body Spray"};
/// Families of notes, roughly in the order in which a nose meets them.
inline constexpr std::array<std::string_view, 10> kNoteFamilies{
    "citrus", "green", "aquatic", "fruity", "floral", "spicy", "woody", "amber", "musky", "gourmand"};
/// What hints are given for when a style is not known.
inline constexpr std::string_view kStyleOtherwise = "fresh";

/// Notes by name: 0 is unwanted, 1 leads; what is not there is left to the perfumer.
using Notes = std::map<std::string, double, std::less<>>;
inline constexpr std::size_t kNotesMax = 40;

/// Plain values that may hold anything: whoever made a brief is not believed, see validation.hpp.
struct Brief {
  std::string style;             ///< one of kStyles
  double intensity = 0;          ///< 0 a whisper .. 1 fills a room
  double complexity = 0;         ///< 0 one note .. 1 many layers
  Notes notes_preference;        ///< a family ("citrus") or a single note ("bergamot")
  std::string product_category;  ///< one of kCategories

  friend bool operator==(const Brief&, const Brief&) = default;
};

inline bool is_style(std::string_view word) { return std::ranges::find(kStyles, word) != kStyles.end(); }
inline bool is_category(std::string_view word) { return std::ranges::find(kCategories, word) != kCategories.end(); }
inline bool is_family(std::string_view word) { return std::ranges::find(kNoteFamilies, word) != kNoteFamilies.end(); }
/// Numbers of a brief are 0..1; NaN is none of them.
inline bool is_share(double value) { return value >= 0 && value <= 1; }

/// The style that a family of notes belongs to most.
std::string_view style_of_family(std::string_view family);

}  // namespace holdfast::fragrance
