#include "worker/embedding.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/json.hpp>
#include <thread>

#include "core/similar/embedding.hpp"
#include "ports/embedding_body.hpp"

namespace holdfast::worker {
namespace {

namespace json = boost::json;

/// Its vector of a text is (length of the text, 1), or what the text asks for.
class FakeEmbedder final : public llama::EmbeddingModel {
 public:
  [[nodiscard]] std::string name() const override { return "fake"; }
  Result<llama::TextVector> embed(const std::string& text, const std::atomic<bool>& stop) override {
    ++asked;
    if (text == "fail") return fail(ErrorClass::transient, "HF-EMB-03", "nothing \xff");
    while (text == "hang" && !stop) std::this_thread::yield();
    if (stop) return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
    return llama::TextVector{.values = {static_cast<float>(text.size()), 1}, .cut = text == "long"};
  }
  std::atomic<int> asked = 0;
};

class EmbeddingWorker : public testing::Test {
 protected:
  EmbeddingWorker() {
    int ends[2] = {};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    server_ = std::make_unique<Channel>(ends[0]);
    worker_ = std::thread{[this, fd = ends[1]] {
      Channel channel{fd};
      Requests requests{channel};
      serve_embedding(channel, requests, model_);
    }};
  }
  ~EmbeddingWorker() override {
    server_.reset();
    if (worker_.joinable()) worker_.join();
  }
  void ask(int id, const std::vector<std::string>& texts) {
    auto frame = json::parse(make_embedding_request(texts)).as_object();
    frame["id"] = id;
    server_->write(json::serialize(frame));
  }
  json::object answer() {
    for (;;) {
      auto frame = server_->read();
      EXPECT_TRUE(frame.has_value());
      auto object = frame ? json::parse(frame->body).as_object() : json::object{{"type", "gone"}};
      if (object["type"] != "progress") return object;
    }
  }

  FakeEmbedder model_;
  std::unique_ptr<Channel> server_;
  std::thread worker_;
};

TEST_F(EmbeddingWorker, FG_3_GivesOneVectorForEachTextInOrderAndSaysHowManyWereCut) {
  ask(7, {"a", "long", "abc"});

  const auto finished = answer();

  EXPECT_EQ(finished.at("type"), "finished");
  EXPECT_EQ(finished.at("id"), 7);
  EXPECT_EQ(finished.at("body"), json::parse(R"({"model":"fake","vectors":[[1E0,1E0],[4E0,1E0],[3E0,1E0]],"cut":1})"));
  const auto made = read_embedding_answer(json::serialize(finished.at("body")), 3);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->cut, 1U);
  EXPECT_NEAR(similar::scalar_product(made->row(1), made->row(1)), 1.0, 1e-6);
}

TEST_F(EmbeddingWorker, FG_3_TellsFailuresAndLivesOn) {
  ask(1, {"a", "fail"});
  auto failed = answer();
  EXPECT_EQ(failed.at("type"), "failed");
  EXPECT_EQ(failed.at("class"), "transient");
  EXPECT_EQ(failed.at("code"), "HF-EMB-03");

  server_->write("no JSON");
  EXPECT_EQ(answer().at("code"), "HF-SRV-01");
  ask(2, {});
  EXPECT_EQ(answer().at("code"), "HF-EMB-04");
  ask(3, {std::string(similar::kTextBytesMax + 1, 'x')});
  EXPECT_EQ(answer().at("class"), "permanent");
  EXPECT_EQ(model_.asked, 2);
  ask(4, {"a"});
  EXPECT_EQ(answer().at("type"), "finished");
}

TEST_F(EmbeddingWorker, StopsInTheMiddleOfItsWorkWhenTheServerGoes) {
  ask(1, {"a", "hang", "never"});
  while (model_.asked < 2) std::this_thread::yield();

  server_.reset();

  worker_.join();  // hangs here if it does not stop
  EXPECT_EQ(model_.asked, 2);
}

}  // namespace
}  // namespace holdfast::worker
