#include "web/multipart.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "web/shared_inputs.hpp"

namespace holdfast::web {
namespace {

struct Part {
  std::string name;
  std::optional<std::string> file_name;
  std::string content_type;
  std::string data;
  bool ended = false;
  bool operator==(const Part&) const = default;
};

class Collector final : public PartSink {
 public:
  Result<void> part_begins(const PartHead& head) override {
    parts.push_back({.name = head.name, .file_name = head.file_name, .content_type = head.content_type});
    return {};
  }
  Result<void> part_data(std::string_view bytes) override {
    parts.back().data += bytes;
    return {};
  }
  Result<void> part_ends() override {
    parts.back().ended = true;
    return {};
  }
  std::vector<Part> parts;
};

/// The parts, or nothing if the body is refused. Cut into pieces after each of `cuts`.
std::optional<std::vector<Part>> parse(std::string_view boundary, std::string_view body,
                                       const std::vector<std::size_t>& cuts = {}) {
  MultipartParser parser{boundary};
  Collector collector;
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    if (!parser.feed(body.substr(from, cut - from), collector)) return std::nullopt;
    from = cut;
  }
  if (!parser.feed(body.substr(from), collector) || !parser.finish()) return std::nullopt;
  return collector.parts;
}

std::string form(std::string_view disposition, std::string_view data, std::string_view more = "") {
  return "--b\r\nContent-Disposition: " + std::string{disposition} + "\r\n" + std::string{more} + "\r\n" +
         std::string{data} + "\r\n--b--\r\n";
}

/// The vectors' YAML is flat: a boundary, and either an error or a list of parts with one `key: value` a
/// line.
struct Vector {
  std::string boundary;
  bool error = false;
  std::vector<Part> parts;
};

std::string unquoted(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\''))
    text = text.substr(1, text.size() - 2);
  return text;
}

std::string decoded(std::string_view base64) {
  Base64Decoder decoder;
  const auto bytes = decoder.feed(base64);
  return bytes && decoder.finish() ? *bytes : "not base64";
}

Vector read_vector(const std::string& yaml) {
  Vector out;
  bool binary = false;
  std::istringstream lines{yaml};
  for (std::string line; std::getline(lines, line);) {
    const auto start = line.find_first_not_of(" -");
    if (start == std::string::npos) continue;
    if (line.find("- name:") != std::string::npos) out.parts.push_back({.ended = true});
    const std::string text = line.substr(start);
    const auto colon = text.find(": ");
    const std::string key = text.substr(0, colon);
    const std::string value = colon == std::string::npos ? "" : unquoted(text.substr(colon + 2));
    if (binary) {
      out.parts.back().data = decoded(text);
      binary = false;
    } else if (line.starts_with("boundary:")) {
      out.boundary = unquoted(line.substr(9));
    } else if (key == "error") {
      out.error = true;
    } else if (key == "name") {
      out.parts.back().name = value;
    } else if (key == "file_name") {
      out.parts.back().file_name = value;
    } else if (key == "content_type") {
      out.parts.back().content_type = value;
    } else if (key == "data") {
      binary = true;
    }
  }
  return out;
}

/// The vectors name a content type for files only.
std::optional<std::vector<Part>> comparable(std::optional<std::vector<Part>> parts) {
  if (!parts) return parts;
  for (Part& part : *parts) {
    if (!part.file_name) part.content_type.clear();
  }
  return parts;
}

std::map<std::string, Vector> vectors(std::map<std::string, std::string>& bodies) {
  std::map<std::string, Vector> out;
  const auto folder = testing::shared_folder() / "data/conformance/multipart";
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator{folder, absent}) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string name = entry.path().stem().string();
    out[name] = read_vector(testing::contents(entry.path()));
    bodies[name] = testing::contents(folder / (name + ".http"));
  }
  return out;
}

TEST(Multipart, VectorsOfOthersGiveTheSameWholeAndCutAtEveryByte) {
  std::map<std::string, std::string> bodies;
  const auto all = vectors(bodies);
  if (all.empty()) GTEST_SKIP() << "the vectors are not there; set HOLDFAST_SHARED";

  for (const auto& [name, vector] : all) {
    const std::string& body = bodies.at(name);
    const auto expected = vector.error ? std::nullopt : std::optional{vector.parts};
    EXPECT_EQ(comparable(parse(vector.boundary, body)), expected) << name;
    for (std::size_t cut = 1; cut < body.size(); ++cut) {
      EXPECT_EQ(comparable(parse(vector.boundary, body, {cut})), expected) << name << " cut at " << cut;
    }
    std::vector<std::size_t> everywhere(body.size());
    std::generate(everywhere.begin(), everywhere.end(), [i = std::size_t{0}]() mutable { return i++; });
    EXPECT_EQ(comparable(parse(vector.boundary, body, everywhere)), expected) << name << " byte by byte";
  }
  EXPECT_GE(all.size(), 14U);
}

