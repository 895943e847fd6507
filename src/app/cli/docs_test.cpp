#include "app/cli/docs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/cli/command.hpp"
#include "app/config/keys.hpp"
#include "app/config/toml_file.hpp"

namespace holdfast::cli {
namespace {

using testing::HasSubstr;

TEST(Reference, PagesInTheTreeAreThoseOfTheProgram) {
  for (const auto& [name, text] : reference_pages("")) {
    const std::string path = std::string{HF_SOURCE_DIR} + "/docs/reference/" + name;
    const auto there = config::read_text(path, 1U << 20U);
    ASSERT_TRUE(there) << path;
    EXPECT_TRUE(*there == text) << path << " is old; run `holdfast docs --write docs/reference`";
  }
}

TEST(Reference, EveryKeyAndCommandStandsOnItsPage) {
  const auto pages = reference_pages("");
  for (const auto& key : config::keys()) {
    EXPECT_THAT(pages.at("configuration.md"), HasSubstr(config::environment_name(key.name)));
  }
  for (const auto& command : commands()) {
    if (!command.hidden)
      EXPECT_THAT(pages.at("commands.md"), HasSubstr("\n## " + std::string{command.words} + "\n"));
  }
}

TEST(Reference, RoutesComeFromTheOpenApiDocument) {
  EXPECT_FALSE(reference_pages("").contains("routes.md"));
  const auto page = reference_pages(R"({"paths":{"/livez":{"get":{"summary":"Is it alive?","parameters":[
      {"name":"a|b","in":"query","description":"what"}],"responses":{"200":{"description":"Yes."}}}}}})")
                        .at("routes.md");
  EXPECT_THAT(page, HasSubstr("## GET /livez\nIs it alive?\n"));
  EXPECT_THAT(page, HasSubstr("| `a\\|b` | query | what |"));
  EXPECT_THAT(page, HasSubstr("| 200 | Yes. |"));
}

}  // namespace
}  // namespace holdfast::cli
