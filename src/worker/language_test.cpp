#include "worker/language.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace holdfast::worker {
namespace {

namespace json = boost::json;

/// Answers at once, or works until it is told to stop.
class FakeModel final : public llama::TextModel {
 public:
  [[nodiscard]] std::string name() const override { return "fake"; }
  Result<llama::TextAnswer> write(const llama::TextTask& task, const llama::OnProgress& on_progress,
                                  const std::atomic<bool>& stop) override {
    tasks.push_back(task);
    on_progress(0.5);
    if (task.system == "fail") return fail(ErrorClass::transient, "HF-LLM-03", "no end");
    while (task.system == "hang" && !stop) std::this_thread::yield();
    if (stop) return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
    return llama::TextAnswer{
        .text = "{\"a\":\"\xff\"}", .lines_used = task.lines.size(), .tokens_in = 7, .tokens_out = 3};
  }
  Result<llama::TextAnswer> chat(const llama::ChatTask& task, const llama::OnProgress& on_progress,
                                 const std::atomic<bool>& /*stop*/) override {
    chats.push_back(task);
    on_progress(0.5);
    return llama::TextAnswer{.text = "well\xff", .tokens_in = 5, .tokens_out = 2, .shortened = true};
  }
  std::vector<llama::TextTask> tasks;
  std::vector<llama::ChatTask> chats;
};

/// A worker with a fake model in a thread, and the server's end of its channel.
class LanguageWorker : public testing::Test {
 protected:
  LanguageWorker() {
    int ends[2] = {};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    server_ = std::make_unique<Channel>(ends[0]);
    worker_ = std::thread{[this, fd = ends[1]] {
      Channel channel{fd};
      Requests requests{channel};
      say_ready(channel, "fake 1", 5);
      serve_language(channel, requests, model_);
    }};
  }
  ~LanguageWorker() override {
    server_.reset();
    if (worker_.joinable()) worker_.join();
  }
  static json::object request(int id) {
    return {{"type", "generate"},
            {"id", id},
            {"system", "s"},
            {"before", "b"},
            {"lines", {"l1", "l2"}},
            {"after", "a"},
            {"schema", {{"type", "object"}}},
            {"tokens_max", 9},
            {"temperature", 0.5},
            {"seed", 4}};
  }
  json::object read() {
    auto frame = server_->read();
    EXPECT_TRUE(frame.has_value());
    return frame ? json::parse(frame->body).as_object() : json::object{};
  }
  json::object answer() {
    auto frame = read();
    while (frame["type"] == "progress") frame = read();
    return frame;
  }

