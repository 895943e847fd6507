#include "adapters/ffmpeg/media_pool.hpp"

#include <csignal>
#include <cstdlib>

#include "adapters/ffmpeg/media_world_test.hpp"
#include "async/offload.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

class MediaPool : public MediaWorld {};

TEST_F(MediaPool, VS_1_MakesSixteenKilohertzMonoOfARecording) {
  const fs::path video =
      made("clip.mp4", "-f lavfi -i testsrc=d=2:s=64x64 -f lavfi -i sine=d=2:r=44100 -ac 2 -shortest");

  const auto finished = convert_file(video);

  ASSERT_TRUE(finished) << finished.error().what();
  const auto body = body_of(*finished);
  EXPECT_NEAR(body.at("duration_ms").to_number<double>(), 2000, 100);
  EXPECT_EQ(body.at("codec").as_string(), "aac");
  EXPECT_EQ(body.at("sample_rate").to_number<int>(), 44'100);
  EXPECT_EQ(body.at("channels").to_number<int>(), 2);
  EXPECT_EQ(body.at("streams").to_number<int>(), 2);
  EXPECT_TRUE(body.at("warnings").as_array().empty());
  const auto sound = blobs_->open_read(finished->artifact.id);
  ASSERT_TRUE(sound);
  std::string header(44, '\0');
  ASSERT_EQ(::read(sound->get(), header.data(), header.size()), 44);
  EXPECT_EQ(header.substr(0, 4) + header.substr(8, 8), "RIFFWAVEfmt ");
  EXPECT_EQ(header.substr(20, 12), std::string("\1\0\1\0\x80\x3e\0\0\0\x7d\0\0", 12)) << "PCM, mono, 16000";
  EXPECT_EQ(header.substr(36, 4), "data");
}

TEST_F(MediaPool, TellsHowFarItIs) {
  const fs::path file = made("long.flac", "-f lavfi -i sine=d=1200:r=44100 -ac 2 -compression_level 0");
  ASSERT_TRUE(begin({.worker = WorkerKind::media, .item = ItemId{"itm_7"}, .input = stored(file)}));

  const auto first = wait(run_->next());
  const auto status = pool_->status();
  double furthest = 0;
  for (auto event = wait(run_->next()); event && std::holds_alternative<Progress>(*event);
       event = wait(run_->next())) {
    const double now = std::get<Progress>(*event).fraction;
    EXPECT_GE(now, furthest);
    furthest = now;
  }

  ASSERT_TRUE(first);
  EXPECT_EQ(std::get<Progress>(*first).fraction, 0);
  ASSERT_EQ(status.size(), 1U);
  EXPECT_EQ(status[0].item.text(), "itm_7");
  EXPECT_GT(status[0].pid, 0);
  EXPECT_GT(furthest, 0.5);
}

TEST_F(MediaPool, KillsFfmpegAndRemovesItsFolderWhenTheWorkIsDropped) {
  const fs::path file = made("long.flac", "-f lavfi -i sine=d=2400:r=44100 -ac 2 -compression_level 0");
  ASSERT_TRUE(begin({.worker = WorkerKind::media, .item = ItemId{"itm_1"}, .input = stored(file)}));
  ASSERT_TRUE(wait(run_->next()));
  const int pid = pool_->status().at(0).pid;
  ASSERT_GT(pid, 0);

  run_.reset();
  io_.restart();
  io_.run();

  EXPECT_NE(::kill(pid, 0), 0) << "reaped";
  EXPECT_EQ(pool_->status().at(0).state, "idle");
}

TEST_F(MediaPool, TellsACrashOfFfmpegFromABadFile) {
  const fs::path file = made("long.flac", "-f lavfi -i sine=d=2400:r=44100 -ac 2 -compression_level 0");
  ASSERT_TRUE(begin({.worker = WorkerKind::media, .item = ItemId{"itm_1"}, .input = stored(file)}));
  ASSERT_TRUE(wait(run_->next()));

  ::kill(pool_->status().at(0).pid, SIGSEGV);
  auto event = wait(run_->next());
  while (event && std::holds_alternative<Progress>(*event)) event = wait(run_->next());

  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code(), kWorkerDied);
  EXPECT_EQ(event.error().error_class(), ErrorClass::transient);
  EXPECT_NE(event.error().what().find("signal 11"), std::string::npos);
}