TEST(Multipart, ReadsNamesAsBrowsersAndScriptsWriteThem) {
  const auto name_of = [](std::string_view disposition) {
    const auto parts = parse("b", form(disposition, "x"));
    return parts ? parts->at(0).file_name.value_or("(none)") : "refused";
  };
  EXPECT_EQ(name_of("form-data; name=file; filename=plain.mp4"), "plain.mp4");
  EXPECT_EQ(name_of("form-data; name=\"file\"; filename=\"a%22b.mp4\""), "a\"b.mp4") << "browser";
  EXPECT_EQ(name_of("form-data; name=\"file\"; filename=\"a\\\"b.mp4\""), "a\"b.mp4") << "curl";
  EXPECT_EQ(name_of("form-data; name=\"file\"; filename=\"C:\\dir\\a.mp4\""), "C:\\dir\\a.mp4");
  EXPECT_EQ(name_of("form-data; name=\"file\"; filename=\"a;b=c.mp4\""), "a;b=c.mp4");
  EXPECT_EQ(name_of("FORM-DATA; NAME=\"file\"; FileName=\"\""), "");
  EXPECT_EQ(name_of("form-data; name=\"file\"; filename=\"x\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.mp4"),
            "Gr\xC3\xBC\xC3\x9F"
            "e.mp4");
  EXPECT_EQ(name_of("form-data; name=\"field\""), "(none)");
}

TEST(Multipart, RefusesWhatCanBeReadInTwoWays) {
  for (const char* disposition :
       {"form-data", "attachment; name=\"a\"", "form-data; name=\"a\"; name=\"b\"", "form-data; name=\"a",
        "form-data; name=", "form-data; filename*=latin-1''x; name=a",
        "form-data; name=a; filename*=UTF-8''%zz", "form-data; name=a; filename=\"a\"; filename=b"}) {
    EXPECT_EQ(parse("b", form(disposition, "x")), std::nullopt) << disposition;
  }
  EXPECT_EQ(parse("b", form("form-data; name=a", "x", "Content-Disposition: form-data; name=b\r\n")),
            std::nullopt);
  EXPECT_EQ(parse("b", form("form-data; name=a", "x", " folded: line\r\n")), std::nullopt);
  EXPECT_EQ(parse("b", form("form-data; name=a", "x", "Bad Name: 1\r\n")), std::nullopt);
  EXPECT_EQ(parse("b", form("form-data; name=a", "x", "No-Colon\r\n")), std::nullopt);
  EXPECT_EQ(parse("b", form("form-data; name=a", "x", "Content-Transfer-Encoding: quoted-printable\r\n")),
            std::nullopt);
  EXPECT_EQ(parse("b", "--b\r\n\r\nno head\r\n--b--"), std::nullopt);
}

TEST(Multipart, RefusesABodyThatEndsEarly) {
  const std::string whole = form("form-data; name=a", "data");
  const std::size_t last_delimiter_end = whole.size() - 2;
  ASSERT_NE(parse("b", whole.substr(0, last_delimiter_end)), std::nullopt);

  for (std::size_t length = 0; length < last_delimiter_end; ++length) {
    EXPECT_EQ(parse("b", whole.substr(0, length)), std::nullopt) << length;
  }
}

TEST(Multipart, KeepsEmptyPartsAndDataThatLooksLikeADelimiter) {
  EXPECT_EQ(parse("b", form("form-data; name=a", ""))->at(0).data, "");
  EXPECT_EQ(parse("b", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--")->at(0).data, "")
      << "no line end of its own";
  for (const std::string data : {"\r\n--", "\r\n--bx", "\r\r\n--B", "\r\n", "\r\n\r\n--b-x", "\n--b--\n"}) {
    EXPECT_EQ(parse("b", form("form-data; name=a", data))->at(0).data, data);
  }
  EXPECT_EQ(parse("b", "--b \t \r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--")->at(0).data,
            "x")
      << "padding";
}

TEST(Multipart, EveryBufferHasALimit) {
  const std::string big(MultipartParser::kPartHeadMax, 'x');
  EXPECT_EQ(parse("b", form("form-data; name=a", "x", "X: " + big + "\r\n")), std::nullopt) << "part head";
  EXPECT_EQ(parse("b", std::string(9000, 'p') + "\r\n" + form("form-data; name=a", "x")), std::nullopt)
      << "preamble";
  EXPECT_EQ(parse("b", form("form-data; name=a", "x") + std::string(70'000, 'e')), std::nullopt)
      << "epilogue";

  std::string parts;
  for (std::size_t i = 0; i < MultipartParser::kPartsMax; ++i)
    parts += "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
  EXPECT_EQ(parse("b", parts + "--b--")->size(), MultipartParser::kPartsMax);
  EXPECT_EQ(parse("b", parts + "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--"),
            std::nullopt);
}

TEST(Multipart, BoundariesAreThoseOfTheStandard) {
  EXPECT_EQ(*boundary_of("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(*boundary_of("Multipart/Form-Data; charset=utf-8; boundary=\"a b\""), "a b");
  for (const std::string bad :
       {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=\"a\tb\"", "multipart/mixed; boundary=a", ""}) {
    EXPECT_FALSE(boundary_of(bad)) << bad;
  }
  EXPECT_FALSE(boundary_of("multipart/form-data; boundary=" + std::string(71, 'a')));
}

TEST(Base64Decoder, RefusesWhatIsNotBase64) {
  EXPECT_EQ(decoded("VGVzdCAxMjM="), "Test 123");
  EXPECT_EQ(decoded("QQ=="), "A");
  EXPECT_EQ(decoded("QUI=\r\n"), "AB");
  EXPECT_EQ(decoded(""), "");
  for (const char* bad : {"Q", "QQ", "QQ=", "QQ===", "Q===", "QUJD=", "QQ==QQ==", "Q Q=", "QQ-="}) {
    EXPECT_EQ(decoded(bad), "not base64") << bad;
  }
}

}  // namespace
}  // namespace holdfast::web
