#include "app/cli/client.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "app/cli/problem.hpp"
#include "app/cli/scripted_server.hpp"

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing_server::Peer;
using testing_server::ScriptedServer;

constexpr Timeouts kQuick{.connect = milliseconds{2'000},
                          .send = milliseconds{300},
                          .answer = milliseconds{300},
                          .receive = milliseconds{300}};
constexpr std::uint64_t kLarge = 256U << 20U;

/// A file of zeros that takes no room.
class SparseFile {
 public:
  explicit SparseFile(std::uint64_t bytes) {
    std::string pattern = (fs::temp_directory_path() / "hf-client-XXXXXX").string();
    close(mkstemp(pattern.data()));
    path_ = pattern;
    fs::resize_file(path_, bytes);
  }
  ~SparseFile() { fs::remove(path_); }
  SparseFile(const SparseFile&) = delete;
  SparseFile& operator=(const SparseFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<Response> get(const ScriptedServer& server, const Timeouts& timeouts = {}) {
  return exchange(*parse_address(server.url()), {.method = "GET", .target = "/x"}, timeouts);
}

Result<Response> upload(const ScriptedServer& server, const Source& source, const Timeouts& timeouts = {}) {
  Request request{.method = "POST", .target = "/x"};
  request.upload = &source;
  return exchange(*parse_address(server.url()), request, timeouts);
}

/// Most memory that this process ever had, in KiB.
long peak_memory() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  }
  return 0;
}

TEST(Address, IsTakenApart) {
  struct Case {
    const char* url;
    const char* host;
    const char* port;
    const char* prefix;
  };
  const Case cases[] = {{"http://127.0.0.1:8642", "127.0.0.1", "8642", ""},
                        {"http://[::1]:80/", "::1", "80", ""},
                        {"http://[::1]", "::1", "80", ""},
                        {"http://host/holdfast/", "host", "80", "/holdfast"}};
  for (const auto& [url, host, port, prefix] : cases) {
    const auto address = parse_address(url);
    ASSERT_TRUE(address) << url;
    EXPECT_EQ(address->host, host);
    EXPECT_EQ(address->port, port);
    EXPECT_EQ(address->prefix, prefix);
  }
  for (const char* url : {"", "127.0.0.1:1", "https://x", "http://", "http://:1", "http://h:x",
                          "http://h:123456", "http://h/ b", "http://u@h", "http://h/\r\nX: y"}) {
    EXPECT_FALSE(parse_address(url)) << url;
  }
}

TEST(PercentEncode, LeavesOnlyPlainLetters) { EXPECT_EQ(percent_encode("a b/ü&\n"), "a%20b%2F%C3%BC%26%0A"); }

TEST(Client, ReadsAnswersOfEveryFraming) {
  const char* answers[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Word: one\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Word: one\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX-Word: one\r\n\r\nhello",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-word: one\r\n\r\nhello",
  };
  for (const char* text : answers) {
    const ScriptedServer server{{[text](Peer& peer) {
      peer.read_head();
      for (const char* at = text; *at != '\0'; ++at) peer.send({at, 1});  // in as many pieces as there can be
    }}};
    const auto response = get(server);
    ASSERT_TRUE(response) << text << response.error().what();
    EXPECT_EQ(response->status, 200U);
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(response->header("x-word"), "one");
  }
}

TEST(Client, SendsTheWholeFileAndSaysHowFarItIs) {
  const SparseFile file{3'000'000};
  const auto source = Source::open_file(file.path());
  std::string head;
  bool whole = false;
  std::uint64_t told = 0;
  {
    const ScriptedServer server{{[&](Peer& peer) {
      head = peer.read_head();
      whole = peer.discard(3'000'000);
      peer.answer(201, "{}");
    }}};
    Request request{.method = "POST", .target = "/items?a=b"};
    request.headers.emplace_back("Idempotency-Key", "k");
    request.upload = &*source;
    request.on_sent = [&](std::uint64_t sent) { told = sent; };
    const auto response = exchange(*parse_address(server.url()), request, {});
    ASSERT_TRUE(response) << response.error().what();
    EXPECT_EQ(response->status, 201U);
  }
  EXPECT_TRUE(whole);
  EXPECT_EQ(told, 3'000'000U);
  EXPECT_THAT(head, HasSubstr("POST /items?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Length: 3000000\r\n"));
  EXPECT_THAT(head, HasSubstr("Idempotency-Key: k\r\n"));
}

TEST(Client, MemoryStaysFlatHoweverLargeTheFile) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "a sanitizer keeps freed memory, so that its peak says nothing";
#endif
  const SparseFile file{kLarge};
  const auto source = Source::open_file(file.path());
  const ScriptedServer server{{[](Peer& peer) {
    peer.read_head();
    peer.discard(kLarge);
    peer.answer(201, "{}");
  }}};
  const long before = peak_memory();

  const auto response = upload(server, *source);

  ASSERT_TRUE(response) << response.error().what();
  EXPECT_LT(peak_memory() - before, 16 * 1024);
}

