#include "worker/transcriber.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "worker/energy_detector.hpp"
#include "worker/speech_test_kit.hpp"

namespace holdfast::worker {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::IsEmpty;
using testing::SizeIs;

/// Hears one word for each half second of sound, named after its loudness and length; says what it is told
/// to.
class ScriptedEngine final : public SpeechEngine {
 public:
  [[nodiscard]] std::string name() const override { return "scripted"; }
  [[nodiscard]] bool speaks(const std::string& language) const override {
    return language == "en" || language == "de";
  }
  Result<LanguageGuess> detect_language(std::span<const float> pcm) override {
    languages_asked.push_back(pcm.size());
    return LanguageGuess{"de", 0.75};
  }
  Result<HeardWindow> transcribe(std::span<const float> pcm, HearOptions options) override {
    heard.push_back(pcm.size());
    temperatures.push_back(options.temperature);
    beams.push_back(options.beam_size);
    if (!options.going_on()) return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
    if (fails(pcm)) return fail(fails_as, fails_as == ErrorClass::resource ? "HF-ENG-04" : "HF-ENG-01", "broken");
    HeardWindow window{.no_speech_probability = no_speech, .log_probability_mean = log_probability};
    const auto length_ms = static_cast<std::int64_t>(pcm.size()) * 1'000 / kSpeechRate;
    window.tokens.push_back({.is_mark = true, .time_ms = 0});
    const std::int64_t reach = stop_after_ms > 0 ? std::min(length_ms, stop_after_ms) : length_ms;
    for (std::int64_t at = 0; at + 500 <= reach; at += 500) {
      const bool is_loop = loops > 0;
      window.tokens.push_back({.bytes = is_loop ? " again" : " w" + std::to_string(at + length_ms * 100'000),
                               .probability = 1,
                               .time_ms = at});
    }
    window.tokens.push_back({.is_mark = true, .time_ms = reach});
    if (loops > 0) --loops;
    return window;
  }

  /// The known sound is a second long, and nothing else here is.
  [[nodiscard]] bool fails(std::span<const float> pcm) {
    const bool known = pcm.size() == static_cast<std::size_t>(kSpeechRate);
    if (known) return fails_at_known;
    if (failures == 0) return false;
    --failures;
    return true;
  }

  ErrorClass fails_as = ErrorClass::transient;
  int failures = 0;             ///< so many answers are errors
  bool fails_at_known = false;  ///< and that of the known sound
  std::vector<unsigned> beams;
  std::vector<std::size_t> heard;
  std::vector<double> temperatures;
  std::vector<std::size_t> languages_asked;
  double no_speech = 0;
  double log_probability = -0.2;
  std::int64_t stop_after_ms = 0;  ///< the decoder gives up here
  int loops = 0;                   ///< so many answers are loops
};

class Listener final : public TranscriptListener {
 public:
  bool on_window(const WindowDone& window) override {
    windows.push_back(window);
    return windows.size() < windows_wanted;
  }
  bool on_progress(double fraction) override {
    progress.push_back(fraction);
    return true;
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& window : windows) {
      for (const Segment& segment : window.segments) out += segment.text + "|";
    }
    return out;
  }
  [[nodiscard]] std::vector<std::string> gaps() const {
    std::vector<std::string> out;
    for (const auto& window : windows) {
      for (const Gap& gap : window.gaps)
        out.push_back(std::to_string(gap.start_ms) + ".." + std::to_string(gap.end_ms) + " " + gap.cause);
    }
    return out;
  }
  std::vector<WindowDone> windows;
  std::vector<double> progress;
  std::size_t windows_wanted = 1'000;
};

/// Talk in parts of three and a half seconds with a second between.
std::vector<std::int16_t> talk(double length_s) {
  std::vector<kit::Loud> loud;
  for (double at = 1; at + 4 < length_s; at += 4.5) loud.push_back({at, at + 3.5});
  return kit::recording(length_s, loud);
}

class TranscriberTest : public testing::Test {
 protected:
  Result<SpeechReport> run(const std::vector<std::int16_t>& samples, SpeechRequest request = {}) {
    listener = {};
    listener.windows_wanted = windows_wanted;
    const auto wav = WavFile::open(kit::file_of(kit::wav_bytes(samples)));
    return Transcriber{engine, detector}.transcribe(*wav, std::move(request), listener);
  }
  ScriptedEngine engine;
  EnergyDetector detector;
  Listener listener;
  std::size_t windows_wanted = 1'000;
};

TEST_F(TranscriberTest, S5_HearsNothingInSilence) {
  const auto report = run(std::vector<std::int16_t>(160'000, 3));

  ASSERT_TRUE(report);
  EXPECT_EQ(report->speech_ms, 0);
  EXPECT_EQ(report->duration_ms, 10'000);
  EXPECT_EQ(report->language, "");
  EXPECT_TRUE(listener.windows.empty());
  EXPECT_THAT(engine.heard, IsEmpty());
}

TEST_F(TranscriberTest, TellsEachWindowOnceAndEndsAtOrBeforeTheEnd) {
  const auto report = run(talk(100));

  ASSERT_TRUE(report);
  EXPECT_EQ(report->language, "de");
  EXPECT_DOUBLE_EQ(report->language_probability, 0.75);
  EXPECT_THAT(engine.languages_asked, SizeIs(1));
  EXPECT_EQ(listener.windows.size(), 4U);
  std::int64_t position = 0;
  for (const WindowDone& window : listener.windows) {
    EXPECT_THAT(window.segments, Not(IsEmpty()));
    EXPECT_GE(window.segments.front().start_ms, position);
    EXPECT_LE(window.segments.back().end_ms, window.position_ms);
    position = window.position_ms;
  }
  EXPECT_LE(position, 100'000);
}

TEST_F(TranscriberTest, S4_FromAWindowsEndOnGivesWhatAWholeRunGives) {
  const auto samples = talk(1'300);  // longer than two blocks of voice detection
  const auto whole_report = run(samples);
  const Listener whole = listener;
  ASSERT_GT(whole.windows.size(), 42U);

  for (const std::size_t cut : {std::size_t{0}, std::size_t{20}, std::size_t{22}, std::size_t{41}}) {
    const auto report = run(samples, {.from_ms = whole.windows[cut].position_ms});

    ASSERT_TRUE(report);
    EXPECT_EQ(report->language, whole_report->language);
    std::string rest;
    for (std::size_t i = cut + 1; i < whole.windows.size(); ++i) {
      for (const Segment& segment : whole.windows[i].segments) rest += segment.text + "|";
    }
    EXPECT_EQ(listener.text(), rest) << "from window " << cut;
    EXPECT_EQ(listener.windows.back().position_ms, whole.windows.back().position_ms);
  }
}

TEST_F(TranscriberTest, KeepsToTheLanguageThatIsAskedFor) {
  EXPECT_EQ(run(talk(10), {.language = "en"})->language, "en");
  EXPECT_THAT(engine.languages_asked, IsEmpty());
  EXPECT_EQ(run(talk(10), {.language = "tlh"}).error().code(), "HF-CFG-01");
}

TEST_F(TranscriberTest, S5_DropsWhatTheModelItselfTakesForNoSpeech) {
  engine.no_speech = 0.9;
  engine.log_probability = -1.5;

  ASSERT_TRUE(run(talk(10)));

  EXPECT_EQ(listener.text(), "");
}

TEST_F(TranscriberTest, TriesALoopOnceMoreWarmer) {
  engine.loops = 1;

  const auto report = run(talk(20));

  EXPECT_THAT(engine.temperatures, ElementsAre(0, 0.4));
  ASSERT_TRUE(report);
  EXPECT_THAT(listener.gaps(), IsEmpty());
  EXPECT_NE(listener.text(), "");
}

TEST_F(TranscriberTest, CutsALoopThatStaysAndReportsTheGap) {
  engine.loops = 1'000;

  ASSERT_TRUE(run(talk(20)));

  EXPECT_EQ(listener.text(), "again|");
  ASSERT_THAT(listener.windows[0].gaps, SizeIs(1));
  const Gap& gap = listener.windows[0].gaps[0];
  EXPECT_THAT(gap.end_ms - gap.start_ms, Gt(10'000));
  EXPECT_LE(gap.end_ms, listener.windows[0].position_ms);
}

TEST_F(TranscriberTest, HearsALoopInPartsWhereItStaysWarm) {
  engine.loops = 2;

  ASSERT_TRUE(run(talk(20)));

  EXPECT_GT(engine.heard.size(), 3U);
  EXPECT_THAT(listener.gaps(), IsEmpty());
  EXPECT_THAT(listener.text(), Not(testing::HasSubstr("again")));
}

TEST_F(TranscriberTest, AWindowThatTheEngineFailsAtIsHeardInOtherWays) {
  engine.failures = 1;

  ASSERT_TRUE(run(talk(20)));

  EXPECT_THAT(engine.temperatures, ElementsAre(0, 0.4));
  EXPECT_THAT(listener.gaps(), IsEmpty());
  EXPECT_NE(listener.text(), "");
}

TEST_F(TranscriberTest, OneWindowThatFailsInAllWaysIsAGapAndTheOthersAreTranscribed) {
  const auto samples = talk(100);
  ASSERT_TRUE(run(samples));
  const Listener whole = listener;
  engine.failures = 2 + 4;  // whole, warmer, and its four parts

  ASSERT_TRUE(run(samples));

  ASSERT_EQ(listener.windows.size(), whole.windows.size());
  EXPECT_THAT(listener.windows[0].segments, IsEmpty());
  ASSERT_THAT(listener.gaps(), SizeIs(1));
  EXPECT_THAT(listener.gaps()[0], testing::EndsWith("the speech engine failed here"));
  for (std::size_t i = 1; i < whole.windows.size(); ++i)
    EXPECT_EQ(listener.windows[i].segments[0].text, whole.windows[i].segments[0].text);
}

TEST_F(TranscriberTest, AnEngineThatFailsAtAllFirstWindowsHasFailed) {
  engine.failures = 1'000'000;

  const auto report = run(talk(1'000));

  EXPECT_EQ(report.error().code(), "HF-ENG-01");
  EXPECT_TRUE(listener.windows.empty()) << "nothing is told of what may be tried again";
  EXPECT_LT(engine.heard.size(), 40U) << "and it does not take as long as the recording";
}

TEST_F(TranscriberTest, AnEngineThatBreaksInTheMiddleFailsTheRestOfTheRun) {
  const auto samples = talk(100);
  ASSERT_TRUE(run(samples));
  const auto second = listener.windows[0].position_ms;
  engine.failures = 1'000;
  engine.fails_at_known = true;

  const auto report = run(samples, {.from_ms = second});

  EXPECT_EQ(report.error().code(), "HF-ENG-01");
  EXPECT_TRUE(listener.windows.empty());
}

TEST_F(TranscriberTest, S4_AWindowThatFailsGivesTheSameGapWhereverTheRunBegan) {
  const auto samples = talk(100);
  ASSERT_TRUE(run(samples));
  const auto second = listener.windows[0].position_ms;
  engine.failures = 1'000;

  ASSERT_TRUE(run(samples, {.from_ms = second}));

  EXPECT_THAT(listener.gaps(), SizeIs(3)) << "the engine works, as the known sound shows";
}

TEST_F(TranscriberTest, MemoryThatRunsOutIsNoMatterOfTheWindow) {
  engine.failures = 1;
  engine.fails_as = ErrorClass::resource;

  EXPECT_EQ(run(talk(20)).error().code(), "HF-ENG-04");
  EXPECT_THAT(engine.heard, SizeIs(1));
}

/// Hears loud sound as voices.
class VoiceDetectorByLoudness final : public VoiceDetector {
 public:
  [[nodiscard]] std::size_t frame_samples() const override { return inner_.frame_samples(); }
  Result<void> hear(std::span<const float> pcm) override { return inner_.hear(pcm); }
  std::vector<float> take() override { return inner_.take(); }

 private:
  EnergyDetector inner_;
};

class FillTest : public TranscriberTest {
 protected:
  Result<SpeechReport> fill(std::vector<speech::Region> spans) {
    listener = {};
    const auto wav = WavFile::open(kit::file_of(kit::wav_bytes(talk(100))));
    return Transcriber{engine, voices}.transcribe(*wav, {.language = "en", .spans = std::move(spans)}, listener);
  }
  VoiceDetectorByLoudness voices;
};

TEST_F(FillTest, HearsTheSpansAloneAndInOtherWays) {
  const auto report = fill({{10'000, 18'000}, {50'000, 55'000}});

  ASSERT_TRUE(report) << report.error().what();
  EXPECT_TRUE(listener.windows.empty());
  ASSERT_THAT(report->spans, SizeIs(2));
  EXPECT_LE(std::accumulate(engine.heard.begin(), engine.heard.end(), std::size_t{0}), 13U * 16'000U);
  for (const SpanHeard& heard : report->spans) {
    ASSERT_THAT(heard.segments, Not(IsEmpty()));
    EXPECT_GE(heard.segments.front().start_ms, heard.span.start_ms);
    EXPECT_LE(heard.segments.back().end_ms, heard.span.end_ms);
    EXPECT_THAT(heard.gaps, IsEmpty());
  }
  EXPECT_THAT(engine.beams, testing::Each(8U));
}

TEST_F(FillTest, ALoopThatStaysBringsNoText) {
  engine.loops = 1'000;

  const auto report = fill({{10'000, 18'000}});

  ASSERT_TRUE(report);
  EXPECT_THAT(report->spans.at(0).segments, IsEmpty());
}

TEST_F(FillTest, WhatCannotBeHeardInAnyWayStaysAGap) {
  engine.no_speech = 0.9;
  engine.log_probability = -1.5;

  const auto report = fill({{10'000, 18'000}});

  ASSERT_TRUE(report);
  EXPECT_THAT(report->spans.at(0).segments, IsEmpty());
  EXPECT_THAT(report->spans.at(0).gaps, SizeIs(1));
  EXPECT_THAT(engine.temperatures, testing::Contains(0.6));
}

TEST_F(FillTest, SpeechThatTheEngineFindsNothingInIsAGapInEveryTranscript) {
  engine.no_speech = 0.9;
  engine.log_probability = -1.5;
  const auto wav = WavFile::open(kit::file_of(kit::wav_bytes(talk(20))));

  ASSERT_TRUE((Transcriber{engine, voices}.transcribe(*wav, {}, listener)));

  EXPECT_EQ(listener.text(), "");
  ASSERT_THAT(listener.gaps(), SizeIs(1));
  EXPECT_THAT(listener.gaps()[0], testing::EndsWith("somebody speaks, and no words were made out"));
}

TEST_F(TranscriberTest, S4_AKilledRunAndItsResumptionTellTheGapsOfAWholeRun) {
  engine.loops = 1'000;
  const auto samples = talk(150);
  ASSERT_TRUE(run(samples));
  const Listener whole = listener;
  ASSERT_GT(whole.windows.size(), 3U);
  ASSERT_THAT(whole.gaps(), SizeIs(whole.windows.size())) << "each window loses something";

  for (std::size_t kept = 1; kept < whole.windows.size(); ++kept) {
    windows_wanted = kept;
    ASSERT_FALSE(run(samples)) << "it ends in the middle";
    const Listener killed = listener;
    windows_wanted = 1'000;
    ASSERT_TRUE(run(samples, {.from_ms = killed.windows.back().position_ms}));

    std::vector<std::string> both = killed.gaps();
    std::ranges::copy(listener.gaps(), std::back_inserter(both));
    EXPECT_EQ(both, whole.gaps()) << "killed after window " << kept;
    EXPECT_EQ(killed.text() + listener.text(), whole.text()) << "killed after window " << kept;
  }
}

TEST_F(TranscriberTest, HearsTheRestAgainWhereTheDecoderStoppedEarly) {
  engine.stop_after_ms = 8'000;

  ASSERT_TRUE(run(kit::recording(22, {{1, 6}, {6.5, 12}, {12.5, 20}})));

  EXPECT_THAT(engine.heard, SizeIs(3));
  EXPECT_GE(listener.windows[0].segments.back().end_ms, 19'000);
}

TEST_F(TranscriberTest, FillsAVeryShortSoundUpWithSilence) {
  ASSERT_TRUE(run(kit::recording(0.3, {{0.05, 0.28}}), {.language = "en"}));

  EXPECT_THAT(engine.heard, ElementsAre(8'000));
}

TEST_F(TranscriberTest, StopsWhenNobodyWantsTheRest) {
  windows_wanted = 1;

  EXPECT_EQ(run(talk(100)).error().error_class(), ErrorClass::canceled);
  EXPECT_THAT(engine.heard, SizeIs(1));
}

TEST_F(TranscriberTest, LeavesWordsOutWhenTheirTimesAreNotWanted) {
  ASSERT_TRUE(run(talk(10), {.word_times = false}));

  EXPECT_THAT(listener.windows[0].segments[0].words, IsEmpty());
  EXPECT_NE(listener.text(), "");
}

}  // namespace
}  // namespace holdfast::worker
