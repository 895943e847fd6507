#include "app/recipes/recipe_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <tuple>

namespace holdfast::recipes {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kHead = "title = \"T\"\ndescription = \"D\"\naccepts = [\"audio\"]\n";
constexpr auto kUpload = "[[stage]]\nname = \"upload\"\nkind = \"upload\"\ntitle = \"Saved\"\n";
constexpr auto kConvert = "[[stage]]\nname = \"convert\"\nkind = \"convert\"\ntitle = \"Converting\"\n";
constexpr auto kStt = "[[stage]]\nname = \"stt\"\nkind = \"transcribe\"\ntitle = \"Transcribing\"\n";
constexpr auto kForm =
    "[[stage]]\nname = \"ai\"\nkind = \"generate\"\ntitle = \"AI\"\nrole = \"writer\"\nresult = "
    "\"form\"\nshape = \"form\"\n"
    "prompt = \"p.txt\"\nschema = \"s.json\"\n";
constexpr auto kSchema = R"({"type":"object","additionalProperties":false,"required":["name"],
  "properties":{"name":{"type":["string","null"],"maxLength":40}}})";

/// A folder of recipes that is gone when the test is over.
class Recipes : public testing::Test {
 protected:
  Recipes() {
    char name[] = "/tmp/hf-recipes-XXXXXX";
    root_ = ::mkdtemp(name);
    fs::create_directory(root_ / "mine");
    write("p.txt", "Instruction.\n---\n{{transcript}}\n");
    write("s.json", kSchema);
  }
  ~Recipes() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{root_ / "mine" / name} << text;
  }
  [[nodiscard]] Result<RecipeBook> load(const std::string& pipeline) const {
    write("pipeline.toml", pipeline);
    return load_recipes(root_);
  }
  [[nodiscard]] std::string why(const std::string& pipeline) const {
    const auto book = load(pipeline);
    if (book) return "it was accepted";
    EXPECT_EQ(book.error().code(), "HF-CFG-02");
    return book.error().what();
  }
  static std::string whole() { return std::string{kHead} + kUpload + kConvert + kStt + kForm; }

  fs::path root_;
};

TEST_F(Recipes, LAB_2_ThoseThatComeAlongAreReadAndHaveTheStagesThatPeopleKnow) {
  const auto book = load_recipes(fs::path{HF_SOURCE_DIR} / "recipes");

  ASSERT_TRUE(book) << book.error().what();
  std::vector<std::string> names;
  for (const auto& stage : book->at("introductions").stages) names.push_back(stage.name);
  EXPECT_THAT(names, ElementsAre("upload", "convert", "stt", "mistral", "llama"));
  EXPECT_EQ(book->at("voicesync").stages.size(), 3U);
  EXPECT_EQ(find_stage(book->at("introductions"), "mistral")->title, "Understanding");
  EXPECT_THAT(roles_of(*book), ElementsAre("chat", "llama", "mistral", "qwen"));
}