TEST(Client, AnEarlyRefusalIsReadThoughTheServerClosesAtOnce) {
  const SparseFile file{kLarge};
  const auto source = Source::open_file(file.path());
  const ScriptedServer server{{[](Peer& peer) {
    peer.read_head();
    peer.discard(1'000'000);
    peer.answer(413, "too large");
  }}};
  for (int round = 0; round < 20; ++round) {
    const auto response = upload(server, *source);
    ASSERT_TRUE(response) << response.error().what();
    EXPECT_EQ(response->status, 413U);
    EXPECT_EQ(response->body, "too large");
  }
}

TEST(Client, AnEarlyRefusalEndsTheSendingThoughTheServerStaysOpen) {
  const SparseFile file{kLarge};
  const auto source = Source::open_file(file.path());
  const ScriptedServer server{{[](Peer& peer) {
    peer.read_head();
    peer.answer(507, "full");
    peer.read_to_end();
  }}};
  const auto response = upload(server, *source);
  ASSERT_TRUE(response) << response.error().what();
  EXPECT_EQ(response->status, 507U);
}

TEST(Client, EveryBreakIsTransientAndSaysSo) {
  const SparseFile file{kLarge};
  const auto source = Source::open_file(file.path());
  const testing_server::Script breaks[] = {
      [](Peer& peer) { peer.reset(); },  // at once
      [](Peer& peer) {
        peer.read_head();
        peer.discard(1'000'000);
        peer.reset();
      },  // in mid-upload
      [](Peer& peer) {
        peer.read_head();
        peer.discard(kLarge);
      },  // before the answer
      [](Peer& peer) {
        peer.read_head();
        peer.discard(kLarge);
        peer.send("HTTP/1.1 201 Cre");
      },  // in its head
      [](Peer& peer) {
        peer.read_head();
        peer.discard(kLarge);
        peer.send("HTTP/1.1 201 C\r\nContent-Length: 9\r\n\r\nhalf");
      },
  };
  for (const auto& script : breaks) {
    const ScriptedServer server{{script}};
    const auto response = upload(server, *source);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), kUnreachable);
    EXPECT_EQ(response.error().error_class(), ErrorClass::transient);
  }
}

TEST(Client, AServerThatIsTooSlowIsGivenUp) {
  const SparseFile file{kLarge};
  const auto source = Source::open_file(file.path());
  const testing_server::Script slow[] = {
      [](Peer& peer) {
        peer.read_head();
        peer.read_to_end();
      },  // never answers
      [](Peer& peer) {
        peer.read_head();
        peer.discard(kLarge);
        peer.send("HTTP/1.1 200 OK\r\n");
        peer.read_to_end();
      },
  };
  for (const auto& script : slow) {
    const ScriptedServer server{{script}};
    const auto response = upload(server, *source, kQuick);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), kUnreachable);
    EXPECT_THAT(response.error().what(), HasSubstr("did not answer in time"));
  }
}

TEST(Client, AServerThatTakesNothingIsGivenUp) {
  const SparseFile file{kLarge};
  const auto source = Source::open_file(file.path());
  std::promise<void> done;
  auto waiting = done.get_future().share();
  const ScriptedServer server{{[waiting](Peer& peer) {
    peer.read_head();
    waiting.wait();
  }}};

  const auto response = upload(server, *source, kQuick);
  done.set_value();

  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().what(), HasSubstr("takes no bytes"));
}

TEST(Client, WhatIsNotHttpOrTooLongIsNotUnderstood) {
  const std::string answers[] = {"SSH-2.0-OpenSSH\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"};
  for (const auto& text : answers) {
    const ScriptedServer server{{[&](Peer& peer) {
      peer.read_head();
      peer.send(text);
      peer.read_to_end();
    }}};
    const auto response = get(server);
    ASSERT_FALSE(response) << text.substr(0, 40);
    EXPECT_EQ(response.error().code(), kBadAnswer);
  }
}

TEST(Client, NobodyThereIsUnreachable) {
  const Address address{.host = "127.0.0.1", .port = "1", .prefix = {}};
  const auto response = exchange(address, {.method = "GET", .target = "/"}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(to_problem(response.error()).exit, Exit::unreachable);
}

TEST(Source, AFileThatBecomesShorterIsNotSentAsIfWhole) {
  const SparseFile file{1'000'000};
  const auto source = Source::open_file(file.path());
  fs::resize_file(file.path(), 10);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->read(0)->size(), 10U);
  EXPECT_THAT(source->read(10).error().what(), HasSubstr("became shorter"));
}

TEST(Source, APipeCanBeReadTwice) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "words", 5), 5);
  close(ends[1]);

  const auto source = Source::take_stream(ends[0], fs::temp_directory_path().string());
  close(ends[0]);

  ASSERT_TRUE(source) << source.error().what();
  EXPECT_EQ(source->size(), 5U);
  EXPECT_EQ(*source->read(0), "words");
  EXPECT_EQ(*source->read(0), "words");
  EXPECT_EQ(*source->read(5), "");
}

TEST(Source, WhatIsNotThereOrAFolderIsRefused) {
  for (const char* path : {"/nowhere/at/all", "/tmp"}) {
    const auto source = Source::open_file(path);
    ASSERT_FALSE(source) << path;
    EXPECT_EQ(source.error().code(), kLocalFile);
  }
}

}  // namespace
}  // namespace holdfast::cli
