#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/cli/json_read.hpp"
#include "app/cli/recovery_view.hpp"
#include "app/cli/run.hpp"
#include "app/cli/scripted_server.hpp"

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing_server::Peer;
using testing_server::ScriptedServer;

/// A folder, and a program run in this process against a server that answers as the test says.
class RecoveryCommands : public testing::Test {
 protected:
  RecoveryCommands() {
    std::string pattern = (fs::temp_directory_path() / "hf-recovery-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~RecoveryCommands() override { fs::remove_all(folder_); }

  int run_words(std::vector<std::string> words, const ScriptedServer& server) {
    out_.str("");
    err_.str("");
    words.insert(words.end(), {"--server", server.url()});
    Session session{.out = out_, .err = err_, .environment = {{"HOME", folder_}, {"TMPDIR", folder_}}};
    return run(session, words);
  }

  std::string folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(RecoveryCommands, LAB_13_AFileIsExportedInPiecesAndOnlyWhole) {
  std::vector<std::string> heads;
  ScriptedServer server{{[&](Peer& peer) {
                           heads.push_back(peer.read_head());
                           peer.answer(206, "01234", "Content-Range: bytes 0-4/8\r\n");
                         },
                         [&](Peer& peer) {
                           heads.push_back(peer.read_head());
                           peer.answer(206, "567", "Content-Range: bytes 5-7/8\r\n");
                         }}};

  EXPECT_EQ(run_words({"dead-letters", "export", "itm_1", "-o", folder_ + "/f"}, server), 0) << err_.str();

  std::ifstream file{folder_ + "/f"};
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>{file}, {}}), "01234567");
  ASSERT_EQ(heads.size(), 2U);
  EXPECT_THAT(heads[0], HasSubstr("GET /api/failure-recovery/dead-letters/itm_1/file"));
  EXPECT_THAT(heads[1], HasSubstr("bytes=5-"));
}

TEST_F(RecoveryCommands, AnExportThatFailsLeavesNothing) {
  ScriptedServer server{{[](Peer& peer) {
    peer.read_head();
    peer.answer(404, R"({"code":"HF-ITM-06","detail":"There is no such item."})");
  }}};

  EXPECT_EQ(run_words({"dead-letters", "export", "itm_1", "-o", folder_ + "/f"}, server), 1);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(RecoveryCommands, FR_6_ABulkRetryNeedsAFilterOrAll) {
  std::string head;
  ScriptedServer server{{[&](Peer& peer) {
    head = peer.read_head();
    peer.answer(202, R"({"id":"rdr_1","state":"running","matched":4,"retried":0,"refused":0})");
  }}};

  EXPECT_EQ(run_words({"dead-letters", "retry"}, server), 2);
  EXPECT_EQ(head, "") << "nothing was asked";
  EXPECT_EQ(run_words({"dead-letters", "retry", "--all", "--per-minute", "5"}, server), 0) << err_.str();
  EXPECT_THAT(head, HasSubstr("POST /api/failure-recovery/dead-letters/retry "));
  EXPECT_THAT(out_.str(), HasSubstr("rdr_1  running: 0 of 4 retried"));
}

TEST_F(RecoveryCommands, ADiscardNeedsAReason) {
  ScriptedServer server{{[](Peer& peer) { peer.answer(200, "{}"); }}};
  EXPECT_EQ(run_words({"dead-letters", "discard", "itm_1"}, server), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--reason"));
}

TEST(RecoveryView, TablesAreForPeopleOrForPrograms) {
  const std::string list =
      R"({"data":[{"id":"itm_1","failed_at":"T","owner":"ana","recipe":"r","stage":"stt","error":{"code":"HF-ENG-05"},)"
      R"("input":{"name":"a\u001b[31m.wav"},"retention":{"file_until":"U"}},{"id":"itm_2"}]})";
  EXPECT_THAT(*dead_letter_table(list, false), HasSubstr("itm_1\tT\tuntil U\tana\tr\tstt\tHF-ENG-05\ta?[31m.wav\n"));
  EXPECT_THAT(*dead_letter_table(list, true), HasSubstr("itm_1  T  until U  ana  r  stt  HF-ENG-05  a?[31m.wav\n"));
  EXPECT_THAT(*dead_letter_table(list, false), HasSubstr("itm_2\t\tkept\t")) << "for good";
  EXPECT_FALSE(dead_letter_table("<html>", false).has_value());

  const std::string queues = R"({"data":[{"queue_type":"convert","pending":2,"oldest_s":90.5}]})";
  EXPECT_THAT(*queue_table(queues, true), HasSubstr("pending 2"));
  EXPECT_THAT(*queue_table(queues, true), HasSubstr("oldest 1 min 31 s"));
  EXPECT_THAT(bulk_words(R"({"matched":3,"groups":[{"count":3,"code":"HF-MED-01","title":"T"}]})"),
              HasSubstr("3 match. Nothing was changed.\n  3  HF-MED-01  T"));
}

}  // namespace
}  // namespace holdfast::cli
