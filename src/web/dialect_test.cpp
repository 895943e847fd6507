#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "web/fake_world.hpp"
#include "web/raw_client.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Answer;
using testing::RawClient;
using testing::World;

constexpr std::string_view kHello = R"({"model":"small","messages":[{"role":"user","content":"hello"}]})";
constexpr auto kMuchTooOld = milliseconds{601'000};

std::string post(const World& world, std::string_view target, std::string_view body, std::string_view fields = "",
                 std::string_view type = "application/json") {
  return "POST " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() + "\r\nContent-Type: " +
         std::string{type} + "\r\n" + std::string{fields} + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string{body};
}

std::string chat(const World& world, std::string_view body = kHello, std::string_view fields = "") {
  return post(world, "/v1/chat/completions", body, fields);
}

std::string get(const World& world, std::string_view target) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() + "\r\n\r\n";
}

std::string form(const World& world, const std::vector<std::pair<std::string, std::string>>& fields,
                 const std::string& file) {
  std::string body;
  for (const auto& [name, value] : fields)
    body += "--b0\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  body += "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n" + file + "\r\n--b0--\r\n";
  return post(world, "/v1/audio/transcriptions", body, "", "multipart/form-data; boundary=b0");
}

json::object error_of(const Answer& answer) {
  boost::system::error_code bad;
  const json::value body = json::parse(answer.body, bad);
  if (bad || !body.is_object() || !body.get_object().contains("error")) return {{"code", "no error: " + answer.body}};
  return body.at("error").as_object();
}

/// Waits until there are so many items, and gives them, oldest first.
std::vector<Job> items(World& world, std::size_t count) {
  for (;;) {
    auto jobs = world.on_thread([&world] {
      std::vector<Job> all;
      for (const auto& [id, job] : world.store.jobs) all.push_back(job);
      return all;
    });
    if (jobs.size() >= count) return jobs;
    std::this_thread::yield();
  }
}

/// Ends the item's work: with a result, or with an error's code.
void finish(World& world, const ItemId& id, const std::string& name, const std::string& result,
            const std::string& code = "") {
  world.on_thread([&] {
    Job& job = world.store.jobs[id];
    job.status = code.empty() ? JobStatus::completed : JobStatus::failed;
    if (!code.empty()) job.error = Failure{ErrorClass::permanent, code, "secret insides"};
    job.over_at = world.clock.wall_now();
    job.stage = job.stages.size();
    if (code.empty()) world.store.stored_results[id].push_back({"work", name, result});
  });
  world.happen(1, id.text(), "job.completed");
}

void finish_chat(World& world, const ItemId& id,
                 const std::string& text = "Good day to you, \xc3\xa4ll of you there!") {
  const json::object result{{"text", text}, {"finish", "stop"}, {"model", "m"}, {"tokens_in", 7}, {"tokens_out", 3}};
  finish(world, id, "answer", json::serialize(result));
}

void wait_for_event(World& world, const std::string& type) {
  const auto is_there = [&] {
    return world.on_thread([&] {
      return std::ranges::any_of(world.store.log, [&](const StoredEvent& e) { return e.entry.type == type; });
    });
  };
  while (!is_there()) std::this_thread::yield();
}

TEST(Dialect, ACallIsAnItemAndItsAnswerIsTheItemsResult) {
  World world;
  RawClient client{world.port};
  (void)client.send(chat(world));
  const Job job = items(world, 1).front();
  EXPECT_EQ(job.recipe, "chat");
  EXPECT_EQ(job.owner, "local");
  EXPECT_TRUE(job.job_key.starts_with("openai/chat/"));
  EXPECT_EQ(json::parse(job.input.payload).at("messages").at(0).at("content"), "hello");
  finish_chat(world, job.id);

  const Answer answer = client.receive();

  ASSERT_EQ(answer.status, 200U) << answer.body;
  const json::value body = json::parse(answer.body);
  EXPECT_EQ(body.at("id"), ("chatcmpl-" + job.id.text()).c_str());
  EXPECT_EQ(body.at("object"), "chat.completion");
  EXPECT_EQ(body.at("model"), "small");
  EXPECT_EQ(body.at("choices").at(0).at("message").at("content"), "Good day to you, \xc3\xa4ll of you there!");
  EXPECT_EQ(body.at("choices").at(0).at("finish_reason"), "stop");
  EXPECT_EQ(body.at("usage").at("total_tokens"), 10);
  EXPECT_EQ(answer.field("X-Holdfast-Item"), job.id.text());
}

