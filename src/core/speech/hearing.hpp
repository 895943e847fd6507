#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// The ways in which a window is heard, one after the other until one is good (judgement.hpp).
namespace holdfast::speech {

struct Hearing {
  std::string_view name;
  double temperature = 0;        ///< where the decoder starts: warm enough to leave a loop, cool enough to stay close
  unsigned beam_size = 0;        ///< 0: as was asked for
  std::int64_t part_ms_max = 0;  ///< heard in parts no longer than this, each by itself; 0: whole
};

/// Of a recording that is transcribed.
inline constexpr std::array<Hearing, 3> kFirstHearings{{{.name = "as asked for"},
                                                        {.name = "warmer", .temperature = 0.4},
                                                        {.name = "in parts", .part_ms_max = 10'000}}};

/// Of a gap that is to be filled: none of those that have failed.
inline constexpr std::array<Hearing, 3> kFillHearings{
    {{.name = "in short parts, with more hypotheses", .beam_size = 8, .part_ms_max = 6'000},
     {.name = "in parts, warmer", .temperature = 0.2, .beam_size = 1, .part_ms_max = 8'000},
     {.name = "in short parts, warm", .temperature = 0.6, .beam_size = 5, .part_ms_max = 4'000}}};

}  // namespace holdfast::speech