TEST_F(MediaPool, CallsAStoppedFfmpegHung) {
  const fs::path file = made("long.flac", "-f lavfi -i sine=d=2400:r=44100 -ac 2 -compression_level 0");
  WorkRequest request{.worker = WorkerKind::media, .item = ItemId{"itm_1"}, .input = stored(file)};
  request.silence_max = milliseconds{5'000};
  ASSERT_TRUE(begin(std::move(request)));
  ASSERT_TRUE(wait(run_->next()));

  ::kill(pool_->status().at(0).pid, SIGSTOP);
  auto event = wait(run_->next());
  while (event && std::holds_alternative<Progress>(*event)) event = wait(run_->next());

  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code(), kWorkerHung);
}

TEST_F(MediaPool, VS_6_FindsAWorkingFfmpegByConvertingASample) {
  const auto probed = wait(pool_->probe(WorkerKind::media));
  const auto again = wait(pool_->probe(WorkerKind::media));

  EXPECT_TRUE(probed) << probed.error().what();
  EXPECT_TRUE(again);
}

/// An FFmpeg that notes each of its runs and can be made to fail.
class CountedFfmpeg : public MediaWorld {
 protected:
  void SetUp() override {
    MediaWorld::SetUp();
    write("exec ffmpeg \"$@\"");
    config_.confine.clear();  // it writes where FFmpeg itself may not
    config_.ffmpeg = root_ / "made" / "counted";
    open_pool();
  }
  void write(const std::string& command) const {
    const fs::path fresh = root_ / "made" / "fresh";
    std::ofstream{fresh} << "#!/bin/sh\necho >> " << (root_ / "made" / "runs").string() << "\n" << command << "\n";
    fs::permissions(fresh, fs::perms::owner_all);
    fs::rename(fresh, root_ / "made" / "counted");
  }
  [[nodiscard]] std::size_t runs() const {
    std::error_code none;
    const auto bytes = fs::file_size(root_ / "made" / "runs", none);
    return none ? 0 : bytes;
  }
  Result<void> probe() { return wait(pool_->probe(WorkerKind::media)); }
};

TEST_F(CountedFfmpeg, VS_6_P8_IsNotRunAgainForAProbeThatCanKnowTheAnswer) {
  ASSERT_TRUE(probe());
  ASSERT_TRUE(probe());
  EXPECT_EQ(runs(), 1U);
}

TEST_F(CountedFfmpeg, VS_6_P8_ARecordingThatWasConvertedIsAGoodProbe) {
  ASSERT_TRUE(convert_file(made("short.wav", "-f lavfi -i sine=d=1")));
  ASSERT_TRUE(probe());
  EXPECT_EQ(runs(), 1U);
}

TEST_F(CountedFfmpeg, VS_6_IsReallyTriedAgainAfterAFailureAndAfterAChange) {
  ASSERT_TRUE(probe());
  EXPECT_FALSE(convert_file(made("short.wav", "-f lavfi -i sine=d=1").parent_path() / "counted"));
  ASSERT_TRUE(probe());
  EXPECT_EQ(runs(), 2U) << "a conversion failed, whatever the reason";

  write("exit 127");

  EXPECT_FALSE(probe()) << "seen at once";
  EXPECT_EQ(runs(), 3U);
}

TEST_F(MediaPool, VS_6_SaysWhichProgramIsMissing) {
  config_.ffprobe = "/nonexistent/ffprobe";
  open_pool();

  const auto probed = wait(pool_->probe(WorkerKind::media));
  const auto started = begin({.worker = WorkerKind::media, .input = stored_text("x")});

  for (const auto* result : {&probed, &started}) {
    ASSERT_FALSE(*result);
    EXPECT_EQ(result->error().error_class(), ErrorClass::dependency);
    EXPECT_EQ(result->error().code(), "HF-FFM-01");
    EXPECT_NE(result->error().what().find("/nonexistent/ffprobe"), std::string::npos);
  }
}

