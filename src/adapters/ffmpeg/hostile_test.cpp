#include "adapters/ffmpeg/media_world_test.hpp"

// Files made to reach what is not theirs, or to cost more than they may.
namespace holdfast {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Another user's recording, a folder beside the blobs, and a listener: none of them may be touched.
class Hostile : public MediaWorld {
 protected:
  void SetUp() override {
    MediaWorld::SetUp();
    secret_ = made("secret.mp3", "-f lavfi -i sine=d=3");
    other_blob_ = *blobs_->path_of(stored(secret_));
    segment_ = made("seg2.ts", "-f lavfi -i sine=d=3");
  }
  /// Nothing comes of it, and nobody was asked.
  void expect_refused(const std::string& text, const std::string& what) {
    const auto finished = convert(stored_text(text));
    ASSERT_FALSE(finished) << what << ": " << finished->body;
    EXPECT_EQ(finished.error().error_class(), ErrorClass::permanent) << what;
    EXPECT_FALSE(canary_.touched()) << what;
  }
  fs::path secret_;
  fs::path other_blob_;
  fs::path segment_;
  Canary canary_;
};

std::string playlist(const std::string& target) {
  return "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:3,\n" + target +
         "\n#EXT-X-ENDLIST\n";
}
std::string dash(const std::string& target) {
  return "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
         "type=\"static\"><Period><AdaptationSet>"
         "<Representation id=\"a\" bandwidth=\"1\"><BaseURL>" +
         target + "</BaseURL></Representation></AdaptationSet></Period></MPD>";
}

TEST_F(Hostile, RefusesEveryFileThatNamesAnother) {
  const std::string secret = secret_.string();
  const std::string web = "http://" + canary_.address();
  const std::vector<std::pair<std::string, std::string>> cases{
      {"HLS, absolute path", playlist(secret)},
      {"HLS, another user's blob", playlist(other_blob_.string())},
      {"HLS, file address of a segment", playlist("file://" + segment_.string())},
      {"HLS, /etc/passwd", playlist("/etc/passwd")},
      {"HLS, http", playlist(web + "/x")},
      {"HLS, http segment", playlist(web + "/x.ts")},
      {"HLS behind an empty line", "\n" + playlist(secret)},
      {"concat, relative sibling", "ffconcat version 1.0\nfile " + other_blob_.filename().string() + "\n"},
      {"concat, absolute", "ffconcat version 1.0\nfile '" + secret + "'\n"},
      {"concat, http", "ffconcat version 1.0\nfile '" + web + "/x.mp3'\n"},
      {"concat without its first line", "file '" + secret + "'\n"},
      {"DASH, http", dash(web + "/x.mp4")},
      {"DASH, file", dash("file://" + secret)},
      {"SDP", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"},
      {"XSPF", "<?xml version=\"1.0\"?><playlist version=\"1\"><trackList><track><location>" + web +
                   "</location></track></trackList></playlist>"},
      {"ASX", "<asx version=\"3.0\"><entry><ref href=\"" + web + "/x\"/></entry></asx>"},
      {"PLS", "[playlist]\nFile1=" + web + "/x\nNumberOfEntries=1\n"},
      {"cue sheet", "FILE \"" + secret + "\" MP3\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n"},
      {"ASX in ASF's own words", "[Reference]\nRef1=" + web + "/x.asf\n"},
      {"subtitle", "[Script Info]\nTitle: x\n"},
      {"FFmpeg's own filter input", "sine=d=3"},
      {"image sequence", "%03d.png"},
  };
  for (const auto& [what, text] : cases) expect_refused(text, what);
}

// Where a mark of a real container precedes the playlist, one demuxer is all that may look at it.
TEST_F(Hostile, RefusesAPlaylistBehindAMediaMark) {
  for (const std::string& mark :
       {std::string{"ID3\x04\0\0\0\0\0\0", 10}, std::string{"RIFF\xff\xff\0\0WAVE", 12}, std::string{"OggS"},
        std::string{"\0\0\0\x18"
                    "ftypmp42",
                    12},
        std::string{"fLaC"}, std::string{"FLV\x01"}}) {
    expect_refused(mark + playlist(secret_.string()), mark);
    expect_refused(mark + "\n" + playlist("http://" + canary_.address() + "/x.ts"), mark);
  }
}

/// AMR has no frames that could be wrong: any bytes are some sound. They are not the other file's.
TEST_F(Hostile, HearsOnlyNoiseInAPlaylistBehindTheMarkOfAmr) {
  const auto finished = convert(stored_text("#!AMR\n" + playlist(secret_.string())));

  ASSERT_TRUE(finished) << finished.error().what();
  EXPECT_LT(body_of(*finished).at("duration_ms").to_number<int>(), 1000) << "the secret lasts three seconds";
}

/// The chain of 2017: a playlist as a GAB2 subtitle inside an AVI.
TEST_F(Hostile, TakesOnlyTheSoundOfAnAviWithAPlaylistInItsSubtitle) {
  const fs::path avi = made("plain.avi", "-f lavfi -i sine=d=1 -f lavfi -i testsrc=d=1:s=64x64");
  std::string bytes = read_file(avi);
  const std::string list = playlist("http://" + canary_.address() + "/x.ts");
  bytes += "02sb" + std::string{"\xff\0\0\0", 4} + "GAB2" + std::string(13, '\0') + list;

  const auto finished = convert(stored_text(bytes));

  EXPECT_TRUE(finished) << finished.error().what();
  EXPECT_FALSE(canary_.touched());
}

/// A film whose sound lies in another file, by reference.
TEST_F(Hostile, DoesNotFollowReferencesOfAMovie) {
  const fs::path movie = made("ref.mov", "-f lavfi -i sine=d=3 -c:a pcm_s16le");
  std::string bytes = read_file(movie);
  const auto self_contained =
      bytes.find(std::string{"dref\0\0\0\0\0\0\0\1\0\0\0\x0c"
                             "url \0\0\0\1",
                             24});
  ASSERT_NE(self_contained, std::string::npos);
  bytes[self_contained + 23] = '\0';  // says: the data is elsewhere

  (void)convert(stored_text(bytes));

  EXPECT_FALSE(canary_.touched());
}

// Measured elsewhere: 7.8 MB of FLAC unpack to 16.6 GB. Here the same ratio, small enough for a test.
TEST_F(Hostile, StopsAnAudioBombBeforeDecodingIt) {
  const fs::path bomb = made("bomb.flac", "-f lavfi -i anullsrc=r=48000:cl=7.1 -t 1200");
  config_.limits.unpacked_bytes_max = 500'000'000;  // it is 922 MB
  open_pool();

  EXPECT_EQ(code_of(convert_file(bomb)), "HF-MED-07");
}

TEST_F(Hostile, StopsAnAudioBombThatLiesAboutItsLengthAtTheOutputLimit) {
  const fs::path bomb = made("bomb.mp3", "-f lavfi -i anullsrc=r=48000 -t 1200 -b:a 32k");
  config_.limits.duration_ms_max = 60'000;
  open_pool();
  std::string bytes = read_file(bomb);
  bytes.erase(0, bytes.find("Info") + 120);  // without the frame that tells the length

  const auto finished = convert(stored_text(bytes));

  EXPECT_EQ(code_of(finished), "HF-MED-04");
}

TEST_F(Hostile, RefusesWhatIsLongerThanTheLimitAndTakesWhatIsNot) {
  config_.limits.duration_ms_max = 10'000;
  open_pool();

  EXPECT_EQ(code_of(convert_file(made("over.flac", "-f lavfi -i sine=d=10.2"))), "HF-MED-04");
  EXPECT_EQ(code_of(convert_file(made("under.flac", "-f lavfi -i sine=d=10"))), "");
}

TEST_F(Hostile, OpensNoPicture) {
  const fs::path bomb = made("bomb.png", "-f lavfi -i color=black:s=12000x12000 -frames:v 1");

  EXPECT_EQ(code_of(convert_file(bomb)), "HF-MED-03");
}

TEST_F(Hostile, LimitsThePixelsOfACoverPicture) {
  made("cover.png", "-f lavfi -i color=black:s=12000x12000 -frames:v 1");
  const fs::path song =
      made("song.mp3", "-f lavfi -i sine=d=2 -i cover.png -map 0 -map 1 -c:v copy -id3v2_version 3");
  config_.memory_bytes = 256U << 20U;  // the picture would need 600 MB
  open_pool();

  const auto finished = convert_file(song);

  EXPECT_TRUE(finished) << finished.error().what();
}

TEST_F(Hostile, RefusesMoreStreamsThanAnyRecordingHas) {
  std::string maps;
  for (int i = 0; i < 70; ++i) maps += " -map 0:a";
  const fs::path seventy = made("seventy.mka", "-f lavfi -i sine=d=0.1 -c:a pcm_s16le" + maps);
  std::string more;
  for (int i = 0; i < 400; ++i) more += " -map 0:a";
  const fs::path many = made("many.mka", "-f lavfi -i sine=d=0.1 -c:a pcm_s16le" + more);

  EXPECT_EQ(code_of(convert_file(seventy)), "HF-MED-06");
  EXPECT_EQ(code_of(convert_file(many)), "HF-MED-06");
}

TEST_F(Hostile, BearsThousandsOfChaptersAndHugeTags) {
  const fs::path file = root_ / "made" / "chapters.txt";
  std::ofstream out{file};
  out << ";FFMETADATA1\ntitle=" << std::string(100'000, 't') << "\n";
  for (int i = 0; i < 3000; ++i) {
    out << "[CHAPTER]\nTIMEBASE=1/1000\nSTART=" << i << "\nEND=" << i + 1
        << "\ntitle=" << std::string(200, 'c') << "\n";
  }
  out.close();
  const fs::path book =
      made("book.m4a", "-f lavfi -i sine=d=4 -i chapters.txt -map_metadata 1 -map_chapters 1");

  const auto finished = convert_file(book);

  ASSERT_TRUE(finished) << finished.error().what();
  EXPECT_LT(finished->body.size(), 1000U);
}

TEST_F(Hostile, AcceptsHoursOfSilence) {
  const fs::path silence = made("silence.flac", "-f lavfi -i anullsrc=r=16000:cl=mono -t 7200");

  const auto finished = convert_file(silence);

  ASSERT_TRUE(finished) << finished.error().what();
  EXPECT_EQ(body_of(*finished).at("duration_ms").to_number<std::int64_t>(), 7'200'000);
  EXPECT_EQ(finished->artifact.bytes, 7'200ULL * 32'000 + 44);
}

/// Any damage to bytes is the file's fault: it is taken or refused for good, and the server does not notice.
TEST_F(Hostile, SettlesEveryDamagedFile) {
  std::uint64_t state = 88'172'645'463'325'252ULL;
  const auto roll = [&state](std::uint64_t below) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return state % below;
  };
  for (const std::string& name : {"d.mp4", "d.mkv", "d.ogg", "d.mp3", "d.wav", "d.flac", "d.avi", "d.ts"}) {
    const std::string whole = read_file(made(name, "-f lavfi -i sine=d=1"));
    for (int round = 0; round < 6; ++round) {
      std::string bytes = whole;
      for (int i = 0; i < 20; ++i)
        bytes[roll(round < 3 ? std::min<std::size_t>(bytes.size(), 600) : bytes.size())] =
            static_cast<char>(roll(256));
      const auto finished = convert(stored_text(bytes));
      if (finished) continue;
      EXPECT_TRUE(finished.error().error_class() == ErrorClass::permanent ||
                  finished.error().code() == kWorkerDied)
          << name << " round " << round << ": " << finished.error().what();
    }
  }
}

}  // namespace
}  // namespace holdfast
