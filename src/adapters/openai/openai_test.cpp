#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "adapters/openai/chat.hpp"
#include "adapters/openai/fake_endpoint.hpp"
#include "adapters/openai/openai_workers.hpp"
#include "adapters/openai/self_signed.hpp"

namespace holdfast::openai {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using Act = Scripted::Act;
using testing::HasSubstr;
using testing::Not;

constexpr auto kKey = "sk-very-secret-1234";

std::string work(std::vector<std::string> lines = {"[0] Hi, I am Anna."}) {
  return json::serialize(json::object{{"type", "generate"},
                                      {"role", "mistral"},
                                      {"system", "S"},
                                      {"before", "B\n"},
                                      {"lines", json::value_from(lines)},
                                      {"after", "A"},
                                      {"schema", {{"type", "object"}}},
                                      {"tokens_max", 50},
                                      {"temperature", 0.2},
                                      {"seed", 3}});
}

std::string completion(const std::string& content, const std::string& finish = "stop") {
  return json::serialize(json::object{
      {"model", "big-7b"},
      {"choices", json::array{json::object{{"message", {{"role", "assistant"}, {"content", content}}},
                                           {"finish_reason", finish}}}},
      {"usage", {{"prompt_tokens", 31}, {"completion_tokens", 7}}}});
}

Scripted says(int status, const std::string& body, const std::string& headers = {}) {
  return {.bytes = http_answer(status, body, headers)};
}

/// Runs a coroutine to its end.
template <class T>
T run(Task<T> task) {
  static asio::io_context io;  // outlives the pools, whose lines are of it
  io.restart();
  auto result = asio::co_spawn(io, std::move(task), asio::use_future);
  io.run();
  return result.get();
}

Task<Result<Finished>> ask_once(WorkerPool* pool, WorkRequest request) {
  auto starting = pool->start(std::move(request));
  HF_CO_TRY(auto work_run, co_await std::move(starting));
  HF_CO_TRY(auto event, co_await work_run->next());
  co_return std::get<Finished>(std::move(event));
}

Result<Finished> ask(OpenAiConfig config, milliseconds time_max = milliseconds{20'000}) {
  auto pool = OpenAiWorkers::make(std::move(config));
  WorkRequest request{
      .worker = WorkerKind::language, .item = ItemId{"itm_1"}, .role = "mistral", .body = work(), .time_max = time_max};
  return run(ask_once(pool->get(), std::move(request)));
}

Result<Finished> ask(const FakeEndpoint& endpoint) {
  return ask({.base_url = endpoint.base_url(), .model = "m"});
}

class KeyFile {
 public:
  explicit KeyFile(const std::string& text)
      : path_{fs::temp_directory_path() / ("hf-key-" + std::to_string(::getpid()))} {
    std::ofstream{path_} << text;
  }
  ~KeyFile() { fs::remove(path_); }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(OpenAi, LAB_2_AsksForJsonBySchemaAndGivesTheWorkersAnswer) {
  FakeEndpoint endpoint{{says(200, completion(R"({"a":1})"))}};
  const KeyFile key{std::string{kKey} + "\n"};

  const auto finished = ask({.base_url = endpoint.base_url(),
                             .model = "m",
                             .role_models = {{"mistral", "big"}},
                             .key_file = key.path()});

  ASSERT_TRUE(finished) << finished.error().what();
  const auto body = json::parse(finished->body);
  EXPECT_EQ(
      body,
      json::parse(R"({"text":"{\"a\":1}","lines_used":1,"tokens_in":31,"tokens_out":7,"model":"big-7b"})"));
  const auto request = endpoint.next_request();
  EXPECT_EQ(request.target(), "/v1/chat/completions");
  EXPECT_EQ(request[boost::beast::http::field::authorization], std::string{"Bearer "} + kKey);
  const auto asked = json::parse(request.body());
  EXPECT_EQ(asked.at("model"), "big");
  EXPECT_EQ(asked.at("messages"),
            json::parse(
                R"([{"role":"system","content":"S"},{"role":"user","content":"B\n[0] Hi, I am Anna.\nA"}])"));
  EXPECT_EQ(asked.at("response_format").at("json_schema").at("schema"), json::parse(R"({"type":"object"})"));
  EXPECT_EQ(asked.at("max_tokens"), 50);
  EXPECT_EQ(asked.at("seed"), 3);
}

json::value next_asked(FakeEndpoint& endpoint) { return json::parse(endpoint.next_request().body()); }

TEST(OpenAi, FG_1_AnEndpointThatDoesNotTakeASchemaIsToldItInWordsFromThenOn) {
  FakeEndpoint endpoint{{says(400, "{}"), says(422, "{}"), says(200, completion("Sure:\n```json\n{\"a\":1}\n```")),
                         says(200, completion(R"({"a":2})"))}};
  auto pool = OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m"});
  const auto once = [&] { return run(ask_once(pool->get(), {.worker = WorkerKind::language, .body = work()})); };

  const auto finished = once();

  ASSERT_TRUE(finished) << finished.error().what();
  EXPECT_EQ(json::parse(json::parse(finished->body).at("text").as_string()), json::parse(R"({"a":1})"));
  EXPECT_EQ(next_asked(endpoint).at("response_format").at("type"), "json_schema");
  const auto second = next_asked(endpoint);
  EXPECT_EQ(second.at("response_format").at("type"), "json_object");
  EXPECT_THAT(std::string{second.at("messages").at(0).at("content").as_string()}, HasSubstr(R"({"type":"object"})"));
  EXPECT_FALSE(next_asked(endpoint).as_object().contains("response_format"));
  ASSERT_TRUE(once());
  EXPECT_FALSE(next_asked(endpoint).as_object().contains("response_format")) << "it is not asked in vain each time";
}

TEST(OpenAi, FG_1_AnAnswerThatIsNoJsonObjectIsAskedForOnceMoreInTheSamePieceOfWork) {
  FakeEndpoint endpoint{{says(200, completion("I would rather talk.")), says(200, completion(R"({"a":1})"))}};
  ASSERT_TRUE(ask(endpoint));
  const auto first = next_asked(endpoint);
  const auto second = next_asked(endpoint);
  EXPECT_EQ(second.at("seed").as_int64(), first.at("seed").as_int64() + 1) << "the same dice fall the same way";
  EXPECT_THAT(std::string{second.at("messages").as_array().back().at("content").as_string()},
              HasSubstr("was not one JSON object"));
}

std::string work_by(std::string_view schema) {
  auto asked = json::parse(work()).as_object();
  asked["schema"] = json::parse(schema);
  return json::serialize(asked);
}

constexpr std::string_view kAge = R"({"type":"object","properties":{"age":{"type":"integer","maximum":150}},
  "required":["age"],"additionalProperties":false})";

std::string text_of(const Result<Finished>& finished) {
  return finished ? std::string{json::parse(finished->body).at("text").as_string()} : finished.error().code();
}

TEST(OpenAi, FG_1_S6_AnAnswerThatIsNotByTheSchemaIsPutRightInTheSamePieceOfWork) {
  FakeEndpoint endpoint{{says(200, completion(R"({"age":"old"})")), says(200, completion(R"({"age":21})"))}};
  auto pool = OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m"});

  const auto finished = run(ask_once(pool->get(), {.worker = WorkerKind::language, .body = work_by(kAge)}));

  ASSERT_EQ(text_of(finished), R"({"age":21})");
  const auto first = next_asked(endpoint);
  const auto second = next_asked(endpoint);
  const auto& said = second.at("messages").as_array();
  ASSERT_EQ(said.size(), 4U);
  EXPECT_EQ(said[0], first.at("messages").at(0));
  EXPECT_EQ(said[2], json::parse(R"({"role":"assistant","content":"{\"age\":\"old\"}"})"));
  EXPECT_THAT(std::string{said[3].at("content").as_string()}, HasSubstr("not by the schema at <root>[age]"));
}

TEST(OpenAi, FG_1_WhatCannotBePutRightIsToldAsItCameAndAskedForOnceMoreOnly) {
  FakeEndpoint endpoint{{says(200, completion(R"({"age":"old"})")), says(200, completion(R"({"age":900})")),
                         says(200, completion(R"({"age":21})"))}};
  auto pool = OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m"});

  const auto finished = run(ask_once(pool->get(), {.worker = WorkerKind::language, .body = work_by(kAge)}));

  EXPECT_EQ(text_of(finished), R"({"age":"old"})") << "whoever concludes from it refuses it";
}

TEST(OpenAi, WhatIsTheEndpointsOwnFaultIsNotAskedForAgainAtOnce) {
  for (const char* body : {"not JSON", R"({"choices":[]})"}) {
    FakeEndpoint endpoint{{says(200, body), says(200, completion(R"({"a":1})"))}};
    EXPECT_FALSE(ask(endpoint)) << body;
  }
}

TEST(OpenAi, TheFirstFailureIsToldWhereAskingOtherwiseFailsToo) {
  FakeEndpoint endpoint{{says(200, completion("no")), says(500, "{}")}};
  const auto finished = ask(endpoint);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code(), "HF-LLM-03");
}

struct Fault {
  const char* what;
  Scripted script;
  ErrorClass cls;
  const char* code;
};

TEST(OpenAi, EveryFaultOfAnEndpointHasItsClass) {
  using enum ErrorClass;
  const std::vector<Fault> faults{
      {"busy", says(429, "{}", "Retry-After: 7\r\n"), dependency, "HF-LLM-02"},
      {"fault", says(500, "boom"), transient, "HF-LLM-01"},
      {"no gateway", says(502, "{}"), dependency, "HF-LLM-01"},
      {"being started", says(503, "{}"), dependency, "HF-LLM-01"},
      {"slow behind a gateway", says(504, "{}"), dependency, "HF-LLM-01"},
      {"odd 5xx", says(505, "{}"), transient, "HF-LLM-01"},
      {"key refused", says(401, kKey), dependency, "HF-LLM-01"},
      {"not found", says(404, "{}"), transient, "HF-LLM-03"},
      {"bad request", says(400, "{}"), transient, "HF-LLM-03"},
      {"redirection", says(302, "", "Location: http://127.0.0.1:1/\r\n"), transient, "HF-LLM-03"},
      {"closed at once", {.act = Act::close_at_once}, transient, "HF-LLM-01"},
      {"closed in the middle",
       {.act = Act::close_in_the_middle, .bytes = http_answer(200, completion("{}"))},
       transient,
       "HF-LLM-01"},
      {"no HTTP", {.bytes = "SSH-2.0-OpenSSH_9.2\r\n\r\n"}, transient, "HF-LLM-03"},
      {"no JSON", says(200, "<html>"), transient, "HF-LLM-03"},
      {"JSON of another kind", says(200, "[]"), transient, "HF-LLM-03"},
      {"no choice", says(200, R"({"choices":[]})"), transient, "HF-LLM-03"},
      {"a choice that is none", says(200, R"({"choices":[7]})"), transient, "HF-LLM-03"},
      {"empty content", says(200, completion("")), transient, "HF-LLM-03"},
      {"prose", says(200, completion("Sure, here you are!")), transient, "HF-LLM-03"},
      {"a list", says(200, completion("[1]")), transient, "HF-LLM-03"},
      {"deep", says(200, completion(std::string(5000, '['))), transient, "HF-LLM-03"},
      {"cut off", says(200, completion(R"({"a":1})", "length")), transient, "HF-LLM-03"},
      {"refusal", says(200, R"({"choices":[{"message":{"refusal":"no"},"finish_reason":"stop"}]})"),
       transient, "HF-LLM-03"},
      {"too large", says(200, std::string(kAnswerMax + 1, ' ')), transient, "HF-LLM-03"},
      {"long header",
       {.bytes = "HTTP/1.1 200 x\r\nX: " + std::string(100'000, 'y') + "\r\n\r\n"},
       transient,
       "HF-LLM-03"}};
  for (const auto& fault : faults) {
    FakeEndpoint endpoint{{fault.script, fault.script, fault.script, fault.script}};
    const auto finished = ask(endpoint);
    ASSERT_FALSE(finished) << fault.what;
    EXPECT_EQ(finished.error().error_class(), fault.cls) << fault.what << ": " << finished.error().what();
    EXPECT_EQ(finished.error().code(), fault.code) << fault.what << ": " << finished.error().what();
    EXPECT_THAT(finished.error().what(), Not(HasSubstr(kKey)));
  }
}

TEST(OpenAi, TellsHowLongABusyEndpointWantsToBeLeftAlone) {
  FakeEndpoint endpoint{{says(429, "{}", "Retry-After: 7\r\n")}};

  EXPECT_THAT(ask(endpoint).error().what(), HasSubstr("Retry-After: 7"));
}

TEST(OpenAi, LeavesAnEndpointAloneThatRefusesWorkThoughItListsItsModels) {
  FakeEndpoint endpoint{{says(429, "{}", "Retry-After: 60\r\n"), says(200, "{}"), says(200, "{}")}};
  const auto pool = OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m"});
  const auto work_again = [&] {
    return run(ask_once(pool->get(), {.worker = WorkerKind::language, .body = work()}));
  };
  ASSERT_FALSE(work_again());
  (void)endpoint.next_request();

  const auto probed = run((*pool)->probe(WorkerKind::language));
  const auto refused = work_again();

  for (const Error& error : {probed.error(), refused.error()}) {
    EXPECT_EQ(error.error_class(), ErrorClass::dependency) << "held, and not counted";
    EXPECT_EQ(error.code(), "HF-LLM-02");
  }
}

TEST(OpenAi, AnEndpointThatTakesWorkAgainIsAsWellThoughtOfAsBefore) {
  FakeEndpoint endpoint{{says(503, "{}", "Retry-After: 0\r\n"), says(200, "{}"), says(200, completion("{}")),
                         says(200, "{}")}};
  const auto pool = OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m"});
  const auto work_again = [&] {
    return run(ask_once(pool->get(), {.worker = WorkerKind::language, .body = work()}));
  };
  ASSERT_EQ(work_again().error().error_class(), ErrorClass::dependency);
  while (!run((*pool)->probe(WorkerKind::language))) ::usleep(20'000);  // a second is the least

  EXPECT_TRUE(work_again());
  EXPECT_TRUE(run((*pool)->probe(WorkerKind::language)));
}

TEST(Standing, RestsAsLongAsAskedUpToALimitAndLongerEachTimeIfNotAsked) {
  const Error busy{ErrorClass::dependency, "HF-LLM-02", "busy"};
  const Standing::Clock::time_point now{};
  const auto rest = [&](Standing& standing) {
    milliseconds length{0};
    while (!standing.check(now + length)) length += milliseconds{1'000};
    return length;
  };
  const std::vector<std::pair<const char*, milliseconds>> cases{
      {"7", milliseconds{7'000}},     {"0", milliseconds{1'000}},
      {"86400", Standing::kRestMax},  {"", Standing::kRestMin},
      {"Wed, 21 Oct 2026 07:28:00 GMT", Standing::kRestMin}, {"-5", Standing::kRestMin}};
  for (const auto& [asked, length] : cases) {
    Standing standing;
    standing.refused(busy, asked, now);
    EXPECT_EQ(rest(standing), length) << asked;
  }
  Standing standing;
  milliseconds last{0};
  for (int i = 0; i < 20; ++i) {
    standing.refused(busy, "", now);
    EXPECT_GE(rest(standing), last);
    last = rest(standing);
  }
  EXPECT_EQ(last, Standing::kRestMax);
  standing.served();
  EXPECT_TRUE(standing.check(now));
}

/// Asks the pool for the same work again.
Result<Finished> ask(OpenAiWorkers* pool) {
  WorkRequest request{.worker = WorkerKind::language, .item = ItemId{"itm_1"}, .role = "mistral", .body = work()};
  return run(ask_once(pool, std::move(request)));
}

Scripted stays(Scripted script) {
  script.stays = true;
  return script;
}

TEST(OpenAi, S7_AsksAgainOnTheSameConnection) {
  const auto answer = says(200, completion(R"({"a":1})"));
  for (const bool tls : {false, true}) {
    const SelfSigned certificate;
    FakeEndpoint endpoint{{stays(answer), stays(answer), stays(answer)}, tls ? certificate.server() : nullptr};
    const auto pool =
        OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m", .ca_file = certificate.authority()});

    for (unsigned n = 0; n < 3; ++n) EXPECT_TRUE(ask(pool->get())) << n << " tls " << tls;

    EXPECT_EQ(endpoint.connections(), 1U) << "tls " << tls;
  }
}

TEST(OpenAi, AConnectionThatTheEndpointClosesIsNotUsedAgain) {
  const auto last = says(200, completion(R"({"a":1})"), "Connection: close\r\n");
  const auto answer = says(200, completion(R"({"a":1})"));
  const auto unheard = says(500, "{}");  // what it would say to a request that is not sent
  FakeEndpoint endpoint{{stays(last), unheard, answer, answer}};
  const auto pool = OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m"});

  EXPECT_TRUE(ask(pool->get()));
  EXPECT_TRUE(ask(pool->get())) << "the endpoint said that it will close";
  EXPECT_TRUE(ask(pool->get())) << "the endpoint has closed";
  EXPECT_EQ(endpoint.connections(), 3U);
}

TEST(OpenAi, ARequestThatAKeptConnectionIsClosedOnIsSentOnceMore) {
  const auto answer = says(200, completion(R"({"a":1})"));
  const Scripted closes{.act = Act::close_in_the_middle};  // of nothing: it reads the request, and that is all
  for (const bool tls : {false, true}) {
    const SelfSigned certificate;
    FakeEndpoint endpoint{{stays(answer), closes, answer, stays(answer), closes, closes},
                          tls ? certificate.server() : nullptr};
    const auto pool =
        OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m", .ca_file = certificate.authority()});

    EXPECT_TRUE(ask(pool->get())) << "tls " << tls;
    EXPECT_TRUE(ask(pool->get())) << "asked again on a new one, tls " << tls;
    EXPECT_TRUE(ask(pool->get())) << "tls " << tls;
    const auto twice = ask(pool->get());

    ASSERT_FALSE(twice) << "the new one was closed as well";
    EXPECT_EQ(twice.error().code(), "HF-LLM-01");
    EXPECT_EQ(twice.error().error_class(), ErrorClass::transient);
  }
}

TEST(OpenAi, WaitsForAnAnswerNoLongerThanConfigured) {
  FakeEndpoint endpoint{{{.act = Act::hang}}};

  const auto finished = ask({.base_url = endpoint.base_url(), .model = "m", .answer_max = milliseconds{300}});

  EXPECT_EQ(finished.error().error_class(), ErrorClass::transient);
  EXPECT_EQ(finished.error().code(), "HF-LLM-01");
}

TEST(OpenAi, AnEndpointThatIsNotThereIsADependency) {
  std::string base_url;
  {
    const FakeEndpoint gone{{}};
    base_url = gone.base_url();
  }
  const auto finished = ask({.base_url = base_url, .model = "m"});

  EXPECT_EQ(finished.error().error_class(), ErrorClass::dependency);
  EXPECT_EQ(finished.error().code(), "HF-LLM-01");
}

TEST(OpenAi, DoesNotWaitLongerThanTheWorkMayTake) {
  FakeEndpoint endpoint{{{.act = Act::hang}}};

  const auto finished = ask({.base_url = endpoint.base_url(), .model = "m"}, milliseconds{1'000});

  EXPECT_EQ(finished.error().error_class(), ErrorClass::transient);
  EXPECT_EQ(finished.error().code(), "HF-LLM-01");
}

TEST(OpenAi, StopsWhenTheAttemptIsStopped) {
  FakeEndpoint endpoint{{{.act = Act::hang}}};
  const auto pool = OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m"});
  asio::io_context io;
  asio::cancellation_signal stop;
  std::optional<Result<Finished>> ended;
  WorkRequest request{.worker = WorkerKind::language, .item = ItemId{"itm_9"}, .body = work()};
  asio::co_spawn(
      io, ask_once(pool->get(), std::move(request)),
      asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr bug, Result<Finished> result) {
        // Stopped between two waits, it is told so by Asio itself: the engine's `||` takes either.
        ended.emplace(bug ? fail(ErrorClass::canceled, "HF-SRV-02", "stopped") : std::move(result));
      }));
  while ((*pool)->status().front().state != "busy") io.run_one();
  EXPECT_EQ((*pool)->status().front().item, ItemId{"itm_9"});
  std::thread stopper{[&] {
    endpoint.next_request();  // it hangs now
    asio::post(io, [&] { stop.emit(asio::cancellation_type::terminal); });
  }};

  while (!ended) io.run_one();

  stopper.join();
  EXPECT_EQ(ended->error().error_class(), ErrorClass::canceled) << ended->error().what();
  EXPECT_EQ((*pool)->status().front().state, "idle");
}

TEST(OpenAi, TheProbeReallyAsks) {
  FakeEndpoint endpoint{{says(200, "{}"), says(500, ""), says(401, "")}};
  const auto pool = OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m"});

  EXPECT_TRUE(run((*pool)->probe(WorkerKind::language)));
  EXPECT_EQ(endpoint.next_request().target(), "/v1/models");
  for (int i = 0; i < 3; ++i) {
    const auto probed = run((*pool)->probe(WorkerKind::language));
    ASSERT_FALSE(probed) << i;
    EXPECT_EQ(probed.error().error_class(), ErrorClass::dependency);
  }
}

TEST(OpenAi, AKeyFileThatCannotBeUsedIsADependencyAndIsNotTold) {
  FakeEndpoint endpoint{{}};
  for (const std::string text : {"", "\n", "two words-of-secret", "line\r\nX-Evil: 1"}) {
    const KeyFile key{text};
    const auto finished = ask({.base_url = endpoint.base_url(), .model = "m", .key_file = key.path()});
    EXPECT_EQ(finished.error().error_class(), ErrorClass::dependency) << text;
    EXPECT_THAT(finished.error().what(), Not(HasSubstr("secret")));
  }
  EXPECT_FALSE(ask({.base_url = endpoint.base_url(), .model = "m", .key_file = "/nowhere/key"}));
}

TEST(OpenAi, ServesLanguageOnlyAndNothingMalformed) {
  FakeEndpoint endpoint{{}};
  const auto pool = OpenAiWorkers::make({.base_url = endpoint.base_url(), .model = "m"});
  const auto code = [&](WorkRequest request) {
    return run(ask_once(pool->get(), std::move(request))).error().code();
  };

  EXPECT_EQ(code({.worker = WorkerKind::speech, .body = work()}), "HF-SRV-01");
  EXPECT_EQ(code({.worker = WorkerKind::language, .body = "nonsense"}), "HF-SRV-01");
  EXPECT_EQ(code({.worker = WorkerKind::language, .body = work({std::string(100'000, 'x')})}), "HF-LLM-04");
}

TEST(ChatRequest, TakesAsManyLinesAsFit) {
  const std::vector<std::string> lines(100, std::string(99, 'x'));

  EXPECT_EQ(make_chat_request(work(lines), "m", 8192)->lines_used, 100U);
  EXPECT_EQ(make_chat_request(work(lines), "m", 550)->lines_used, 14U) << "(550 - 50) tokens of 3 bytes";
}

TEST(Url, IsReadOrRefused) {
  const auto url = parse_url("https://api.example.org:8443/v1/");
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "api.example.org");
  EXPECT_EQ(url->port, "8443");
  EXPECT_EQ(url->path, "/v1");
  EXPECT_EQ(host_header(*url), "api.example.org:8443");
  EXPECT_EQ(host_header(*parse_url("http://localhost")), "localhost");
  EXPECT_EQ(parse_url("http://[::1]:80/v1")->host, "::1");
  EXPECT_EQ(host_header(*parse_url("http://[::1]:81")), "[::1]:81");
  for (const auto* text :
       {"", "localhost", "ftp://x", "http://", "http:///v1", "http://user:pw@x/", "http://x/v1?key=1",
        "http://x:0", "http://x:70000", "http://x:8a", "http://x y/", "http://[::1", "http://x\r\ny"}) {
    EXPECT_EQ(parse_url(text).error().code(), "HF-CFG-01") << text;
  }
}

TEST(OpenAi, SpeaksTlsOnlyWithWhomItKnows) {
  const SelfSigned certificate;
  FakeEndpoint endpoint{
      {says(200, completion("{}")), says(200, completion("{}")), says(200, completion("{}"))},
      certificate.server()};

  const auto stranger = ask({.base_url = endpoint.base_url(), .model = "m"});
  EXPECT_EQ(stranger.error().error_class(), ErrorClass::dependency) << stranger.error().what();

  auto by_address = endpoint.base_url();
  by_address.replace(by_address.find("localhost"), 9, "127.0.0.1");
  const auto other_name =
      ask({.base_url = by_address, .model = "m", .ca_file = certificate.authority()});
  EXPECT_EQ(other_name.error().error_class(), ErrorClass::dependency)
      << "the certificate is for another name";

  const auto known =
      ask({.base_url = endpoint.base_url(), .model = "m", .ca_file = certificate.authority()});
  EXPECT_TRUE(known) << known.error().what();
}

TEST(OpenAi, AWrongAddressOrCertificateFileIsToldAtTheStart) {
  EXPECT_EQ(OpenAiWorkers::make({.base_url = "localhost"}).error().code(), "HF-CFG-01");
  EXPECT_EQ(OpenAiWorkers::make({.base_url = "https://x", .ca_file = "/nowhere"}).error().code(),
            "HF-LLM-01");
}

}  // namespace
}  // namespace holdfast::openai
