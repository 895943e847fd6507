#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "app/cli/json_read.hpp"
#include "app/cli/run.hpp"
#include "app/cli/scripted_server.hpp"

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing_server::Peer;
using testing_server::Script;
using testing_server::ScriptedServer;

constexpr std::uint64_t kBytes = 2'000'000;

std::string item(const std::string& status) {
  const std::string stages = R"([{"name":"stt","title":"Transcribing","attempts":1}])";
  return R"({"id":"itm_1","status":")" + status + R"(","stage":"stt","stages":)" + stages +
         R"(,"input":{"name":"a.wav"},"error":null})";
}

std::string header_of(const std::string& head, const std::string& name) {
  const auto start = head.find(name + ": ") + name.size() + 2;
  return head.substr(start, head.find("\r\n", start) - start);
}

/// A folder with a file to send, and a program run in this process.
class Submit : public testing::Test {
 protected:
  Submit() {
    std::string pattern = (fs::temp_directory_path() / "hf-submit-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    std::ofstream{file()} << "x";
    fs::resize_file(file(), kBytes);
  }
  ~Submit() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string file() const { return folder_ + "/a b.wav"; }

  int run_words(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    Session session{.out = out_, .err = err_, .environment = {{"HOME", folder_}, {"TMPDIR", folder_}}};
    session.timeouts = {.connect = milliseconds{2'000},
                        .send = milliseconds{2'000},
                        .answer = milliseconds{2'000},
                        .receive = milliseconds{2'000}};
    session.backoff_first = milliseconds{1};
    session.input = input_;
    return run(session, words);
  }
  int submit(const ScriptedServer& server, std::vector<std::string> more) {
    std::vector<std::string> words{"submit", file(), "--server", server.url()};
    words.insert(words.end(), more.begin(), more.end());
    return run_words(words);
  }
  /// Takes the upload, remembers its head, and answers.
  Script accept(int status, const std::string& body, const std::string& headers = "") {
    return [=, this](Peer& peer) {
      heads_.push_back(peer.read_head());
      peer.discard(kBytes);
      peer.answer(status, body, headers);
    };
  }
  static Script give(const std::string& body) {
    return [=](Peer& peer) {
      peer.read_head();
      peer.answer(200, body);
    };
  }

  std::string folder_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::vector<std::string> heads_;
  int input_ = 0;
};

TEST_F(Submit, SendsFileRecipeAndKeyAndPrintsTheItemOfTheServer) {
  const ScriptedServer server{{accept(201, item("pending")), give(item("pending") + "\n")}};

  EXPECT_EQ(submit(server, {"--recipe", "introductions", "--job-id", "my key", "--json"}), 0);

  EXPECT_EQ(out_.str(), item("pending") + "\n");
  ASSERT_EQ(heads_.size(), 1U);
  EXPECT_THAT(heads_[0], HasSubstr("POST /api/v1/items?recipe=introductions&name=a%20b.wav HTTP/1.1"));
  EXPECT_EQ(header_of(heads_[0], "Idempotency-Key"), "my key");
}

TEST_F(Submit, ABrokenConnectionIsTriedAgainUnderTheSameKey) {
  const Script break_off = [this](Peer& peer) {
    heads_.push_back(peer.read_head());
    peer.discard(1000);
    peer.reset();
  };
  const ScriptedServer server{{break_off, break_off, break_off, break_off, accept(201, item("pending"))}};

  EXPECT_EQ(submit(server, {}), 0) << err_.str();

  EXPECT_EQ(out_.str(), "itm_1\n");
  ASSERT_EQ(heads_.size(), 5U);
  std::set<std::string> keys;
  for (const auto& head : heads_) keys.insert(header_of(head, "Idempotency-Key"));
  EXPECT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys.begin()->size(), 36U);
  EXPECT_THAT(err_.str(), HasSubstr("trying again (5 of 5)"));
}

TEST_F(Submit, AfterFiveTriesTheServerIsUnreachable) {
  const ScriptedServer server{{[](Peer& peer) { peer.reset(); }}};
  EXPECT_EQ(submit(server, {"--json"}), 13);
  EXPECT_EQ(server.connections(), 5U);
  EXPECT_EQ(text_at(object_at(parse_object(out_.str()), "error"), "code"), kUnreachable);
}

TEST_F(Submit, RefusalsAreNotTriedAgainAndTheirExitCodeSaysWhetherLaterHelps) {
  struct Case {
    int status;
    int code;
  };
  const Case cases[] = {{400, 1},  {413, 1},  {415, 1},  {422, 1}, {401, 12},
                        {403, 12}, {429, 14}, {503, 14}, {507, 14}};
  const std::string problem =
      R"({"code":"HF-UPL-01","detail":"Too large for us.","retryable":false,"what_to_do":"Cut it."})";
  for (const auto& [status, code] : cases) {
    const ScriptedServer server{{accept(status, problem, "Retry-After: 7\r\n")}};
    EXPECT_EQ(submit(server, {"--json", "--wait"}), code) << status;
    EXPECT_EQ(server.connections(), 1U);
    const auto answer = parse_object(out_.str());
    EXPECT_TRUE(answer.at("id").is_null());
    EXPECT_EQ(text_at(answer, "status"), "refused");
    EXPECT_EQ(text_at(object_at(answer, "error"), "code"), "HF-UPL-01");
    EXPECT_EQ(text_at(object_at(answer, "error"), "message"), "Too large for us.");
    EXPECT_THAT(text_at(object_at(answer, "error"), "what_to_do"), HasSubstr("Try again in 7 s."));
  }
}

TEST_F(Submit, ARefusalForPeopleSaysWhatToDo) {
  const ScriptedServer server{{accept(507, R"({"code":"HF-STO-02","detail":"No room."})")}};
  EXPECT_EQ(submit(server, {}), 14);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("holdfast: No room.\n  Ask the operator to make room"));
  EXPECT_THAT(err_.str(), HasSubstr("[HF-STO-02, holdfast help HF-STO-02]"));
}

TEST_F(Submit, WaitingEndsWithTheItem) {
  struct Case {
    const char* status;
    int code;
  };
  for (const auto& [status, code] : {Case{"completed", 0}, Case{"failed", 3}, Case{"cancelled", 3}}) {
    const ScriptedServer server{
        {accept(201, item("pending")), give(item("pending")), give(item("processing")), give(item(status))}};
    EXPECT_EQ(submit(server, {"--wait", "--json"}), code);
    EXPECT_EQ(out_.str(), item(status) + "\n");
    EXPECT_THAT(err_.str(), HasSubstr("Transcribing"));
  }
}

TEST_F(Submit, WaitingOutlivesARestartOfTheServer) {
  const Script gone = [](Peer& peer) { peer.reset(); };
  const Script starting = [](Peer& peer) {
    peer.read_head();
    peer.answer(503, R"({"code":"HF-SRV-02","detail":"going down"})");
  };
  const ScriptedServer server{
      {accept(201, item("pending")), give(item("processing")), gone, starting, give(item("completed"))}};

  EXPECT_EQ(submit(server, {"--wait", "--json"}), 0);

  EXPECT_THAT(err_.str(), HasSubstr("server is not answering, trying again\n"));
  EXPECT_EQ(out_.str(), item("completed") + "\n");
}

TEST_F(Submit, WaitingLongEnoughPrintsTheItemAsItIs) {
  const ScriptedServer server{{accept(201, item("pending")), give(item("processing"))}};
  EXPECT_EQ(submit(server, {"--wait", "--timeout", "300 ms", "--json"}), 4);
  EXPECT_EQ(out_.str(), item("processing") + "\n");
  EXPECT_THAT(err_.str(), HasSubstr("`holdfast watch itm_1`"));
}

TEST_F(Submit, StandardInputIsSentFromAPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "sound", 5), 5);
  close(ends[1]);
  input_ = ends[0];
  const ScriptedServer server{{[this](Peer& peer) {
    heads_.push_back(peer.read_head());
    peer.discard(5);
    peer.answer(201, item("pending"));
  }}};

  EXPECT_EQ(run_words({"submit", "-", "--name", "mic.wav", "--server", server.url()}), 0) << err_.str();
  close(ends[0]);

  EXPECT_THAT(heads_.at(0), HasSubstr("name=mic.wav"));
  EXPECT_EQ(header_of(heads_.at(0), "Content-Length"), "5");
}

TEST_F(Submit, AnswersOfStrangersAreNotTakenForItems) {
  for (const char* body : {"", "hello", "[]", "{}", R"({"id":1})", R"({"id":"itm_1"})"}) {
    const ScriptedServer server{{accept(200, body)}};
    EXPECT_EQ(submit(server, {"--json"}), 1) << body;
    EXPECT_EQ(text_at(object_at(parse_object(out_.str()), "error"), "code"), kBadAnswer);
  }
}

TEST_F(Submit, TheConfiguredAddressIsUsedUnlessAnotherIsNamed) {
  const ScriptedServer server{{give(R"({"queues":[]})")}};
  std::ofstream{folder_ + "/c.toml"} << "[server]\nlisten = \"127.0.0.1:" << server.port() << "\"\n";
  EXPECT_EQ(run_words({"status", "--config", folder_ + "/c.toml", "--json"}), 0) << out_.str();
  EXPECT_EQ(out_.str(), "{\"queues\":[]}\n");
  std::ofstream{folder_ + "/c.toml"} << "[server]\nlistne = \"\"\n";
  EXPECT_EQ(run_words({"status", "--config", folder_ + "/c.toml"}), 16);
  EXPECT_EQ(run_words({"status", "--config", folder_ + "/c.toml", "--server", server.url()}), 0);
}

TEST_F(Submit, ResultsAreWrittenWholeOrNotAtAll) {
  const ScriptedServer server{{[this](Peer& peer) {
    heads_.push_back(peer.read_head());
    peer.answer(200, "1\n00:00:00,000 --> 00:00:01,000\nHello\n");
  }}};
  const std::string path = folder_ + "/out.srt";
  EXPECT_EQ(run_words({"get", "itm_1", "--format", "srt", "-o", path, "--server", server.url()}), 0);
  EXPECT_EQ(fs::file_size(path), 38U);
  EXPECT_FALSE(fs::exists(path + ".part"));
  EXPECT_EQ(run_words({"get", "itm_1", "-o", folder_ + "/no/where", "--server", server.url()}), 1);
}

}  // namespace
}  // namespace holdfast::cli