TEST(Dialect, ARepetitionAttachesAndWhatWasHadIsNewWork) {
  World world;
  {
    RawClient impatient{world.port};
    (void)impatient.send(chat(world));
    (void)items(world, 1);
  }  // it gives up
  RawClient client{world.port};
  (void)client.send(chat(world));
  const ItemId first = items(world, 1).front().id;
  finish_chat(world, first);
  EXPECT_EQ(client.receive().status, 200U);
  EXPECT_EQ(items(world, 1).size(), 1U) << "both calls are one item";

  wait_for_event(world, "job.answered");
  EXPECT_EQ(world.on_thread([&] { return world.store.jobs[first].job_key; }), "");
  (void)client.send(chat(world));
  EXPECT_EQ(items(world, 2).size(), 2U) << "who has had the answer wants another";
}

TEST(Dialect, AClientThatLeavesCancelsNothingAndWhoAsksAgainInTimeHasItsAnswer) {
  World world;
  {
    RawClient impatient{world.port};
    (void)impatient.send(chat(world));
    (void)items(world, 1);
  }
  while (world.on_thread([&] { return world.hub.watchers_count(); }) > 0) std::this_thread::yield();
  const Job left = items(world, 1).front();
  finish_chat(world, left.id, "it was done all the same");
  EXPECT_FALSE(world.on_thread([&] { return world.store.jobs[left.id].cancel_requested; }));

  RawClient client{world.port};
  EXPECT_THAT(client.ask(chat(world)).body, HasSubstr("it was done all the same"));
  wait_for_event(world, "job.answered");
  world.on_thread([&] {
    Job& job = world.store.jobs[left.id];
    job.job_key = left.job_key;
    job.over_at = world.clock.wall_now() - kMuchTooOld;
  });
  (void)client.send(chat(world));
  EXPECT_EQ(items(world, 2).size(), 2U) << "much later it is no repetition";
}

TEST(Dialect, AnIdempotencyKeyAttachesForEver) {
  World world;
  RawClient client{world.port};
  const std::string_view key = "Idempotency-Key: mine\r\n";
  (void)client.send(chat(world, kHello, key));
  const ItemId id = items(world, 1).front().id;
  finish_chat(world, id);
  EXPECT_EQ(client.receive().status, 200U);

  EXPECT_EQ(client.ask(chat(world, kHello, key)).status, 200U);
  EXPECT_EQ(items(world, 1).size(), 1U);
  const Answer other =
      client.ask(chat(world, R"({"model":"small","messages":[{"role":"user","content":"other"}]})", key));
  EXPECT_EQ(error_of(other).at("code"), "HF-IDM-01");
}

TEST(Dialect, TheWaitEndsAndTheClientIsToldToCallAgain) {
  World world{WebConfig{.dialect = {.wait_max = milliseconds{50}}}};
  RawClient client{world.port};
  const Answer answer = client.ask(chat(world));

  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(error_of(answer).at("code"), "HF-OAI-03");
  EXPECT_EQ(answer.field("X-Should-Retry"), "true");
  EXPECT_EQ(answer.field("Retry-After"), "1");
  EXPECT_FALSE(answer.field("X-Holdfast-Item").empty());
}

TEST(Dialect, WhatIsHeldIsToldAtOnceAndAttachedLater) {
  World world;
  RawClient client{world.port};
  (void)client.send(chat(world));
  const ItemId id = items(world, 1).front().id;
  world.on_thread([&] { world.store.jobs[id].held_for = "HF-LLM-05"; });
  world.happen(1, id.text(), "job.held");
  const Answer answer = client.receive();

  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(error_of(answer).at("code"), "HF-LLM-05");
  EXPECT_EQ(answer.field("Retry-After"), "60");
  EXPECT_EQ(client.ask(chat(world)).status, 503U);
  EXPECT_EQ(items(world, 1).size(), 1U);
}

