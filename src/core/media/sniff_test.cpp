#include "core/media/sniff.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/media/mpeg_frames.hpp"

namespace holdfast::media {
namespace {

using std::string_literals::operator""s;

std::string box(const std::string& type, const std::string& content) {
  return "\0\0\0\x20"s + type + content;
}
std::string padded(std::string text) {
  text.resize(kSniffBytes, '\0');
  return text;
}
/// MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes a frame.
std::string mp3_frames(int count) {
  std::string frame = "\xff\xfb\x90\x00"s;
  frame.resize(417, '\x55');
  std::string all;
  for (int i = 0; i < count; ++i) all += frame;
  return all;
}
std::string adts_frames(int count) {
  std::string frame = "\xff\xf1\x50\x80\x0c\x9f\xfc"s;  // 100 bytes
  frame.resize(100, '\x21');
  std::string all;
  for (int i = 0; i < count; ++i) all += frame;
  return all;
}
std::string id3(std::size_t size) {
  return "ID3\x04\0\0\0\0"s + static_cast<char>(size >> 7U & 127U) + static_cast<char>(size & 127U) +
         std::string(size, '\0');
}

struct Case {
  std::string head;
  Family family;
  std::string_view demuxer;
};

TEST(Sniff, KnowsContainersByTheirFirstBytes) {
  const std::vector<Case> cases{
      {"RIFF\x24\0\0\0WAVEfmt "s, Family::audio, "wav"},
      {"RF64\xff\xff\xff\xffWAVEds64"s, Family::audio, "wav"},
      {"RIFX\0\0\0\x24WAVEfmt "s, Family::audio, "wav"},
      {"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb"s, Family::audio, "w64"},
      {"RIFF\x24\0\0\0AVI LIST"s, Family::video, "avi"},
      {"FORM\0\0\0\x24"
       "AIFFCOMM"s,
       Family::audio, "aiff"},
      {"FORM\0\0\0\x24"
       "AIFCFVER"s,
       Family::audio, "aiff"},
      {"fLaC\0\0\0\x22"s, Family::audio, "flac"},
      {"OggS\0\x02"
       "OpusHead"s,
       Family::audio, "ogg"},
      {"OggS\0\x02\x80theora"s, Family::video, "ogg"},
      {"OggS\0\x02Speex   "s, Family::audio, "ogg"},
      {"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm...V_VP9..A_OPUS"s, Family::video, "matroska"},
      {"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm...A_OPUS"s, Family::audio, "matroska"},
      {"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska"s, Family::video, "matroska"},
      {box("ftyp", "isom"), Family::video, "mov"},
      {box("ftyp", "M4A "), Family::audio, "mov"},
      {box("ftyp", "qt  "), Family::video, "mov"},
      {box("ftyp", "3gp4"), Family::video, "mov"},
      {box("ftyp", "avif"), Family::image, "mov"},
      {box("moov", "...."), Family::video, "mov"},
      {box("mdat", "...."), Family::video, "mov"},
      {box("wide", "...."), Family::video, "mov"},
      {"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9"s, Family::video, "asf"},
      {"#!AMR\n\x3c"s, Family::audio, "amr"},
      {"#!AMR-WB\n"s, Family::audio, "amr"},
      {"NIST_1A\n   1024\n"s, Family::audio, "nistsphere"},
      {".snd\0\0\0\x18"s, Family::audio, "au"},
      {"caff\0\x01\0\0"s, Family::audio, "caf"},
      {"FLV\x01\x05"s, Family::video, "flv"},
      {"\0\0\x01\xba\x44"s, Family::video, "mpeg"},
      {mp3_frames(3), Family::audio, "mp3"},
      {std::string(300, '\0') + mp3_frames(5), Family::audio, "mp3"},
      {adts_frames(4), Family::audio, "aac"},
      {id3(200) + mp3_frames(3), Family::audio, "mp3"},
      {id3(200) + adts_frames(4), Family::audio, "aac"},
      {id3(200) + "fLaC\0\0\0\x22"s, Family::audio, "flac"},
      {padded(id3(16'000)), Family::audio, "mp3"},
  };
  for (const Case& each : cases) {
    const Sniffed found = sniff(each.head);
    EXPECT_EQ(found.family, each.family) << each.head.substr(0, 16);
    EXPECT_EQ(found.demuxer, each.demuxer) << each.head.substr(0, 16);
  }
}

TEST(Sniff, KnowsTransportStreamsWithAndWithoutTimeStamps) {
  std::string plain(188 * 8, '\xff');
  for (std::size_t at = 0; at < plain.size(); at += 188) plain[at] = 0x47;
  const std::string stamped = "\0\0\0\0"s + plain;
  std::string camera(192 * 8, '\xff');
  for (std::size_t at = 4; at < camera.size(); at += 192) camera[at] = 0x47;

  EXPECT_EQ(sniff(plain).demuxer, "mpegts");
  EXPECT_EQ(sniff(camera).demuxer, "mpegts");
  EXPECT_NE(sniff(stamped).demuxer, "mpegts");
}

TEST(Sniff, NeverTakesAFileThatNamesOtherFilesForMedia) {
  const std::vector<std::string> pointing{
      "#EXTM3U\n#EXTINF:3,\n/data/files/ab/secret\n",
      "\xef\xbb\xbf#EXTM3U\n",
      "\n\n  #extm3u\n",
      "ffconcat version 1.0\nfile 'secret'\n",
      "# a comment\nfile 'secret'\n",
      "file '/etc/passwd'\n",
      "<?xml version=\"1.0\"?><MPD></MPD>",
      "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\">",
      "<playlist version=\"1\"><trackList/></playlist>",
      "<smil><body/></smil>",
      "<ASX version=\"3.0\"><ref href=\"http://127.0.0.1/\"/></ASX>",
      "[playlist]\nFile1=http://127.0.0.1/x\n",
      "[Reference]\nRef1=http://127.0.0.1/x\n",
      "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
      "v=0\nfreeform",
      "FILE \"secret.wav\" WAVE\n  TRACK 01 AUDIO\n",
      "WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n",
      "1\n00:00:00,000 --> 00:00:01,000\nhello\n",
      "[Script Info]\nTitle: x\n",
      "I'm free as text\n",
      "http://127.0.0.1/stream.mp3\n",
      "\xff\xfe#\0E\0X\0T\0M\0"s,
  };
  for (const std::string& text : pointing) {
    const Sniffed found = sniff(text);
    EXPECT_TRUE(found.family == Family::playlist || found.family == Family::text) << text;
    EXPECT_TRUE(found.demuxer.empty()) << text;
  }
}

TEST(Sniff, OpensNeitherImagesNorArchivesNorDocuments) {
  EXPECT_EQ(sniff("\x89PNG\r\n\x1a\n\0\0\0\x0d"s).family, Family::image);
  EXPECT_EQ(sniff("\xff\xd8\xff\xe0\0\x10JFIF"s).family, Family::image);
  EXPECT_EQ(sniff("RIFF\x24\0\0\0WEBPVP8 "s).family, Family::image);
  EXPECT_EQ(sniff("PK\x03\x04").family, Family::archive);
  EXPECT_EQ(sniff("%PDF-1.7\n").family, Family::document);
  for (const std::string& head : {"\x89PNG\r\n\x1a\n"s, "PK\x03\x04"s, "%PDF-1.7\n"s})
    EXPECT_TRUE(sniff(head).demuxer.empty());
}

TEST(Sniff, KnowsNothingOfEmptyZeroOrRandomBytes) {
  std::string noise;
  std::uint64_t state = 88'172'645'463'325'252ULL;
  for (std::size_t i = 0; i < kSniffBytes; ++i) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    noise += static_cast<char>(state & 0xffU);
  }
  for (const std::string& head : {""s, std::string(kSniffBytes, '\0'), noise}) {
    EXPECT_EQ(sniff(head).family, Family::unknown);
    EXPECT_TRUE(sniff(head).demuxer.empty());
  }
}

TEST(Sniff, LooksOnlyAtWhatMarksItsEnd) {
  for (std::size_t size = 0; size < 40; ++size) {
    (void)sniff("RIFF\x24\0\0\0WAVEfmt "s.substr(0, size));
    (void)sniff("ID3\x04\0\0\0\0\x02\x01"s.substr(0, size));
    (void)sniff(mp3_frames(1).substr(0, size));
  }
  EXPECT_EQ(id3v2_bytes("ID3"), 0U);
  EXPECT_EQ(id3v2_bytes(id3(300)), 310U);
}

}  // namespace
}  // namespace holdfast::media
