#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <regex>
#include <sstream>

#include "core/transcript/export.hpp"
#include "web/shared_inputs.hpp"

namespace holdfast {
namespace {

namespace json = boost::json;

struct ReadCue {
  double start = 0;
  double end = 0;
  std::string text;
};

std::optional<double> seconds(const std::string& stamp) {
  static const std::regex grammar{R"((?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3}))"};
  std::smatch part;
  if (!std::regex_match(stamp, part, grammar)) return std::nullopt;
  const double hours = part[1].matched ? std::stod(part[1]) : 0;
  return hours * 3600 + std::stod(part[2]) * 60 + std::stod(part[3]) + std::stod(part[4]) / 1000;
}

/// Reads a timing line; nothing: it is none. Source: W3C WebVTT, section 6.3 (collect cue timings and
/// settings).
std::optional<ReadCue> timing(const std::string& line) {
  static const std::regex grammar{R"(\s*([\d:.]+)\s*-->\s*([\d:.]+)(?:\s.*)?)"};
  std::smatch part;
  if (!std::regex_match(line, part, grammar)) return std::nullopt;
  const auto start = seconds(part[1]);
  const auto end = seconds(part[2]);
  if (!start || !end) return std::nullopt;
  return ReadCue{.start = *start, .end = *end};
}

/// A reader of our own, by the standard's parsing algorithm as far as cues go. It is itself held to samples
/// of others.
std::vector<ReadCue> read_vtt(const std::string& file) {
  std::vector<ReadCue> cues;
  std::istringstream lines{file};
  bool in_cue = false;
  for (std::string line; std::getline(lines, line);) {
    if (const bool arrow = line.find("-->") != std::string::npos; arrow) {
      const auto cue = timing(line);
      in_cue = cue.has_value();
      if (cue) cues.push_back(*cue);
    } else if (line.empty()) {
      in_cue = false;
    } else if (in_cue) {
      cues.back().text += (cues.back().text.empty() ? "" : "\n") + line;
    }
  }
  return cues;
}

TEST(WebVtt, OurReaderUnderstandsTheSamplesOfTheStandardsTests) {
  const auto folder = web::testing::shared_folder() / "data/conformance/webvtt/wpt";
  const std::string expected_text = web::testing::contents(folder / "expected.json");
  if (expected_text.empty()) GTEST_SKIP() << "the samples are not there; set HOLDFAST_SHARED";
  const json::value expected = json::parse(expected_text);

  for (const auto& [name, want] : expected.as_object()) {
    const auto cues = read_vtt(web::testing::contents(folder / std::string{name}));
    if (const auto* count = want.as_object().if_contains("cue_count")) {
      EXPECT_EQ(cues.size(), count->to_number<std::size_t>()) << name;
      continue;
    }
    const json::array& list = want.at("cues").as_array();
    ASSERT_EQ(cues.size(), list.size()) << name;
    for (std::size_t i = 0; i < list.size(); ++i) {
      EXPECT_DOUBLE_EQ(cues[i].start, list[i].at("start").to_number<double>()) << name << " " << i;
      EXPECT_DOUBLE_EQ(cues[i].end, list[i].at("end").to_number<double>()) << name << " " << i;
      EXPECT_EQ(cues[i].text, list[i].at("text").as_string()) << name << " " << i;
    }
  }
}

std::string unescaped(std::string text) {
  for (const auto& [from, to] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    text = std::regex_replace(text, std::regex{from}, to);
  }
  return text;
}

TEST(WebVtt, ThatReaderGetsEveryWordOfAHostileTranscriptBack) {
  const std::vector<std::string> said{"plain",           "00:00:00.000 --> 00:00:09.000",
                                      "a --> b",         "<script>alert(1)</script>",
                                      "NOTE not a note", "WEBVTT",
                                      "x &lt; y &",      "STYLE\n::cue { color: red }",
                                      "two\n\n3\nlines", "-->",
                                      "{\\an8}<v Ana>",  "\xE6\x97\xA5\xE6\x9C\xAC"};
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < said.size(); ++i) {
    const auto start = static_cast<std::int64_t>(i) * 1000;
    segments.push_back({.start_ms = start, .end_ms = start + 1500, .text = said[i]});
  }

  const auto cues = read_vtt(transcript::to_vtt(segments));

  ASSERT_EQ(cues.size(), said.size());
  const auto clean = transcript::to_cues(segments);
  for (std::size_t i = 0; i < said.size(); ++i) {
    EXPECT_EQ(unescaped(cues[i].text), clean[i].text);
    EXPECT_LT(cues[i].start, cues[i].end);
    if (i > 0) EXPECT_LE(cues[i - 1].end, cues[i].start);
  }
}

}  // namespace
}  // namespace holdfast