TEST(Dialect, AFailureIsFinalAndSaysNothingOfOurInsides) {
  World world;
  RawClient client{world.port};
  (void)client.send(chat(world));
  const ItemId id = items(world, 1).front().id;
  finish(world, id, "", "", "HF-LLM-03");
  const Answer answer = client.receive();

  EXPECT_EQ(answer.status, 502U);
  EXPECT_EQ(error_of(answer).at("code"), "HF-LLM-03");
  EXPECT_EQ(error_of(answer).at("type"), "server_error");
  EXPECT_EQ(answer.field("X-Should-Retry"), "false") << "it was tried often enough";
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
  wait_for_event(world, "job.answered");
}

TEST(Dialect, ACancelledItemIsAConflictThatIsNotRepeated) {
  World world;
  RawClient client{world.port};
  (void)client.send(chat(world));
  const ItemId id = items(world, 1).front().id;
  world.on_thread([&] {
    world.store.jobs[id].status = JobStatus::cancelled;
    world.store.jobs[id].over_at = world.clock.wall_now();
  });
  world.happen(1, id.text(), "job.cancelled");
  const Answer answer = client.receive();

  EXPECT_EQ(answer.status, 409U);
  EXPECT_EQ(error_of(answer).at("code"), "HF-OAI-04");
  EXPECT_EQ(answer.field("X-Should-Retry"), "false");
}

TEST(Dialect, AStreamHasTheAnswerInPiecesAndEndsAsOpenAisDoes) {
  World world;
  RawClient client{world.port};
  (void)client.send(chat(world, R"({"model":"small","stream":true,"stream_options":{"include_usage":true},)"
                                R"("messages":[{"role":"user","content":"hello"}]})"));
  finish_chat(world, items(world, 1).front().id);
  const Answer answer = client.receive();

  EXPECT_THAT(answer.field("Content-Type"), HasSubstr("text/event-stream"));
  std::string said;
  std::size_t events = 0;
  std::string_view rest = answer.body;
  while (rest.starts_with("data: {")) {
    const auto end = rest.find("\n\n");
    const json::value chunk = json::parse(std::string{rest.substr(6, end - 6)});
    EXPECT_EQ(chunk.at("object"), "chat.completion.chunk");
    if (const auto& choices = chunk.at("choices").as_array(); !choices.empty()) {
      const json::object& delta = choices[0].at("delta").as_object();
      if (const json::value* content = delta.if_contains("content")) said += content->as_string();
    }
    rest.remove_prefix(end + 2);
    ++events;
  }
  EXPECT_EQ(said, "Good day to you, \xc3\xa4ll of you there!");
  EXPECT_EQ(rest, "data: [DONE]\n\n");
  EXPECT_GT(events, 4U);
  EXPECT_THAT(answer.body, HasSubstr("\"total_tokens\":10"));
}

TEST(Dialect, AStreamThatWaitsIsKeptAliveAndEndsWithTheAnswerOrTheError) {
  World world{WebConfig{.beat_every = milliseconds{20}}};
  const std::string streamed = R"({"model":"small","stream":true,"messages":[{"role":"user","content":"%"}]})";
  for (const bool works : {true, false}) {
    RawClient client{world.port};
    std::string body = streamed;
    body.replace(body.find('%'), 1, works ? "one" : "two");
    (void)client.send(chat(world, body));
    const ItemId id = items(world, works ? 1 : 2).back().id;
    ASSERT_TRUE(client.read_until(": still being worked on\n\n"));
    if (works) finish_chat(world, id);
    if (!works) finish(world, id, "", "", "HF-LLM-04");
    ASSERT_TRUE(client.read_until(works ? "data: [DONE]\n\n" : "event: error\ndata: {\"error\":")) << client.received();
    while (!world.on_thread([&] { return world.store.jobs[id].job_key.empty(); })) std::this_thread::yield();
  }
}