TEST_F(MediaPool, VS_6_LooksForAProgramWithoutASlashInPath) {
  const fs::path mine = root_ / "made" / "ffmpeg-of-mine";
  std::ofstream{mine} << "#!/bin/sh\n";
  fs::permissions(mine, fs::perms::owner_all);
  const std::string before = std::getenv("PATH");
  EXPECT_FALSE(ffmpeg::find_program("ffmpeg-of-mine"));

  ::setenv("PATH", (before + ":.::" + (root_ / "made").string()).c_str(), 1);
  EXPECT_EQ(ffmpeg::find_program("ffmpeg-of-mine"), mine);
  ::setenv("PATH", fs::relative(root_ / "made").c_str(), 1);
  EXPECT_FALSE(ffmpeg::find_program("ffmpeg-of-mine")) << "not where we happen to run";
  ::setenv("PATH", before.c_str(), 1);
}

TEST_F(MediaPool, VS_6_SaysThatABrokenFfmpegIsBroken) {
  const fs::path fake = root_ / "made" / "fake";
  std::ofstream{fake} << "#!/bin/sh\necho 'libavcodec.so.59: cannot open shared object file' >&2\nexit 127\n";
  fs::permissions(fake, fs::perms::owner_all);
  config_.ffmpeg = fake;
  open_pool();
  const fs::path file = made("short.wav", "-f lavfi -i sine=d=1");

  const auto probed = wait(pool_->probe(WorkerKind::media));
  const auto converted = convert_file(file);

  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().error_class(), ErrorClass::dependency);
  EXPECT_NE(probed.error().what().find("libavcodec.so.59"), std::string::npos) << probed.error().what();
  ASSERT_FALSE(converted);
  EXPECT_EQ(converted.error().error_class(), ErrorClass::dependency) << "jobs wait instead of failing";
}

TEST_F(MediaPool, TellsAFullDiskFromABadFile) {
  const fs::path fake = root_ / "made" / "fake";
  std::ofstream{fake}
      << "#!/bin/sh\necho 'av_interleaved_write_frame(): No space left on device' >&2\nexit 228\n";
  fs::permissions(fake, fs::perms::owner_all);
  config_.ffmpeg = fake;
  open_pool();

  const auto converted = convert_file(made("short.wav", "-f lavfi -i sine=d=1"));

  ASSERT_FALSE(converted);
  EXPECT_EQ(converted.error().error_class(), ErrorClass::resource);
  EXPECT_EQ(converted.error().code(), "HF-STO-02");
}

TEST_F(MediaPool, VS_6_IsNotFooledByAnFfmpegThatDoesNothing) {
  config_.ffmpeg = "/bin/true";
  open_pool();

  const auto probed = wait(pool_->probe(WorkerKind::media));

  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().code(), "HF-FFM-01");
}

TEST_F(MediaPool, SaysThatConfinementIsMissingInsteadOfGoingOnWithout) {
  config_.confine = "/nonexistent/holdfast-confine";
  open_pool();

  const auto converted = convert_file(made("short.wav", "-f lavfi -i sine=d=1"));

  EXPECT_EQ(code_of(converted), "HF-FFM-01");
}

