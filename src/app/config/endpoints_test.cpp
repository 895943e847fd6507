#include <gmock/gmock.h>

#include "app/config/endpoint_keys.hpp"
#include "app/config/show.hpp"
#include "app/config/tables_test_kit.hpp"

namespace holdfast::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class EndpointTables : public testing::TablesTest {};

TEST_F(EndpointTables, FG_1_AnyNumberOfEndpointsIsRead) {
  const auto loaded = load_text(
      "[endpoints.big]\nurl = \"http://10.0.0.7:8000/v1\"\nmodel = \"org/mistral:7b\"\nroles = [\"mistral\", "
      "\"qwen\"]\nweight = 3\ntimeout = \"20 s\"\n[endpoints.any]\nurl = \"https://models.example/v1\"\n"
      "model = \"m\"\nweight = 0\ncontext = 32768\napi_key_file = \"/run/key\"\n");
  ASSERT_TRUE(loaded) << loaded.error().what();
  const auto& endpoints = loaded->settings.endpoints;
  ASSERT_EQ(endpoints.size(), 2U);
  EXPECT_EQ(endpoints[0].name, "any");
  EXPECT_THAT(endpoints[0].roles, IsEmpty());
  EXPECT_EQ(endpoints[0].weight, 0U);
  EXPECT_EQ(endpoints[0].context, 32'768U);
  EXPECT_EQ(endpoints[0].api_key_file, "/run/key");
  EXPECT_EQ(endpoints[0].timeout, milliseconds{120'000});
  EXPECT_EQ(endpoints[1].url, "http://10.0.0.7:8000/v1");
  EXPECT_EQ(endpoints[1].model, "org/mistral:7b");
  EXPECT_THAT(endpoints[1].roles, ElementsAre("mistral", "qwen"));
  EXPECT_EQ(endpoints[1].weight, 3U);
  EXPECT_EQ(endpoints[1].timeout, milliseconds{20'000});
}

TEST_F(EndpointTables, WhatIsWrongIsSaidWithItsPlace) {
  const std::string whole = "[endpoints.x]\nurl = \"http://a/v1\"\nmodel = \"m\"\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[endpoints.x]\nurl = \"http://a/v1\"\n", ":2:1: endpoints.x needs model"},
      {"[endpoints.x]\nmodel = \"m\"\n", ":2:1: endpoints.x needs url"},
      {"[endpoints.x]\n", "endpoints.x: the table says nothing"},
      {"[endpoints]\nx = 1\n", "unknown key endpoints.x"},
      {whole + "wieght = 1\n", ":4:1: unknown key endpoints.x.wieght; did you mean weight?"},
      {whole + "weight = 2000\n", "endpoints.x.weight: "},
      {whole + "weight = \"1\"\n", "endpoints.x.weight must be a whole number"},
      {whole + "roles = \"mistral\"\n", "endpoints.x.roles must be "},
      {whole + "roles = [\"Mi stral\"]\n", "endpoints.x.roles: \"Mi stral\" is not a name"},
      {"[endpoints.x]\nurl = \"ftp://a\"\nmodel = \"m\"\n", "endpoints.x.url: "},
      {"[endpoints.\"a b\"]\nurl = \"http://a/v1\"\nmodel = \"m\"\n", "endpoints.a b: not a name of a-z"},
  };
  for (const auto& [text, said] : cases) EXPECT_THAT(error_of(text), HasSubstr(said)) << text;
}

TEST_F(EndpointTables, AnyRoleMayHaveAModelOfItsOwn) {
  sources_.environment["HOLDFAST_ROLES_QWEN"] = "other";
  const auto loaded = load_text("[roles]\nmistral = \"big\"\nqwen = \"small\"\nnose = \"third\"\n");
  ASSERT_TRUE(loaded) << loaded.error().what();
  EXPECT_THAT(loaded->settings.roles,
              ElementsAre(Pair("mistral", "big"), Pair("nose", "third"), Pair("qwen", "other")));
  EXPECT_THAT(loaded->warnings, IsEmpty());
  EXPECT_THAT(error_of("[roles]\nmistral = 7\n"), HasSubstr(":2:1: roles.mistral must be the name of a model"));
  EXPECT_THAT(error_of("[roles]\nMistral = \"big\"\n"), HasSubstr("roles.Mistral must be"));
  EXPECT_THAT(error_of("[roles]\nmistral = \"\"\n"), HasSubstr("roles.mistral must be"));
  EXPECT_THAT(error_of("[roles.mistral]\nmodel = \"big\"\n"), HasSubstr("roles.mistral must be"));
}

TEST_F(EndpointTables, WhatIsShownCanBeReadAgain) {
  const auto loaded = load_text(
      "[roles]\nmistral = \"big\"\n[endpoints.\"a.b\"]\nurl = \"http://a/v1\"\nmodel = \"m\"\nroles = [\"mistral\"]\n");
  ASSERT_TRUE(loaded) << loaded.error().what();
  const std::string shown = show_text(*loaded, true);
  EXPECT_THAT(shown, HasSubstr("[roles]\nmistral = \"big\" "));
  EXPECT_THAT(shown, HasSubstr("[endpoints.\"a.b\"]\nmodel = \"m\" "));
  const auto again = load_text(shown);
  ASSERT_TRUE(again) << again.error().what();
  EXPECT_EQ(again->settings.endpoints.front().roles, loaded->settings.endpoints.front().roles);
  EXPECT_EQ(again->settings.roles, loaded->settings.roles);
  EXPECT_THAT(show_json(*loaded), HasSubstr("roles.mistral"));
  EXPECT_THAT(show_json(*loaded), HasSubstr("endpoints.a.b.url"));
}

}  // namespace
}  // namespace holdfast::config