TEST(Dialect, WhatCannotBeUsedIsNamed) {
  World world;
  RawClient client{world.port};
  const std::pair<std::string, std::string> cases[] = {
      {R"("tools":[{"type":"function"}])", "tools"},
      {R"("n":2)", "n"},
      {R"("logprobs":true)", "logprobs"},
      {R"("audio":{})", "audio"},
      {R"("temperature":2.5)", "temperature"},
      {R"("temperature":1e999)", "temperature"},
      {R"("max_tokens":0)", "max_tokens"},
      {R"("max_tokens":1.5)", "max_tokens"},
      {R"("seed":-1)", "seed"},
      {R"("stop":["a","b","c","d","e"])", "stop"},
      {R"("stream":"yes")", "stream"},
      {R"("response_format":{"type":"xml"})", "response_format"},
      {R"("response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"array"}}})",
       "response_format"},
      {R"("response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object","properties":)"
       R"({"a":{"type":"string","pattern":"(a+)+$"}}}}})",
       "response_format"},
      {R"("messages":[])", "messages"},
      {R"("messages":[{"role":"tool","content":"x"}])", "messages[0].role"},
      {R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}])", "messages[0].content"},
      {R"("messages":[{"role":"user","content":"\u0000"}])", "messages[0].content"},
      {R"("nonsense":1)", "nonsense"}};
  for (const auto& [field, param] : cases) {
    const bool messages = field.starts_with("\"messages\"");
    const std::string said = messages ? "" : R"("messages":[{"role":"user","content":"x"}],)";
    const std::string body = "{\"model\":\"small\"," + said + field + "}";
    const Answer answer = client.ask(chat(world, body));
    EXPECT_EQ(answer.status, 400U) << field;
    EXPECT_EQ(error_of(answer).at("code"), "HF-OAI-01") << answer.body;
    EXPECT_EQ(error_of(answer).at("param"), param.c_str()) << answer.body;
    EXPECT_EQ(error_of(answer).at("type"), "invalid_request_error");
  }
  EXPECT_TRUE(world.on_thread([&] { return world.store.jobs.empty(); })) << "nothing of it was recorded";
}

TEST(Dialect, WhatSaysNothingNewIsTaken) {
  World world{WebConfig{.dialect = {.wait_max = milliseconds{1}}}};
  RawClient client{world.port};
  const Answer answer = client.ask(chat(
      world,
      R"({"model":"small","messages":[{"role":"developer","content":"be kind"},{"role":"user","content":)"
      R"([{"type":"text","text":"hel"},{"type":"text","text":"lo"}]}],"n":1,"logprobs":false,"presence_penalty":0.0,)"
      R"("tools":[],"user":"u","metadata":{"a":"b"},"top_p":null,"stop":"END","max_completion_tokens":5})"));

  EXPECT_EQ(error_of(answer).at("code"), "HF-OAI-03") << answer.body;
  const json::value task = json::parse(items(world, 1).front().input.payload);
  EXPECT_EQ(task.at("messages").at(0).at("role"), "system");
  EXPECT_EQ(task.at("messages").at(1).at("content"), "hello");
  EXPECT_EQ(task.at("tokens_max"), 5);
  EXPECT_EQ(task.at("stop").at(0), "END");
  EXPECT_EQ(task.at("role"), "chat");
}

TEST(Dialect, ModelsAreListedAndUnknownOnesAreNotFound) {
  World world;
  RawClient client{world.port};
  const json::value list = json::parse(client.ask(get(world, "/v1/models")).body);
  ASSERT_EQ(list.at("data").as_array().size(), 3U);
  EXPECT_EQ(list.at("data").at(0).at("id"), "base");
  EXPECT_EQ(json::parse(client.ask(get(world, "/v1/models/whisper-1")).body).at("id"), "whisper-1");

  const Answer none = client.ask(get(world, "/v1/models/gpt-4o"));
  EXPECT_EQ(none.status, 404U);
  EXPECT_EQ(error_of(none).at("type"), "model_not_found");
  const Answer other = client.ask(
      chat(world, R"({"model":"base","messages":[{"role":"user","content":"a speech model does not write"}]})"));
  EXPECT_EQ(other.status, 404U);
  EXPECT_EQ(error_of(other).at("param"), "model");
}