  FakeModel model_;
  std::unique_ptr<Channel> server_;
  std::thread worker_;
};

json::object chat_frame() {
  const json::value message{{"role", "user"}, {"content", "hello"}};
  return {{"type", "chat"},    {"id", 3},         {"messages", json::array{message}},
          {"answer", "text"},  {"tokens_max", 9}, {"temperature", 1},
          {"top_p", 0.5},      {"seed", 4},       {"stop", json::array{"END"}}};
}

TEST_F(LanguageWorker, GoesOnWithAConversation) {
  read();
  server_->write(json::serialize(chat_frame()));

  const auto finished = answer();

  EXPECT_EQ(finished.at("id"), 3);
  EXPECT_EQ(finished.at("body").at("text"), "well\xef\xbf\xbd") << "valid UTF-8";
  EXPECT_EQ(finished.at("body").at("finish"), "length");
  EXPECT_EQ(model_.chats.at(0).messages.at(0).content, "hello");
  EXPECT_EQ(model_.chats.at(0).schema, "");
  EXPECT_EQ(model_.chats.at(0).stop.at(0), "END");
}

TEST(ChatFrame, SaysWhatTheAnswerIsBoundTo) {
  json::object frame = chat_frame();
  frame["answer"] = "json";
  EXPECT_EQ(parse_chat(json::serialize(frame))->schema, R"({"type":"object"})");
  frame["answer"] = "schema";
  EXPECT_FALSE(parse_chat(json::serialize(frame)));
  frame["schema"] = json::object{{"type", "object"}};
  EXPECT_TRUE(parse_chat(json::serialize(frame)));
}

TEST(ChatFrame, WithAFieldBeyondItsLimitIsRefused) {
  const std::pair<const char*, json::value> cases[] = {
      {"messages", json::array{}},   {"messages", json::array{"x"}}, {"answer", "prose"}, {"tokens_max", 0},
      {"temperature", 3},            {"top_p", 2},                   {"seed", -1},        {"stop", json::array{""}}};
  for (const auto& [field, value] : cases) {
    json::object frame = chat_frame();
    frame[field] = value;
    const auto parsed = parse_chat(json::serialize(frame));
    ASSERT_FALSE(parsed) << field;
    EXPECT_EQ(parsed.error().code(), "HF-SRV-01");
  }
}

TEST_F(LanguageWorker, SaysHelloAndAnswersOneRequestAfterAnother) {
  EXPECT_EQ(read()["engine"], "fake 1");
  for (const int id : {1, 2}) {
    server_->write(json::serialize(request(id)));
    const auto progress = read();
    EXPECT_EQ(progress.at("type"), "progress");
    EXPECT_EQ(progress.at("id"), id);

    const auto finished = answer();
    EXPECT_EQ(finished.at("type"), "finished");
    EXPECT_EQ(finished.at("id"), id);
    const auto& body = finished.at("body");
    EXPECT_EQ(body.at("text"), "{\"a\":\"\ufffd\"}") << "the frame stays readable whatever a model writes";
    EXPECT_EQ(body.at("lines_used"), 2);
    EXPECT_EQ(body.at("model"), "fake");
  }
  EXPECT_EQ(model_.tasks[0].schema, R"({"type":"object"})");
  EXPECT_EQ(model_.tasks[0].tokens_max, 9U);
}

TEST_F(LanguageWorker, TellsFailuresAndLivesOn) {
  read();
  auto failing = request(3);
  failing["system"] = "fail";
  server_->write(json::serialize(failing));
  const auto failed = answer();
  EXPECT_EQ(failed.at("type"), "failed");
  EXPECT_EQ(failed.at("class"), "transient");
  EXPECT_EQ(failed.at("code"), "HF-LLM-03");
  EXPECT_EQ(failed.at("id"), 3);

  server_->write("no JSON");
  EXPECT_EQ(answer().at("class"), "permanent");
  server_->write(json::serialize(request(4)));
  EXPECT_EQ(answer().at("type"), "finished");
}

TEST_F(LanguageWorker, StopsInTheMiddleOfItsWorkWhenTheServerGoes) {
  read();
  auto hanging = request(5);
  hanging["system"] = "hang";
  server_->write(json::serialize(hanging));
  EXPECT_EQ(read().at("type"), "progress");

  server_.reset();

  worker_.join();  // hangs here if it does not stop
  EXPECT_EQ(model_.tasks.size(), 1U);
}

TEST(ParseTask, RefusesRequestsThatAreNotWhole) {
  const json::object whole{{"type", "generate"},     {"system", ""},     {"before", ""},
                           {"lines", json::array{}}, {"after", ""},      {"schema", json::object{}},
                           {"tokens_max", 1},        {"temperature", 0}, {"seed", 0}};
  ASSERT_TRUE(parse_task(json::serialize(whole)));
  for (const auto& [field, value] : whole) {
    for (const json::value& wrong :
         {json::value(nullptr), json::value(-1), json::value("?"), json::value(1e12)}) {
      auto broken = whole;
      broken[field] = wrong;
      const bool text = field == "system" || field == "before" || field == "after";
      if (text && wrong == "?") continue;
      EXPECT_FALSE(parse_task(json::serialize(broken))) << field << " " << wrong;
    }
    auto lacking = whole;
    lacking.erase(field);
    EXPECT_FALSE(parse_task(json::serialize(lacking))) << field;
  }
}

}  // namespace
}  // namespace holdfast::worker
