#include <gtest/gtest.h>

#include "web/file_name.hpp"
#include "web/header_value.hpp"
#include "web/item_list.hpp"
#include "web/range.hpp"
#include "web/response.hpp"
#include "web/security.hpp"
#include "web/upload_form.hpp"
#include "web/uri.hpp"

namespace holdfast::web {
namespace {

TEST(Uri, TakesATargetApart) {
  const auto target = parse_target("/api/v1/items/a%2Fb?limit=5&q=a+b%26c&empty=&flag");

  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "v1", "items", "a/b"}));
  EXPECT_EQ(target->query_value("limit"), "5");
  EXPECT_EQ(target->query_value("q"), "a b&c");
  EXPECT_EQ(target->query_value("absent"), "");
  EXPECT_TRUE(parse_target("/")->segments.empty());
  EXPECT_EQ(parse_target("/a/")->segments, (std::vector<std::string>{"a", ""}));
  EXPECT_EQ(parse_target("//a")->segments, (std::vector<std::string>{"", "a"}));
}

TEST(Uri, RefusesBadEncodingAndParametersThatStandTwice) {
  for (const char* bad : {"/%", "/%4", "/%zz", "/a%00b", "/?a=%", "/?a=1&a=2", "/?%00"})
    EXPECT_FALSE(parse_target(bad)) << bad;
  std::string many = "/?";
  for (int i = 0; i < 65; ++i) many += "p" + std::to_string(i) + "=1&";
  EXPECT_FALSE(parse_target(many));
}

TEST(Uri, EncodingIsUndoneByDecoding) {
  std::string all;
  for (int code = 1; code < 256; ++code) all += static_cast<char>(code);
  EXPECT_EQ(*percent_decode(percent_encode(all), true), all);
}