TEST(Dialect, EveryErrorUnderItsAddressHasItsShape) {
  World world;
  RawClient client{world.port};
  const std::pair<std::string, std::string> cases[] = {
      {get(world, "/v1/nothing"), "HF-REQ-06"},
      {get(world, "/v1/chat/completions"), "HF-REQ-03"},
      {chat(world, "{"), "HF-REQ-01"},
      {chat(world, "[1]"), "HF-REQ-01"},
      {chat(world, "{\"messages\":NaN}"), "HF-REQ-01"},
      {chat(world, "{\"messages\":" + std::string(100, '[') + std::string(100, ']') + "}"), "HF-REQ-02"},
      {post(world, "/v1/chat/completions", kHello, "", "text/plain"), "HF-REQ-11"},
      {post(world, "/v1/audio/transcriptions", kHello), "HF-REQ-11"}};
  for (const auto& [request, code] : cases) {
    const Answer answer = client.ask(request);
    EXPECT_EQ(error_of(answer).at("code"), code.c_str()) << answer.body;
    EXPECT_EQ(answer.field("Content-Type"), "application/json");
  }
  EXPECT_EQ(client.ask(get(world, "/v1/chat/completions")).field("Allow"), "POST");
}

TEST(Dialect, TooMuchToDoSlowsClientsDown) {
  World world;
  world.on_thread([&] { world.store.enqueue_error = Error{ErrorClass::overloaded, "HF-ADM-01", "memory"}; });
  RawClient client{world.port};
  const Answer answer = client.ask(chat(world));
  EXPECT_EQ(answer.status, 429U);
  EXPECT_EQ(error_of(answer).at("type"), "rate_limit_error");
  EXPECT_EQ(answer.field("Retry-After"), "60") << "a longer wait ends the retries of some clients";
}

TEST(Dialect, OnlySoManyCallsAreHeldAndOthersAreSavedAllTheSame) {
  World world{WebConfig{.dialect = {.calls_per_owner_max = 1}}};
  const std::string other = R"({"model":"small","messages":[{"role":"user","content":"other"}]})";
  RawClient first{world.port};
  (void)first.send(chat(world));
  while (world.on_thread([&] { return world.hub.watchers_count(); }) == 0) std::this_thread::yield();
  const ItemId held = items(world, 1).front().id;
  RawClient second{world.port};
  const Answer refused = second.ask(chat(world, other));

  EXPECT_EQ(refused.status, 429U);
  EXPECT_EQ(error_of(refused).at("code"), "HF-OAI-05");
  EXPECT_EQ(items(world, 2).back().id.text(), refused.field("X-Holdfast-Item"));
  finish_chat(world, held);
  EXPECT_EQ(first.receive().status, 200U);
  (void)second.send(chat(world, other));
  finish_chat(world, items(world, 2).back().id, "at last");
  EXPECT_THAT(second.receive().body, HasSubstr("at last")) << "the place is free again";
}

void finish_transcript(World& world, const ItemId& id) {
  world.on_thread([&] {
    world.store.stored_segments[id] = {
        {.start_ms = 0, .end_ms = 1500, .text = "Hello there.", .confidence = 1, .words = {{0, 700, "Hello", 0.9}}},
        {.start_ms = 2000, .end_ms = 2500, .text = "Bye.", .confidence = 0.5}};
  });
  finish(world, id, "transcript", R"({"language":"en","duration_s":2.5,"gaps":[],"no_speech":false})");
}

