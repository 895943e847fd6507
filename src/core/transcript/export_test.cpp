#include "core/transcript/export.hpp"

#include <gtest/gtest.h>

#include "core/transcript/text.hpp"

namespace holdfast {
namespace {

using transcript::Cue;

Segment said(std::int64_t start_ms, std::int64_t end_ms, std::string text) {
  return {.start_ms = start_ms, .end_ms = end_ms, .text = std::move(text), .confidence = 0.9};
}

TEST(TranscriptExport, WritesSubRip) {
  const std::vector<Segment> segments{said(0, 1500, " Hello there."), said(3'600'000, 3'661'001, "Bye.")};

  EXPECT_EQ(transcript::to_srt(segments),
            "1\n00:00:00,000 --> 00:00:01,500\nHello there.\n\n"
            "2\n01:00:00,000 --> 01:01:01,001\nBye.\n\n");
}

TEST(TranscriptExport, WritesWebVttWithItsTextEscaped) {
  const std::vector<Segment> segments{said(0, 1000, "a <b>bold</b> & --> arrow")};

  EXPECT_EQ(transcript::to_vtt(segments),
            "WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.000\na &lt;b&gt;bold&lt;/b&gt; &amp; --&gt; arrow\n\n");
}

TEST(TranscriptExport, NoArrowIsLeftInsideSubRipText) {
  const std::string srt = transcript::to_srt(std::vector<Segment>{said(0, 1000, "x --> y ---> z")});

  EXPECT_EQ(srt, "1\n00:00:00,000 --> 00:00:01,000\nx -- > y --- > z\n\n");
}

TEST(TranscriptExport, BlankLinesAndControlCharactersCannotEndACue) {
  const std::string raw = "one\r\n\r\n \n\ntwo\x01\tthree\n\n2\n00:00:09.000 --> 00:00:10.000\nforged\n\n";
  const auto cues = transcript::to_cues(std::vector<Segment>{said(0, 1000, raw)});

  ASSERT_EQ(cues.size(), 1U);
  EXPECT_EQ(cues[0].text, "one\ntwo  three\n2\n00:00:09.000 --> 00:00:10.000\nforged");
}

TEST(TranscriptExport, CuesAreOrderedAndDoNotOverlapAndNoTextIsLost) {
  const std::vector<Segment> segments{said(5000, 9000, "c"),
                                      said(0, 6000, "a"),
                                      said(-50, 100, "z"),
                                      said(5000, 5000, "d"),
                                      said(5000, 4000, "e"),
                                      said(2000, 2500, "b"),
                                      said(INT64_MAX, INT64_MIN, "late"),
                                      said(1, 2, " \n ")};
  const auto cues = transcript::to_cues(segments);

  std::string all;
  for (std::size_t i = 0; i < cues.size(); ++i) {
    EXPECT_LT(cues[i].start_ms, cues[i].end_ms) << i;
    if (i > 0) EXPECT_LE(cues[i - 1].end_ms, cues[i].start_ms) << i;
    all += cues[i].text;
  }
  EXPECT_EQ(all, "zabcdelate");
}

TEST(TranscriptExport, PlainTextHasOneSegmentALine) {
  const std::vector<Segment> segments{said(0, 1, " one "), said(1, 2, ""), said(2, 3, "two\n\nlines")};

  EXPECT_EQ(transcript::to_txt(segments, {}), "one\ntwo\nlines\n");
  EXPECT_EQ(transcript::to_text(segments), "one two\nlines");
}

TEST(TranscriptExport, PlainTextSaysWhereAPartIsMissing) {
  const std::vector<Segment> segments{said(0, 900, "one"), said(2000, 3000, "two")};
  const std::vector<Gap> gaps{{.start_ms = 1000, .end_ms = 2000, .cause = "a loop"},
                              {.start_ms = 61'000, .end_ms = 62'500, .cause = ""}};

  EXPECT_EQ(transcript::to_txt(segments, gaps),
            "one\n[Not transcribed from 00:00:01.000 to 00:00:02.000: a loop]\ntwo\n"
            "[Not transcribed from 00:01:01.000 to 00:01:02.500]\n");
  EXPECT_EQ(transcript::to_txt({}, std::span{gaps}.first(1)),
            "[Not transcribed from 00:00:01.000 to 00:00:02.000: a loop]\n");
}

TEST(TranscriptExport, JsonSaysEverything) {
  Segment segment = said(250, 1500, "He said \"hi\"\\\n");
  segment.words.push_back({.start_ms = 250, .end_ms = 700, .text = "He", .probability = 0.5});
  const std::vector<Gap> gaps{{.start_ms = 1500, .end_ms = 9000, .cause = "a \"loop\""},
                              {.start_ms = 9000, .end_ms = 10'000, .cause = ""}};
  const std::string json = transcript::to_json(std::vector<Segment>{segment},
                                               {.language = "en", .duration_ms = 11000, .gaps = gaps});

  EXPECT_EQ(
      json,
      "{\"language\":\"en\",\"duration_s\":11,\"text\":\"He said "
      "\\\"hi\\\"\\\\\",\"segments\":[{\"start_s\":0.25,"
      "\"end_s\":1.5,\"text\":\"He said \\\"hi\\\"\\\\\\n\",\"confidence\":0.9,\"words\":[{\"start_s\":0.25,"
      "\"end_s\":0.7,\"text\":\"He\",\"probability\":0.5}]}],\"gaps\":[{\"start_s\":1.5,\"end_s\":9,\"cause\":"
      "\"a \\\"loop\\\"\"},{\"start_s\":9,\"end_s\":10,\"cause\":\"\"}]}\n");
}

TEST(TranscriptExport, AnEmptyTranscriptIsStillAValidFile) {
  EXPECT_EQ(transcript::to_vtt({}), "WEBVTT\n\n");
  EXPECT_EQ(transcript::to_srt({}), "");
  EXPECT_EQ(transcript::to_json({}, {}),
            "{\"language\":null,\"duration_s\":null,\"text\":\"\",\"segments\":[],\"gaps\":[]}\n");
}

TEST(TranscriptText, BrokenUtf8BecomesReplacementCharacters) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(transcript::to_valid_utf8("Gr\xC3\xBC\xC3\x9F \xE6\x97\xA5 \xF0\x9F\x98\x80"),
            "Gr\xC3\xBC\xC3\x9F \xE6\x97\xA5 \xF0\x9F\x98\x80");
  EXPECT_EQ(transcript::to_valid_utf8("a\xFF"
                                      "b"),
            "a" + replacement + "b");
  EXPECT_EQ(transcript::to_valid_utf8("cut \xE6\x97"), "cut " + replacement + replacement);
  EXPECT_EQ(transcript::to_valid_utf8("\xC0\xAF"), replacement + replacement) << "overlong";
  EXPECT_EQ(transcript::to_valid_utf8("\xED\xA0\x80").size(), 9U) << "surrogate";
  EXPECT_EQ(transcript::to_valid_utf8("\xF4\x90\x80\x80").size(), 12U) << "beyond the last character";
}

TEST(TranscriptText, JsonStringsEscapeWhatMustBeEscaped) {
  std::string out;
  transcript::append_json_string(out, std::string_view{"\"\\/\b\0\x7F\xFF<script>", 15});

  EXPECT_EQ(out, "\"\\\"\\\\/\\u0008\\u0000\\u007f\xEF\xBF\xBD<script>\"");
}

}  // namespace
}  // namespace holdfast