TEST_F(Recipes, AreReadWithTheirPolicies) {
  const auto book =
      load(whole() +
           "tokens_max = 100\ntime_max = \"90 s\"\nretry = { attempts_max = 2, backoff_base = \"1 s\" }\n");

  ASSERT_TRUE(book) << book.error().what();
  const auto& stage = book->at("mine").stages.back();
  EXPECT_EQ(stage.time_max, milliseconds{90'000});
  EXPECT_EQ(stage.retry.attempts_max, 2U);
  EXPECT_EQ(stage.retry.backoff.base, milliseconds{1000});
  EXPECT_EQ(stage.tokens_max, 100U);
  EXPECT_EQ(stage.schema, kSchema);
  EXPECT_EQ(stage.role, "writer");
}

TEST_F(Recipes, AnUnknownKeyIsAnErrorWithFileLineAndTheKeyThatWasMeant) {
  const auto said = why(whole() + "tim_max = \"3 s\"\n");

  EXPECT_THAT(said, HasSubstr("mine/pipeline.toml:25: unknown key \"tim_max\"; did you mean \"time_max\"?"));
  EXPECT_THAT(why("titel = \"T\"\n" + whole()),
              HasSubstr("pipeline.toml:1: unknown key \"titel\"; did you mean \"title\"?"));
  EXPECT_THAT(why(whole() + "retry = { attempt_max = 3 }\n"), HasSubstr("did you mean \"attempts_max\"?"));
}

TEST_F(Recipes, SayWhatIsWrong) {
  const auto base = std::string{kHead} + kUpload;
  const std::pair<std::string, const char*> cases[] = {
      {"title = ", "pipeline.toml:1: "},
      {base, "at least one stage must follow"},
      {std::string{kHead} + kConvert + kUpload, "the first stage must be of kind \"upload\""},
      {base + kUpload, "two stages are called \"upload\""},
      {base + kConvert + kConvert, "two stages are called \"convert\""},
      {base + kStt, "\"stt\" needs a stage of kind \"convert\" before it"},
      {base + kForm, "\"ai\" needs a stage of kind \"transcribe\" before it"},
      {kHead, "\"stage\" is missing"},
      {base + "[[stage]]\nname = \"x\"\nkind = \"konvert\"\ntitle = \"X\"\n", "did you mean \"convert\"?"},
      {base + "[[stage]]\nname = \"X y\"\nkind = \"convert\"\ntitle = \"X\"\n", "\"name\" must be of a-z"},
      {base + kConvert + "time_max = 30\n", "write it like \"15 min\""},
      {base + kConvert + "time_max = \"0 s\"\n", "longer than nothing"},
      {base + kConvert + "role = \"x\"\n", "unknown key \"role\""},
      {base + kConvert + "time_budget_rtf = -1\n", "from 0 to 1000"},
      {base + kConvert + "retry = { attempts_max = 0 }\n", "from 1 to 100"},
      {base + kConvert + "retry = { backoff_base = \"2 s\", backoff_ceiling = \"1 s\" }\n",
       "is shorter than"},
      {std::string{"title = \"T\"\ndescription = \"D\"\naccepts = [\"pictures\"]\n"} + kUpload + kConvert,
       "not \"pictures\""},
      {whole() + "tokens_max = 20\n", "\"tokens_max\" must be at least"}};
  for (const auto& [pipeline, what] : cases) EXPECT_THAT(why(pipeline), HasSubstr(what));
}

TEST_F(Recipes, AStageThatAnswersTextIsOneOfARecipeThatTakesIt) {
  const auto chat = "[[stage]]\nname = \"chat\"\nkind = \"complete\"\ntitle = \"C\"\nrole = \"chat\"\n";
  const auto text = std::string{"title = \"T\"\ndescription = \"D\"\naccepts = [\"text\"]\n"} + kUpload + chat;

  const auto book = load(text + "tokens_max = 64\ntemperature = 0.5\n");

  ASSERT_TRUE(book) << book.error().what();
  const StageConfig& stage = book->at("mine").stages.back();
  EXPECT_EQ(stage.role, "chat");
  EXPECT_EQ(stage.tokens_max, 64U);
  EXPECT_EQ(stage.result, "answer");
  EXPECT_THAT(why(std::string{kHead} + kUpload + chat), HasSubstr("works on text"));
  EXPECT_THAT(why(text + "schema = \"s.json\"\n"), HasSubstr("unknown key \"schema\""));
}

TEST_F(Recipes, FilesMustBeThereAndBeUsable) {
  const auto with = [](std::string key, const std::string& value) {
    auto text = whole();
    const auto start = text.find(key);
    return text.replace(start, text.find('\n', start) - start, key + value);
  };
  EXPECT_THAT(why(with("schema = ", "\"none.json\"")), HasSubstr("not there: none.json"));
  EXPECT_THAT(why(with("schema = ", "\"../mine/s.json\"")), HasSubstr("inside the recipe's folder"));
  EXPECT_THAT(why(with("schema = ", "\"/etc/passwd\"")), HasSubstr("inside the recipe's folder"));
  EXPECT_THAT(why(with("shape = ", "\"from\"")), HasSubstr("did you mean \"form\"?"));
  EXPECT_THAT(why(with("shape = ", "\"rating\"")), HasSubstr("criterion \"name\""));
  write("p.txt", "only a task");
  EXPECT_THAT(why(whole()), HasSubstr("\"prompt\" cannot be used"));
  write("p.txt", "Instruction.\n---\n{{transcript}}\n");
  write("s.json",
        R"({"type":"object","additionalProperties":false,"properties":{"name":{"type":"string"}}})");
  EXPECT_THAT(why(whole()), HasSubstr("answer.name needs \"maxLength\""));
  write("s.json", "{");
  EXPECT_THAT(why(whole()), HasSubstr("\"schema\" cannot be used"));
}

TEST_F(Recipes, FG_1_TheFragranceRecipeHasThreeModelsThatReadNoMoreThanTheyNeed) {
  const auto book = load_recipes(fs::path{HF_SOURCE_DIR} / "recipes");
  ASSERT_TRUE(book) << book.error().what();
  const Recipe& recipe = book->at("fragrance");
  EXPECT_THAT(recipe.accepts, ElementsAre("text"));
  const auto& [qwen, mistral, llama] =
      std::tie(*find_stage(recipe, "qwen"), *find_stage(recipe, "mistral"), *find_stage(recipe, "llama"));
  EXPECT_THAT(qwen.reads, ElementsAre("input"));
  EXPECT_THAT(mistral.reads, ElementsAre("brief")) << "nothing of the request reaches the rules";
  EXPECT_THAT(llama.reads, ElementsAre("brief"));
  EXPECT_EQ(qwen.tokens_max, 512U);
  EXPECT_EQ(qwen.time_max, milliseconds{10'000});
  EXPECT_EQ(mistral.time_max, milliseconds{5'000});
  EXPECT_EQ(llama.time_max, milliseconds{10'000});
  EXPECT_FALSE(llama.templates.empty());
}

TEST_F(Recipes, WhatAStageReadsHasToBeThereByThen) {
  const auto reading = [&](const std::string& reads) { return whole() + "reads = " + reads + "\n"; };
  const auto second = [](const std::string& reads) {
    std::string stage = kForm;
    stage.replace(stage.find("\"ai\""), 4, "\"ai2\"");
    stage.replace(stage.find("\"form\""), 6, "\"form2\"");
    return stage + "reads = " + reads + "\n";
  };
  const auto text = std::string{"title = \"T\"\ndescription = \"D\"\naccepts = [\"text\"]\n"} + kUpload;

  EXPECT_EQ(why(reading("[\"transcript\"]")), "it was accepted");
  EXPECT_EQ(why(whole() + second("[\"form\"]")), "it was accepted");
  EXPECT_EQ(why(text + kForm + "reads = [\"input\"]\n"), "it was accepted");
  EXPECT_EQ(why(text + kForm + "reads = [\"input\"]\n" + second("[\"input\", \"form\"]")), "it was accepted");
  EXPECT_THAT(why(reading("[\"input\"]")), HasSubstr("reads \"input\", which is not there by then"));
  EXPECT_THAT(why(reading("[\"form\"]")), HasSubstr("reads \"form\", which is not there by then")) << "its own";
  EXPECT_THAT(why(whole() + second("[\"rating\"]")), HasSubstr("reads \"rating\""));
  EXPECT_THAT(why(whole() + second("[\"transcript\", \"form\"]")), HasSubstr("only by itself"));
  EXPECT_THAT(why(reading("[]")), HasSubstr("list of words"));
  EXPECT_THAT(why(whole() + "templates = \"s.json\"\n"), HasSubstr("\"form\" has no templates"));
}

TEST_F(Recipes, AFolderWithoutRecipesIsAnError) {
  EXPECT_EQ(load_recipes(root_).error().error_class(), ErrorClass::not_found) << "no pipeline.toml";
  EXPECT_EQ(load_recipes(root_ / "none").error().error_class(), ErrorClass::not_found);
  EXPECT_EQ(load_recipes(root_ / "mine").error().error_class(), ErrorClass::not_found) << "no folders";
}

TEST_F(Recipes, VS_9_FilesOfVoicesyncAreKeptADayAndItsTranscriptsLonger) {
  const auto book = load_recipes(fs::path{HF_SOURCE_DIR} / "recipes");
  ASSERT_TRUE(book);
  const auto ages = retention::laid_over({}, book->at("voicesync").retention);
  EXPECT_EQ(ages.files, std::chrono::hours{24});
  EXPECT_GT(ages.transcripts, ages.files);
  EXPECT_FALSE(retention::laid_over({}, book->at("introductions").retention).files) << "kept: no surprise for a class";
}

TEST_F(Recipes, FR_7_ARecipeSaysHowLongItsOwnItemsAreKept) {
  const auto with = [](const std::string& ages) {
    return std::string{kHead} + "[retention]\n" + ages + whole().substr(std::string{kHead}.size());
  };
  const auto book = load(with("files = \"2 h\"\ntranscripts = \"keep\"\n"));
  ASSERT_TRUE(book) << book.error().what();
  EXPECT_EQ(book->at("mine").retention.files, retention::Age{std::chrono::hours{2}});
  const auto& transcripts = book->at("mine").retention.transcripts;
  EXPECT_TRUE(transcripts.has_value() && !transcripts->has_value()) << "kept, whatever the server says";
  EXPECT_FALSE(book->at("mine").retention.items.has_value()) << "as the server says";

  EXPECT_THAT(why(with("file = \"2 h\"\n")), testing::HasSubstr("did you mean \"files\""));
  EXPECT_THAT(why(with("files = \"soon\"\n")), testing::HasSubstr("files"));
  EXPECT_THAT(why(with("files = \"0 s\"\n")), testing::HasSubstr("longer than nothing"));
}

constexpr auto kModes =
    "[[mode]]\nname = \"full\"\nstages = [\"ai\"]\nlatency = \"5 s\"\nquality = \"full\"\n"
    "[[mode]]\nname = \"none\"\nlast_resort = true\n";

TEST_F(Recipes, FG_2_ModesAndFallbacksAreReadInTheirOrder) {
  write("popular.json", R"({"full":{"name":null}})");
  const auto book = load(whole() + "deadline = \"40 s\"\ngives = \"the form\"\ntemperature = 0.7\ntokens_max = 300\n" +
                         "[[stage.fallback]]\nstrategy = \"less\"\ntokens_max = 90\ntemperature = 0.5\n" +
                         "not_in = \"none\"\n[[stage.fallback]]\nstrategy = \"popular\"\ndata = \"popular.json\"\n" +
                         "only_in = \"none\"\nreliability = \"medium\"\n" + kModes);

  ASSERT_TRUE(book) << book.error().what();
  const auto& stage = book->at("mine").stages.back();
  EXPECT_EQ(stage.deadline, milliseconds{40'000});
  EXPECT_EQ(stage.temperature, 0.7);
  ASSERT_EQ(stage.fallbacks.size(), 2U);
  EXPECT_EQ(stage.fallbacks[0].tokens_max, 90U);
  EXPECT_EQ(stage.fallbacks[0].temperature, 0.5);
  EXPECT_EQ(stage.fallbacks[1].only_in, "none");
  EXPECT_EQ(stage.fallbacks[1].reliability, "medium");
  const auto& modes = book->at("mine").modes;
  ASSERT_EQ(modes.size(), 2U);
  EXPECT_THAT(modes[0].stages, ElementsAre("ai"));
  EXPECT_TRUE(modes[1].last_resort);
  EXPECT_THAT(lost_in(book->at("mine"), modes[1]), ElementsAre("the form"));
  EXPECT_THAT(lost_in(book->at("mine"), modes[0]), ElementsAre());
}

TEST_F(Recipes, FG_2_ModesAndFallbacksThatCannotWorkAreRefused) {
  write("popular.json", R"({"full":{"name":null}})");
  write("list.json", "[1]");
  const auto step = [](const std::string& keys) { return whole() + "[[stage.fallback]]\n" + keys; };
  const std::pair<std::string, const char*> cases[] = {
      {step("strategy = \"lass\"\n"), "did you mean \"less\"?"},
      {step("strategy = \"less\"\ntokens_max = 600\n"), "\"less\" must have fewer \"tokens_max\""},
      {step("strategy = \"rules\"\n"), "the stage of shape \"form\" has no rules"},
      {step("strategy = \"popular\"\ndata = \"list.json\"\n"), "a JSON object of results"},
      {step("strategy = \"popular\"\ndata = \"nothing.json\"\n"), "names a file that is not there"},
      {step("strategy = \"popular\"\ndata = \"../p.txt\"\n"), "must stay inside the recipe's folder"},
      {step("strategy = \"template\"\n"), "the stage of shape \"form\" has no \"templates\""},
      {step("strategy = \"popular\"\ndata = \"popular.json\"\nonly_in = \"night\"\n"), "names no mode \"night\""},
      {step("strategy = \"popular\"\ndata = \"popular.json\"\nreliability = \"good\"\n"), "high, medium or low"},
      {whole() + "[[mode]]\nname = \"a\"\nstages = [\"nobody\"]\n", "names no stage \"nobody\""},
      {whole() + "[[mode]]\nname = \"a\"\n[[mode]]\nname = \"b\"\nstages = [\"ai\"]\n", "the one before it has not"},
      {whole() + "[[mode]]\nname = \"a\"\n[[mode]]\nname = \"a\"\n", "two modes are called \"a\""},
  };
  for (const auto& [pipeline, said] : cases) EXPECT_THAT(why(pipeline), HasSubstr(said));
}

TEST_F(Recipes, FG_2_AModeSaysHowAStageIsDoneAndWhatCannotBeSaidIsRefused) {
  const auto mode = [](const std::string& keys) { return whole() + "[[mode]]\nname = \"a\"\n" + keys; };
  const std::string both = "stages = [\"stt\", \"ai\"]\n";
  const auto book = load(mode(both + "settings = { stt = { beam_size = 1, time_max = \"1 min\" }, " +
                              "ai = { temperature = 0.9, tokens_max = 500 } }\n" +
                              "[[mode]]\nname = \"b\"\nsmaller = [\"stt\"]\n"));
  ASSERT_TRUE(book) << book.error().what();
  const Recipe& recipe = book->at("mine");
  EXPECT_EQ(in_mode(recipe, *find_stage(recipe, "stt"), "a").beam_size, 1U);
  EXPECT_EQ(in_mode(recipe, *find_stage(recipe, "stt"), "a").time_max, milliseconds{60'000});
  EXPECT_EQ(in_mode(recipe, *find_stage(recipe, "ai"), "a").temperature, 0.9);
  EXPECT_EQ(in_mode(recipe, *find_stage(recipe, "ai"), "a").tokens_max, 500U);
  EXPECT_THAT(recipe.modes[1].smaller, ElementsAre("stt"));

  const std::pair<std::string, const char*> cases[] = {
      {mode(both + "settings = { sst = { beam_size = 1 } }\n"), "unknown key \"sst\"; did you mean \"stt\"?"},
      {mode(both + "settings = { stt = { beamsize = 1 } }\n"), "did you mean \"beam_size\"?"},
      {mode(both + "settings = { stt = { tokens_max = 9 } }\n"), "unknown key \"tokens_max\""},
      {mode(both + "settings = { ai = { beam_size = 1 } }\n"), "unknown key \"beam_size\""},
      {mode(both + "settings = { stt = { beam_size = 0 } }\n"), "whole number from 1 to 10"},
      {mode(both + "settings = { ai = { tokens_max = 1 } }\n"), "must be at least"},
      {mode("stages = [\"ai\"]\nsettings = { stt = { beam_size = 1 } }\n"), "not among \"stages\""},
      {mode("smaller = [\"stt\"]\nsettings = { stt = { beam_size = 1 } }\n"), "cannot be asked for"},
      {mode("stages = [\"stt\"]\nsmaller = [\"stt\"]\n"), "names \"stt\" twice"},
      {mode("smaller = [\"convert\"]\n"), "needs none"},
      {mode("smaller = [\"nobody\"]\n"), "names no stage \"nobody\""},
  };
  for (const auto& [pipeline, said] : cases) {
    EXPECT_THAT(why(pipeline), HasSubstr(said));
    EXPECT_THAT(why(pipeline), HasSubstr("pipeline.toml:"));
  }
}

}  // namespace
}  // namespace holdfast::recipes
