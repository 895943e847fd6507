#include "app/cli/status_view.hpp"

#include <gtest/gtest.h>

namespace holdfast::cli {
namespace {

TEST(StatusPage, SaysInWordsWhatTheServerSaysInJson) {
  EXPECT_EQ(status_page(R"({
    "queues": [{"queue": "engine", "status": "pending", "jobs": 3}, {"queue": "", "status": "completed", "jobs": 9}],
    "services": [{"name": "store", "state": "up", "response_ms": 2, "breaker": null},
                 {"name": "speech", "state": "down", "response_ms": 70, "breaker": {"state": "open"},
                  "message": "the model is away"}],
    "workers": [{"kind": "speech", "pid": 47, "state": "busy", "item": "itm_1",
                 "runs": "whisper-base-q5_1", "steps_down": 1},
                {"kind": "media", "pid": 0, "state": "idle"}],
    "memory": {"available_bytes": 8000000000, "total_bytes": 16000000000, "resident_bytes": 17000000, "work": "full",
               "uploads": "accepted"},
    "modes": [{"recipe": "fragrance", "mode": "fast", "full": false, "since": "2026-11-26T09:00:00Z",
               "away": ["mistral", "llama"]},
              {"recipe": "voicesync", "mode": "small", "full": false, "since": "2026-11-26T09:00:00Z",
               "away": [], "smaller": ["stt"]}, {"recipe": "other", "mode": "full", "full": true}],
    "cache": {"backend": "memory", "stands_in": true, "entries": 12, "bytes": 3000, "hits": 8, "misses": 2,
              "ttl_s": 7200},
    "free_bytes": 70000000000,
    "messages": ["Memory is short at the moment."],
    "alerts": [{"severity": "high", "summary": "speech does not answer; its items wait.",
                "what_to_do": "holdfast doctor names what is missing."}]})"),
            "Alerts\n"
            "  high                 speech does not answer; its items wait.\n"
            "                       holdfast doctor names what is missing.\n"
            "Messages\n"
            "  Memory is short at the moment.\n"
            "Queues\n"
            "  engine               3 pending\n"
            "  over                 9 completed\n"
            "Services\n"
            "  store                up, 2 ms\n"
            "  speech               down, 70 ms; breaker open: the model is away\n"
            "Modes\n"
            "  fragrance            fast since 2026-11-26T09:00:00Z, without mistral, llama\n"
            "  voicesync            small since 2026-11-26T09:00:00Z, with a smaller model for stt\n"
            "Workers\n"
            "  speech               busy with itm_1, pid 47, whisper-base-q5_1 because memory is short\n"
            "  media                idle\n"
            "Cache\n"
            "  answers from         memory, as redis is away\n"
            "  asked                10 times, answered 8\n"
            "  holds                12, 3.0 kB\n"
            "  new answers stay     120 min\n"
            "Memory and disk\n"
            "  available            8.0 GB of 16 GB\n"
            "  this server          17 MB\n"
            "  new work             full\n"
            "  uploads              accepted\n"
            "  disk free            70 GB\n");
}

TEST(StatusPage, WhatIsNotThereIsLeftOut) {
  EXPECT_EQ(status_page("{}"), "");
  EXPECT_EQ(status_page("no JSON"), "");
  EXPECT_EQ(status_page(R"({"services": "none", "memory": 7, "queues": [1]})"), "");
}

TEST(StatusPage, NothingASenderWroteReachesTheTerminalAsItIs) {
  EXPECT_EQ(status_page("{\"messages\": [\"a\\u001b[31mb\"]}").find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace holdfast::cli
