#include "core/media/sniff.hpp"

#include <algorithm>
#include <array>

#include "core/media/mpeg_frames.hpp"
#include "core/media/text_kind.hpp"

namespace holdfast::media {
namespace {

using std::string_view_literals::operator""sv;

struct Mark {
  std::string_view bytes;  ///< at the very start
  Sniffed is;
};

constexpr Sniffed audio(std::string_view type, std::string_view demuxer) {
  return {Family::audio, type, demuxer};
}
constexpr Sniffed video(std::string_view type, std::string_view demuxer) {
  return {Family::video, type, demuxer};
}
constexpr Sniffed image(std::string_view type) { return {Family::image, type, {}}; }
constexpr Sniffed archive(std::string_view type) { return {Family::archive, type, {}}; }
constexpr Sniffed document(std::string_view type) { return {Family::document, type, {}}; }

constexpr auto kMarks = std::to_array<Mark>({
    {"fLaC"sv, audio("audio/flac", "flac")},
    {"#!AMR"sv, audio("audio/amr", "amr")},
    {"NIST_1A\n"sv, audio("audio/x-nist", "nistsphere")},
    {".snd"sv, audio("audio/basic", "au")},
    {"caff"sv, audio("audio/x-caf", "caf")},
    {"wvpk"sv, audio("audio/x-wavpack", "wv")},
    {"MAC "sv, audio("audio/x-ape", "ape")},
    {"TTA1"sv, audio("audio/x-tta", "tta")},
    {"MPCK"sv, audio("audio/x-musepack", "mpc8")},
    {"MP+"sv, audio("audio/x-musepack", "mpc")},
    {"Creative Voice File\x1a"sv, audio("audio/x-voc", "voc")},
    {"\x7f\xfe\x80\x01"sv, audio("audio/vnd.dts", "dts")},
    {"riff\x2e\x91\xcf\x11"sv, audio("audio/x-w64", "w64")},
    {"\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, video("video/x-ms-asf", "asf")},
    {"FLV\x01"sv, video("video/x-flv", "flv")},
    {"\x00\x00\x01\xba"sv, video("video/mpeg", "mpeg")},
    {"\x89PNG\r\n\x1a\n"sv, image("image/png")},
    {"\xff\xd8\xff"sv, image("image/jpeg")},
    {"GIF8"sv, image("image/gif")},
    {"BM"sv, image("image/bmp")},
    {"II*\x00"sv, image("image/tiff")},
    {"MM\x00*"sv, image("image/tiff")},
    {"\xff\x0a"sv, image("image/jxl")},
    {"PK\x03\x04"sv, archive("application/zip")},
    {"PK\x05\x06"sv, archive("application/zip")},
    {"\x1f\x8b"sv, archive("application/gzip")},
    {"BZh"sv, archive("application/x-bzip2")},
    {"\xfd"
     "7zXZ\x00"sv,
     archive("application/x-xz")},
    {"\x28\xb5\x2f\xfd"sv, archive("application/zstd")},
    {"7z\xbc\xaf\x27\x1c"sv, archive("application/x-7z-compressed")},
    {"Rar!\x1a\x07"sv, archive("application/vnd.rar")},
    {"%PDF-"sv, document("application/pdf")},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, document("application/x-ole-storage")},
    {"{\\rtf"sv, document("application/rtf")},
    {"\x7f"
     "ELF"sv,
     document("application/x-executable")},
});

std::string_view part(std::string_view head, std::size_t at, std::size_t size) {
  return at < head.size() ? head.substr(at, size) : std::string_view{};
}
bool has(std::string_view head, std::string_view what) { return head.find(what) != std::string_view::npos; }

/// RIFF, RIFX (most significant byte first), RF64 and BW64 (over 4 GiB), and what is inside. Source: EBU Tech
/// 3306.
Sniffed sniff_riff(std::string_view head) {
  const std::string_view kind = part(head, 0, 4);
  if (kind != "RIFF" && kind != "RIFX" && kind != "RF64" && kind != "BW64") return {};
  const std::string_view form = part(head, 8, 4);
  if (form == "WAVE") return audio("audio/wav", "wav");
  if (form == "AVI ") return video("video/x-msvideo", "avi");
  if (form == "WEBP") return image("image/webp");
  return {};
}

Sniffed sniff_form(std::string_view head) {
  if (!head.starts_with("FORM")) return {};
  const std::string_view form = part(head, 8, 4);
  if (form == "AIFF" || form == "AIFC") return audio("audio/aiff", "aiff");
  return {};
}

/// Source: RFC 3533, RFC 5334.
Sniffed sniff_ogg(std::string_view head) {
  if (!head.starts_with("OggS")) return {};
  const bool moving = has(head, "\x80theora"sv) || has(head, "\x01video"sv);
  return moving ? video("video/ogg", "ogg") : audio("audio/ogg", "ogg");
}

/// Source: RFC 8794 and RFC 9559 (codec names begin with V_ and A_).
Sniffed sniff_matroska(std::string_view head) {
  if (!head.starts_with("\x1a\x45\xdf\xa3"sv)) return {};
  const bool webm = has(head.substr(0, 64), "webm");
  if (!webm && !has(head.substr(0, 64), "matroska")) return {};
  const bool sound_only = has(head, "A_") && !has(head, "V_");
  if (sound_only) return audio(webm ? "audio/webm" : "audio/matroska", "matroska");
  return video(webm ? "video/webm" : "video/matroska", "matroska");
}

struct Brand {
  std::string_view name;
  Sniffed is;
};
/// Source: ISO 14496-12; the registered brands at mp4ra.org. Still pictures are kept in the same boxes as
/// films.
constexpr auto kBrands = std::to_array<Brand>({
    {"M4A ", audio("audio/mp4", "mov")},
    {"M4B ", audio("audio/mp4", "mov")},
    {"F4A ", audio("audio/mp4", "mov")},
    {"qt  ", video("video/quicktime", "mov")},
    {"3gp", video("video/3gpp", "mov")},
    {"3g2", video("video/3gpp2", "mov")},
    {"avif", {Family::image, "image/avif", "mov"}},
    {"avis", {Family::image, "image/avif", "mov"}},
    {"heic", {Family::image, "image/heic", "mov"}},
    {"heix", {Family::image, "image/heic", "mov"}},
    {"mif1", {Family::image, "image/heif", "mov"}},
    {"msf1", {Family::image, "image/heif", "mov"}},
});

Sniffed sniff_boxes(std::string_view head) {
  const std::string_view type = part(head, 4, 4);
  if (type == "ftyp") {
    const std::string_view brand = part(head, 8, 4);
    for (const Brand& known : kBrands) {
      if (brand.starts_with(known.name)) return known.is;
    }
    return video("video/mp4", "mov");
  }
  // QuickTime before there were brands, and pieces of streams that were cut.
  for (const std::string_view first :
       {"moov"sv, "mdat"sv, "wide"sv, "free"sv, "skip"sv, "pnot"sv, "moof"sv, "styp"sv, "sidx"sv}) {
    if (type == first) return video("video/quicktime", "mov");
  }
  return {};
}

Sniffed sniff_mark(std::string_view head) {
  const auto* const found =
      std::ranges::find_if(kMarks, [head](const Mark& mark) { return head.starts_with(mark.bytes); });
  return found == kMarks.end() ? Sniffed{} : found->is;
}

Sniffed sniff_stream(std::string_view head) {
  if (is_transport_stream(head)) return video("video/mp2t", "mpegts");
  const std::string_view demuxer = find_audio_frames(head);
  if (demuxer == "aac" || demuxer == "loas") return audio("audio/aac", demuxer);
  if (demuxer == "ac3" || demuxer == "eac3") return audio("audio/ac3", demuxer);
  if (demuxer == "mp3") return audio("audio/mpeg", demuxer);
  return {};
}

Sniffed sniff_untagged(std::string_view head) {
  using Look = Sniffed (*)(std::string_view);
  for (const Look look : {sniff_mark, sniff_riff, sniff_form, sniff_ogg, sniff_matroska, sniff_text,
                          sniff_boxes, sniff_stream}) {
    if (const Sniffed found = look(head); found.family != Family::unknown) return found;
  }
  return {};
}

}  // namespace

/// An ID3 tag is put before sound of several kinds; where it hides them, MP3 is the usual one.
Sniffed sniff(std::string_view head) {
  head = head.substr(0, kSniffBytes);
  const std::size_t tag = id3v2_bytes(head);
  if (tag == 0) return sniff_untagged(head);
  const Sniffed behind = tag < head.size() ? sniff_untagged(head.substr(tag)) : Sniffed{};
  return behind.family == Family::audio ? behind : audio("audio/mpeg", "mp3");
}

}  // namespace holdfast::media
