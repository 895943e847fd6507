#include "web/request_head.hpp"

#include <gtest/gtest.h>

namespace holdfast::web {
namespace {

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string{fields} + "\r\n";
}

TEST(RequestHead, ReadsWhatBrowsersSend) {
  const auto head = parse_head(
      "POST /api/v1/items?recipe=a%20b HTTP/1.1\r\nHost: localhost:8080\r\nAccept: a\r\nACCEPT:  b "
      "\t\r\nX-Empty:\r\n"
      "Content-Length: 12\r\n\r\n");

  ASSERT_TRUE(head) << head.error().what();
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->target, "/api/v1/items?recipe=a%20b");
  EXPECT_EQ(head->field("accept"), "a, b");
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_TRUE(head->has("x-empty"));
  EXPECT_FALSE(head->chunked);
  EXPECT_TRUE(parse_head(get("Transfer-Encoding: Chunked\r\n"))->chunked);
}

TEST(RequestHead, RefusesEveryHeadThatTwoReadersCouldUnderstandDifferently) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"two lengths", get("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {"the same length twice", get("Content-Length: 5\r\nContent-Length: 5\r\n")},
      {"a list of lengths", get("Content-Length: 5, 5\r\n")},
      {"a signed length", get("Content-Length: +5\r\n")},
      {"a negative length", get("Content-Length: -1\r\n")},
      {"a hexadecimal length", get("Content-Length: 0x10\r\n")},
      {"an empty length", get("Content-Length:\r\n")},
      {"a length beyond 64 bits", get("Content-Length: 99999999999999999999\r\n")},
      {"a length with a space in it", get("Content-Length: 1 0\r\n")},
      {"length and chunks", get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {"chunks and length", get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {"chunked twice", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"a list of encodings", get("Transfer-Encoding: gzip, chunked\r\n")},
      {"chunked, chunked", get("Transfer-Encoding: chunked, chunked\r\n")},
      {"identity", get("Transfer-Encoding: identity\r\n")},
      {"xchunked", get("Transfer-Encoding: xchunked\r\n")},
      {"quoted chunked", get("Transfer-Encoding: \"chunked\"\r\n")},
      {"a vertical tab before chunked", get("Transfer-Encoding: \vchunked\r\n")},
      {"chunks in HTTP/1.0", "GET / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"space before the colon", get("Content-Length : 5\r\n")},
      {"tab before the colon", get("Transfer-Encoding\t: chunked\r\n")},
      {"space before a name", get(" Content-Length: 5\r\n")},
      {"a folded line", get("X-A: b\r\n c\r\n")},
      {"a folded line with a tab", get("X-A: b\r\n\tc\r\n")},
      {"a bare LF", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"},
      {"a bare CR", get("X-A: b\rContent-Length: 5\r\n")},
      {"NUL in a value", get(std::string{"X-A: b\0c\r\n", 11})},
      {"NUL in a name", get(std::string{"X\0A: b\r\n", 8})},
      {"no colon", get("X-A\r\n")},
      {"no name", get(": b\r\n")},
      {"a name with a bracket", get("X<A: b\r\n")},
      {"a name beyond ASCII", get("X\xC3\xBC: b\r\n")},
      {"two hosts", get("Host: other\r\n")},
      {"no host", "GET / HTTP/1.1\r\n\r\n"},
      {"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\n"},
      {"HTTP/0.9", "GET /\r\n\r\n"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n"},
      {"lower-case http", "GET / http/1.1\r\nHost: h\r\n\r\n"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"a tab", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"space after the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"an absolute target", "GET http://other/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"an authority target", "CONNECT other:443 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"bytes beyond ASCII in the target", "GET /\xFF HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"a method with a bracket", "G<T / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"two content types", get("Content-Type: a/b\r\nContent-Type: c/d\r\n")},
      {"two keys", get("Idempotency-Key: a\r\nIdempotency-Key: b\r\n")},
      {"bytes after the end", get("") + "GET"},
      {"nothing", ""},
      {"only a line end", "\r\n"},
  };
  for (const auto& [what, text] : table) EXPECT_FALSE(parse_head(text)) << what;
}

TEST(RequestHead, LimitsAreKept) {
  std::string fields;
  for (std::size_t i = 0; i < RequestHead::kFieldsMax - 1; ++i) fields += "X" + std::to_string(i) + ": y\r\n";
  EXPECT_TRUE(parse_head(get(fields)));
  EXPECT_EQ(parse_head(get(fields + "One-More: y\r\n")).error().code(), "HF-REQ-08");

  const std::string target = "/" + std::string(RequestHead::kTargetMax - 1, 'a');
  EXPECT_TRUE(parse_head("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(parse_head("GET " + target + "a HTTP/1.1\r\nHost: h\r\n\r\n").error().code(), "HF-REQ-08");
}

TEST(RequestHead, EveryCutOfAGoodHeadIsRefused) {
  const std::string good = get("Content-Length: 5\r\nX-A: b\r\n");
  ASSERT_TRUE(parse_head(good));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(parse_head(good.substr(0, length))) << length;
}

}  // namespace
}  // namespace holdfast::web