TEST(Range, KnowsWhatIsInsideAndWhatMayBeIgnored) {
  const auto range = [](std::string_view header) {
    const auto parsed = parse_range(header, 100);
    if (!parsed) return std::string{"416"};
    if (!*parsed) return std::string{"all"};
    return std::to_string((*parsed)->first) + "+" + std::to_string((*parsed)->count);
  };
  EXPECT_EQ(range("bytes=0-0"), "0+1");
  EXPECT_EQ(range("bytes=10-19"), "10+10");
  EXPECT_EQ(range("Bytes=90-"), "90+10");
  EXPECT_EQ(range("bytes=-10"), "90+10");
  EXPECT_EQ(range("bytes=-1000"), "0+100");
  EXPECT_EQ(range("bytes=50-1000"), "50+50");
  EXPECT_EQ(range("bytes=99-18446744073709551615"), "99+1");
  EXPECT_EQ(range("bytes=0-99999999999999999999999"), "0+100");
  for (const char* outside : {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=18446744073709551616-"})
    EXPECT_EQ(range(outside), "416") << outside;
  for (const char* ignored : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,5-6",
                              "items=0-1", "bytes=1--2", "bytes=+1-2"}) {
    EXPECT_EQ(range(ignored), "all") << ignored;
  }
  EXPECT_FALSE(parse_range("bytes=0-", 0)) << "an empty file has no first byte";
  EXPECT_FALSE(parse_range("bytes=-5", 0));
}

TEST(FileName, KeepsNothingThatCouldBeAPathOrFoolAReader) {
  EXPECT_EQ(clean_file_name("ana.mp4"), "ana.mp4");
  EXPECT_EQ(clean_file_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(clean_file_name("C:\\Users\\ana\\a b.mp4"), "a b.mp4");
  EXPECT_EQ(clean_file_name("a\r\nb\x01.mp4"), "ab.mp4");
  EXPECT_EQ(clean_file_name("photo\xE2\x80\xAEgpj.exe"), "photogpj.exe");
  EXPECT_EQ(clean_file_name(""), "upload");
  EXPECT_EQ(clean_file_name("dir/"), "upload");
  EXPECT_EQ(clean_file_name("\xFF.mp4"), "\xEF\xBF\xBD.mp4");
  EXPECT_EQ(clean_file_name("<img src=x onerror=alert(1)>"), "<img src=x onerror=alert(1)>")
      << "data, shown as text";

  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\xC3\xBC";
  EXPECT_EQ(clean_file_name(umlauts).size(), 254U) << "cut between characters";
}

TEST(FileName, DownloadsAreAttachmentsUnderAnyName) {
  EXPECT_EQ(attachment("ana.mp4"), "attachment; filename=\"ana.mp4\"");
  EXPECT_EQ(attachment("a\"b%.mp4"), "attachment; filename=\"a_b_.mp4\"; filename*=UTF-8''a%22b%25.mp4");
  EXPECT_EQ(attachment("Gr\xC3\xBC\xC3\x9F.mp4"),
            "attachment; filename=\"Gr____.mp4\"; filename*=UTF-8''Gr%C3%BC%C3%9F.mp4");
  EXPECT_EQ(attachment("x\r\nSet-Cookie: a=b"), "attachment; filename=\"xSet-Cookie: a=b\"");
}

TEST(Response, NoValueCanStartANewHeaderLine) {
  const Response response = Response{}.with("X-A", "b\r\nSet-Cookie: c=d").with("X-B", "fine");
  const std::string head = to_head(response, {});

  EXPECT_EQ(head.find("Set-Cookie"), std::string::npos);
  EXPECT_NE(head.find("X-B: fine\r\n"), std::string::npos);
}

TEST(Response, DatesAreThoseOfHttp) {
  EXPECT_EQ(to_http_date(WallTime{milliseconds{1'795'321'147'250}}), "Sun, 22 Nov 2026 04:19:07 GMT");
}

TEST(HeaderValue, ListsAreSplitOutsideQuotationMarks) {
  EXPECT_EQ(list_elements(" a , \"b,c\" ,, d"), (std::vector<std::string_view>{"a", "\"b,c\"", "d"}));
}

RequestHead request(std::string method, std::string host, std::string origin = "", std::string site = "") {
  RequestHead head{.method = std::move(method)};
  head.fields = {{"host", std::move(host)}};
  if (!origin.empty()) head.fields.emplace_back("origin", std::move(origin));
  if (!site.empty()) head.fields.emplace_back("sec-fetch-site", std::move(site));
  return head;
}

TEST(Security, OnALoopbackAddressOnlyItsOwnNamesAreAnsweredFor) {
  const Site site{.loopback_only = true, .port = 8080, .public_url = "https://class.example/hold"};
  for (const char* host :
       {"localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:8080", "class.example"}) {
    EXPECT_TRUE(check_site(request("GET", host), site)) << host;
  }
  for (const char* host :
       {"localhost", "localhost:80", "evil.example", "evil.example:8080", "127.0.0.1.evil.example:8080",
        "127.1:8080", "localhost:8080.evil.example", "class.example:8080", "0.0.0.0:8080"}) {
    EXPECT_EQ(check_site(request("GET", host), site).error().code(), "HF-REQ-07") << host;
  }
  EXPECT_TRUE(check_site(request("GET", "anything"), {.loopback_only = false, .port = 8080}));
  EXPECT_TRUE(check_site(request("GET", "localhost"), {.loopback_only = true, .port = 80}));
}

TEST(Security, PagesOfOtherSitesCannotChangeAnything) {
  const Site site{.loopback_only = true, .port = 8080, .public_url = "https://class.example"};
  const char* host = "localhost:8080";
  EXPECT_TRUE(check_site(request("POST", host), site)) << "curl sends no Origin";
  EXPECT_TRUE(check_site(request("POST", host, "http://localhost:8080", "same-origin"), site));
  EXPECT_TRUE(check_site(request("POST", host, "https://class.example"), site));
  EXPECT_TRUE(check_site(request("GET", host, "http://evil.example"), site))
      << "reading is up to the browser";
  for (const char* origin : {"null", "http://evil.example", "http://localhost", "http://localhost:8081",
                             "localhost:8080", "https://class.example.evil", "http://127.0.0.1:8080"}) {
    EXPECT_EQ(check_site(request("POST", host, origin), site).error().code(), "HF-AUT-02") << origin;
  }
  EXPECT_EQ(check_site(request("DELETE", host, "", "cross-site"), site).error().code(), "HF-AUT-02");
}

TEST(UploadForm, ChecksWhatTheFieldsMayHold) {
  UploadForm form;
  EXPECT_TRUE(form.take_field("recipe", "introductions"));
  EXPECT_TRUE(form.take_field("priority", "0"));
  EXPECT_TRUE(form.take_field("job_id", "class 4b/\xC3\xA4"));
  EXPECT_TRUE(form.take_field("unknown", "\x01"));
  EXPECT_TRUE(form.take_field("mode", ""));
  EXPECT_EQ(form.form.priority, 0);
  EXPECT_FALSE(form.take_field("job_id", "another")) << "two different keys";
  EXPECT_FALSE(form.take_field("recipe", "../x"));
  EXPECT_FALSE(form.take_field("priority", "10"));
  EXPECT_FALSE(form.take_field("priority", "-1"));
  EXPECT_FALSE(parse_job_key(""));
  EXPECT_FALSE(parse_job_key("a\nb"));
  EXPECT_FALSE(parse_job_key("\xFF"));
  EXPECT_FALSE(parse_job_key(std::string(201, 'a')));
  EXPECT_EQ(*parse_job_key("\"8e03978e\""), "8e03978e");
}

TEST(ItemList, CursorsBelongToTheirFilters) {
  const auto query = [](std::string_view target) { return parse_list_query(*parse_target(target), std::nullopt); };
  const std::string cursor = to_cursor(*query("/?status=failed"), ItemId{"itm_1"});

  EXPECT_EQ(query("/?status=failed&cursor=" + cursor)->before, ItemId{"itm_1"});
  EXPECT_FALSE(query("/?status=pending&cursor=" + cursor));
  EXPECT_FALSE(query("/?cursor=" + cursor));
  EXPECT_FALSE(query("/?cursor=abc"));
  EXPECT_EQ(query("/?limit=200")->limit, 200U);
  for (const char* bad : {"/?limit=0", "/?limit=201", "/?limit=-1", "/?limit=x", "/?status=done"})
    EXPECT_FALSE(query(bad)) << bad;
}

}  // namespace
}  // namespace holdfast::web
