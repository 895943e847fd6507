#include <gmock/gmock.h>

#include <set>

#include "app/config/service_keys.hpp"
#include "app/config/show.hpp"
#include "app/config/tables_test_kit.hpp"

namespace holdfast::config {
namespace {

using ::testing::HasSubstr;

class ServiceTables : public testing::TablesTest {};

TEST_F(ServiceTables, FR_4_AnyNumberOfServicesIsRead) {
  const auto loaded = load_text(
      "[services.vectors]\npreset = \"qdrant\"\n[services.db]\nkind = \"command\"\n"
      "command = [\"pg_isready\", \"-q\"]\nevery = \"10 s\"\n[services.cache]\npreset = \"redis\"\n"
      "address = \"10.0.0.7:6379\"\ntimeout = \"1 s\"\nmisses = 3\n");
  ASSERT_TRUE(loaded) << loaded.error().what();
  const auto& services = loaded->settings.services;
  ASSERT_EQ(services.size(), 3U);
  EXPECT_EQ(services[0].name, "cache");
  EXPECT_EQ(services[0].kind, "tcp");
  EXPECT_EQ(services[0].address, "10.0.0.7:6379") << "what is said here is stronger";
  EXPECT_EQ(services[0].misses, 3U);
  EXPECT_EQ(services[0].timeout, milliseconds{1'000});
  EXPECT_EQ(services[1].command, (std::vector<std::string>{"pg_isready", "-q"}));
  EXPECT_EQ(services[1].every, milliseconds{10'000});
  EXPECT_EQ(services[2].url, "http://127.0.0.1:6333/readyz");
  EXPECT_EQ(services[2].every, milliseconds{20'000});
}

TEST_F(ServiceTables, FR_5_TheBreakersOfOurOwnServicesAreConfigured) {
  const auto loaded = load_text(
      "[services.language]\nfailures_in_a_row = 5\nopen_for = \"2 s\"\n[services.\"language/mistral\"]\n"
      "slow_after = \"10 s\"\n");
  ASSERT_TRUE(loaded) << loaded.error().what();
  EXPECT_EQ(loaded->settings.services[0].failures_in_a_row, 5U);
  EXPECT_EQ(loaded->settings.services[0].open_for, milliseconds{2'000});
  EXPECT_EQ(loaded->settings.services[0].calls_min, 10U);
  EXPECT_EQ(loaded->settings.services[1].slow_after, milliseconds{10'000});
}

TEST_F(ServiceTables, FR_4_EveryPresetIsComplete) {
  EXPECT_EQ(presets().size(), 8U);
  for (const Preset& preset : presets()) {
    const auto loaded = load_text("[services.x]\npreset = \"" + std::string{preset.name} + "\"\n");
    ASSERT_TRUE(loaded) << loaded.error().what();
    const auto& service = loaded->settings.services.front();
    EXPECT_EQ(service.kind == "http" ? service.url : service.address, preset.where);
  }
}

TEST_F(ServiceTables, MistakesAreToldWithTheirPlaceAndTheNearestKey) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[services.x]\nkind = \"http\"\nulr = \"http://a\"\n", ":3:1: unknown key services.x.ulr; did you mean url?"},
      {"[services.x]\nkind = \"http\"\n", ":2:1: services.x needs url"},
      {"[services.x]\nkind = \"tcp\"\n", "services.x needs address"},
      {"[services.x]\nkind = \"command\"\n", "services.x needs command"},
      {"[services.x]\nkind = \"command\"\ncommand = []\n", "services.x needs command"},
      {"[services.x]\nevery = \"1 s\"\n", "services.x needs kind or preset"},
      {"[services.x]\n", "services.x: the table says nothing"},
      {"[services]\nx = 1\n", "unknown key services.x"},
      {"[services.x]\npreset = \"mysql\"\n", "\"mysql\" is not one of"},
      {"[services.x]\nkind = \"http\"\nurl = \"ftp://a\"\n", "services.x.url: "},
      {"[services.x]\nkind = \"command\"\ncommand = \"rm -rf\"\n", "services.x.command must be a list of texts"},
      {"[services.x]\nkind = \"command\"\ncommand = [1]\n", "services.x.command must be a list of texts"},
      {"[services.x]\npreset = \"redis\"\nmisses = \"2\"\n", "services.x.misses must be a whole number"},
      {"[services.x]\npreset = \"redis\"\nmisses = 0\n", "too small"},
      {"[services.x]\npreset = \"redis\"\nopen_for = \"1 s\"\n", "no work of ours goes there"},
      {"[services.speech]\nkind = \"tcp\"\n", "how it is looked at is not configured here"},
      {"[services.store]\nmisses = 1\n", "is always looked at"},
      {"[services.\"a/b\"]\npreset = \"redis\"\n", "not a name"},
      {"[services.\"\"]\npreset = \"redis\"\n", "services.: not a name of a-z"},
      {"[services.\"language/\"]\nmisses = 1\n", "not a name"},
      {"[services.x.y]\nz = 1\n", "unknown key services.x.y"},
  };
  for (const auto& [text, says] : cases) EXPECT_THAT(error_of(text), HasSubstr(says)) << text;
}

TEST_F(ServiceTables, WhatIsShownCanBeReadAgain) {
  const auto loaded = load_text(
      "[services.\"language/llama\"]\nmisses = 4\n[services.db]\nkind = \"command\"\ncommand = [\"a\", \"b c\"]\n");
  ASSERT_TRUE(loaded) << loaded.error().what();
  const auto shown = show_text(*loaded, true);
  EXPECT_THAT(shown, HasSubstr("[services.\"language/llama\"]\nmisses = 4 "));
  EXPECT_THAT(show_json(*loaded), HasSubstr("services.db.command"));
  EXPECT_THAT(schema_json(), HasSubstr("failures_in_a_row"));

  const auto again = load_text(shown);

  ASSERT_TRUE(again) << again.error().what();
  EXPECT_EQ(show_text(*again, false), show_text(*loaded, false));
}

TEST(ServiceKeys, EveryKeySetsAMemberOfItsOwnAndSaysWhatItIs) {
  Settings::Service service;
  std::set<const void*> members;
  for (const ServiceKey& known : service_keys()) {
    members.insert(std::visit([](auto* member) -> const void* { return member; }, known.slot(service)));
    EXPECT_TRUE(known.key.sentence.ends_with('.')) << known.key.name;
  }
  EXPECT_EQ(members.size(), service_keys().size());
}

}  // namespace
}  // namespace holdfast::config