TEST_F(MediaPool, VS_6_WorksWithoutFileConfinementOnlyWhenThatWasAccepted) {
  const fs::path fake = root_ / "made" / "confine";  // a kernel without Landlock
  std::ofstream{fake} << "#!/bin/sh\nfor word; do [ $word = --allow-unconfined-files ] && yes=1; done\n"
                         "if [ -z \"$yes\" ]; then echo 'this kernel has no Landlock' >&2; exit 125; fi\n"
                         "while [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\"\n";
  fs::permissions(fake, fs::perms::owner_all);
  config_.confine = fake;
  open_pool();
  const auto refused = wait(pool_->probe(WorkerKind::media));
  ASSERT_TRUE(wait(offload(files_, [] { return true; }))) << "its folder is gone";
  config_.allow_unconfined_files = true;
  open_pool();
  const auto accepted = wait(pool_->probe(WorkerKind::media));

  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what().find("no Landlock"), std::string::npos) << refused.error().what();
  EXPECT_TRUE(accepted) << accepted.error().what();
}

TEST_F(MediaPool, SaysNotFoundForAFileThatIsGone) {
  EXPECT_EQ(code_of(convert(BlobId{std::string(32, 'c')})), "HF-STO-03");
  EXPECT_EQ(code_of(convert(BlobId{"../../etc/passwd"})), "HF-STO-03");
}

TEST_F(MediaPool, SweepsWhatADeadProcessLeft) {
  fs::create_directories(root_ / "data" / "work" / "left");
  std::ofstream{root_ / "data" / "work" / "left" / "out.wav"} << "half";

  open_pool();

  EXPECT_TRUE(fs::is_empty(root_ / "data" / "work"));
}

TEST_F(MediaPool, FindsTheSoundBehindALargeTag) {
  const fs::path cover = made("cover.png", "-f lavfi -i mandelbrot=s=256x256 -frames:v 1");
  ASSERT_GT(fs::file_size(cover), 4096U);
  const fs::path song =
      made("song.mp3", "-f lavfi -i sine=d=2 -i cover.png -map 0 -map 1 -c:v copy -id3v2_version 3");

  const auto finished = convert_file(song);

  ASSERT_TRUE(finished) << finished.error().what();
  EXPECT_NEAR(body_of(*finished).at("duration_ms").to_number<double>(), 2000, 120);
}

TEST_F(MediaPool, VS_1_AcceptsEveryUsualContainer) {
  struct Kind {
    std::string name;
    std::string options;
  };
  const std::vector<Kind> kinds{{"a.wav", ""},
                                {"rf64.wav", "-rf64 always"},
                                {"a.w64", ""},
                                {"a.aiff", ""},
                                {"a.flac", ""},
                                {"a.mp3", ""},
                                {"noid3.mp3", "-id3v2_version 0 -write_xing 0"},
                                {"a.mp2", ""},
                                {"a.aac", ""},
                                {"a.m4a", ""},
                                {"a.mp4", ""},
                                {"a.mov", ""},
                                {"a.3gp", "-c:a aac"},
                                {"a.ogg", "-c:a libvorbis"},
                                {"a.opus", ""},
                                {"a.spx", "-c:a libspeex -ar 16000"},
                                {"a.webm", "-c:a libopus"},
                                {"a.mkv", ""},
                                {"a.wma", ""},
                                {"a.asf", ""},
                                {"a.avi", ""},
                                {"a.au", ""},
                                {"a.caf", ""},
                                {"a.flv", ""},
                                {"a.ts", ""},
                                {"a.mpg", ""},
                                {"a.ac3", ""},
                                {"a.eac3", ""},
                                {"a.wv", ""},
                                {"a.tta", ""},
                                {"a.voc", ""},
                                {"alac.m4a", "-c:a alac"},
                                {"fragmented.mp4", "-movflags frag_keyframe+empty_moov"},
                                {"gsm.wav", "-c:a libgsm_ms -ar 8000"},
                                {"a.latm", "-f latm -c:a aac"},
                                {"a.m2ts", ""}};
  for (const Kind& kind : kinds) {
    const fs::path file = made(kind.name, "-f lavfi -i sine=d=2:r=44100 " + kind.options);

    const auto finished = convert_file(file);

    ASSERT_TRUE(finished) << kind.name << ": " << finished.error().what();
    EXPECT_NEAR(body_of(*finished).at("duration_ms").to_number<double>(), 2000, 150) << kind.name;
  }
}

}  // namespace
}  // namespace holdfast