TEST(Dialect, VS_1_ARecordingIsSavedFirstAndItsTranscriptComesInEveryFormat) {
  const std::string file = testing::wav(5'000);
  const std::pair<std::string, std::string> formats[] = {
      {"json", "{\"text\":\"Hello there. Bye.\",\"usage\":{\"type\":\"duration\",\"seconds\":3"},
      {"text", "Hello there. Bye.\n"},
      {"srt", "00:00:02,000 --> 00:00:02,500"},
      {"vtt", "WEBVTT"},
      {"verbose_json", "\"segments\":[{\"id\":0,\"start\":0"}};
  for (const auto& [format, expected] : formats) {
    World world;
    RawClient client{world.port};
    (void)client.send(form(world, {{"model", "whisper-1"}, {"response_format", format}}, file));
    const Job job = items(world, 1).front();
    EXPECT_EQ(job.recipe, "voicesync");
    EXPECT_TRUE(world.on_thread([&] { return world.blobs.sealed.at(job.input.blob) == file; }));
    finish_transcript(world, job.id);
    const Answer answer = client.receive();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THAT(answer.body, HasSubstr(expected));
  }
}

TEST(Dialect, WordsHaveTheirTimes) {
  World world;
  RawClient client{world.port};
  (void)client.send(form(world,
                         {{"model", "base"},
                          {"response_format", "verbose_json"},
                          {"language", "en"},
                          {"timestamp_granularities[]", "word"}},
                         testing::wav(5'000)));
  const Job job = items(world, 1).front();
  EXPECT_EQ(job.input.payload, R"({"language":"en"})");
  finish_transcript(world, job.id);
  const json::value body = json::parse(client.receive().body);
  EXPECT_EQ(body.at("words").at(0).at("word"), "Hello");
  EXPECT_EQ(body.at("words").at(0).at("end").to_number<double>(), 0.7);
  EXPECT_FALSE(body.as_object().contains("segments"));
  EXPECT_EQ(body.at("language"), "en");
}

TEST(Dialect, TheSameRecordingSentAgainIsTheSameItemAndItsFileIsKeptOnce) {
  World world;
  const std::vector<std::pair<std::string, std::string>> fields{{"model", "whisper-1"}};
  {
    RawClient impatient{world.port};
    (void)impatient.send(form(world, fields, testing::wav(5'000)));
    (void)items(world, 1);
  }
  RawClient client{world.port};
  (void)client.send(form(world, fields, testing::wav(5'000)));
  while (world.on_thread([&] { return world.blobs.opened; }) < 2) std::this_thread::yield();
  const ItemId id = items(world, 1).front().id;
  finish_transcript(world, id);
  EXPECT_THAT(client.receive().body, HasSubstr("Hello there."));
  EXPECT_EQ(items(world, 1).size(), 1U);
  EXPECT_EQ(world.on_thread([&] { return world.blobs.sealed.size(); }), 1U);

  (void)client.send(form(world, {{"model", "whisper-1"}, {"language", "de"}}, testing::wav(5'000)));
  EXPECT_EQ(items(world, 2).size(), 2U) << "another language is something else";
}

TEST(Dialect, ATranscriptIsStreamedSegmentBySegment) {
  World world;
  RawClient client{world.port};
  (void)client.send(form(world, {{"model", "whisper-1"}, {"stream", "true"}}, testing::wav(5'000)));
  finish_transcript(world, items(world, 1).front().id);
  const std::string body = client.receive().body;
  EXPECT_THAT(body, HasSubstr(R"(data: {"type":"transcript.text.delta","delta":"Hello there."})"));
  EXPECT_THAT(body, HasSubstr(R"(data: {"type":"transcript.text.delta","delta":" Bye."})"));
  EXPECT_THAT(body, HasSubstr(R"(data: {"type":"transcript.text.done","text":"Hello there. Bye.")"));
}

TEST(Dialect, WhatIsSaidOfARecordingIsChecked) {
  World world;
  RawClient client{world.port};
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const std::pair<Fields, std::string> cases[] = {
      {{}, "model"},
      {{{"model", "whisper-1"}, {"prompt", "names"}}, "prompt"},
      {{{"model", "whisper-1"}, {"temperature", "0.4"}}, "temperature"},
      {{{"model", "whisper-1"}, {"language", "English"}}, "language"},
      {{{"model", "whisper-1"}, {"response_format", "docx"}}, "response_format"},
      {{{"model", "whisper-1"}, {"timestamp_granularities[]", "word"}}, "timestamp_granularities"},
      {{{"model", "whisper-1"}, {"stream", "true"}, {"response_format", "srt"}}, "stream"},
      {{{"model", "whisper-1"}, {"include[]", "logprobs"}}, "include[]"}};
  for (const auto& [fields, param] : cases) {
    const Answer answer = client.ask(form(world, fields, testing::wav(5'000)));
    EXPECT_EQ(error_of(answer).at("param"), param.c_str()) << answer.body;
  }
  EXPECT_EQ(error_of(client.ask(form(world, {{"model", "tts-1"}}, testing::wav(5'000)))).at("code"), "HF-OAI-02");
  EXPECT_EQ(error_of(client.ask(form(world, {{"model", "whisper-1"}}, "no sound"))).at("code"), "HF-UPL-02");
  EXPECT_TRUE(world.on_thread([&] { return world.store.jobs.empty() && world.blobs.sealed.empty(); }));
}

TEST(Dialect, EmbeddingsComeAsNumbersOrAsBase64) {
  World world;
  RawClient client{world.port};
  // 0.5, -2 and 1, 0.25, with the least byte first
  const std::string result = R"({"model":"m","dimension":2,"cut":0,"vectors":"AAAAPwAAAMAAAIA/AACAPg=="})";
  (void)client.send(post(world, "/v1/embeddings", R"({"model":"mini","input":["one","two"]})"));
  const Job job = items(world, 1).front();
  EXPECT_EQ(job.recipe, "embeddings");
  finish(world, job.id, "embeddings", result);
  const json::value numbers = json::parse(client.receive().body);
  const auto vector = [&](std::size_t number) {
    return json::value_to<std::vector<double>>(numbers.at("data").at(number).at("embedding"));
  };
  EXPECT_EQ(vector(0), (std::vector{0.5, -2.0}));
  EXPECT_EQ(vector(1), (std::vector{1.0, 0.25}));
  EXPECT_EQ(numbers.at("data").at(1).at("index"), 1);

  wait_for_event(world, "job.answered");
  (void)client.send(
      post(world, "/v1/embeddings", R"({"model":"mini","input":["one","two"],"encoding_format":"base64"})"));
  const Job second = items(world, 2).back();
  finish(world, second.id, "embeddings", result);
  EXPECT_EQ(json::parse(client.receive().body).at("data").at(1).at("embedding"), "AACAPwAAgD4=");
}

TEST(Dialect, WhatIsToBeEmbeddedIsChecked) {
  World world;
  RawClient client{world.port};
  const std::string many = "[" + std::string(R"("x",)") + [] {
    std::string rest;
    for (int i = 0; i < 63; ++i) rest += "\"x\",";
    return rest;
  }() + "\"x\"]";
  const std::pair<std::string, std::string> cases[] = {
      {R"("input":"")", "input"},
      {R"("input":[])", "input"},
      {R"("input":[1,2])", "input"},
      {R"("input":)" + many, "input"},
      {R"("input":")" + std::string(8193, 'x') + "\"", "input"},
      {R"("input":"a","encoding_format":"hex")", "encoding_format"},
      {R"("input":"a","dimensions":-1)", "dimensions"}};
  for (const auto& [fields, param] : cases) {
    const Answer answer = client.ask(post(world, "/v1/embeddings", "{\"model\":\"mini\"," + fields + "}"));
    EXPECT_EQ(error_of(answer).at("param"), param.c_str()) << answer.body;
  }
  (void)client.send(post(world, "/v1/embeddings", R"({"model":"mini","input":"a","dimensions":3})"));
  finish(world, items(world, 1).front().id, "embeddings",
         R"({"model":"m","dimension":2,"cut":0,"vectors":"AAAAPwAAAMA="})");
  EXPECT_EQ(error_of(client.receive()).at("param"), "dimensions");
}

}  // namespace
}  // namespace holdfast::web
