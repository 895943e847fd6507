#include "adapters/llama/grammar.hpp"

#include <json-schema-to-grammar.h>

#include <exception>

namespace holdfast::llama {
namespace {

/// The library's grammar lets a model indent as it likes, and a small one spends its tokens on that.
std::string without_blanks(std::string grammar) {
  constexpr std::string_view kRule = "\nspace ::= ";
  const auto start = ("\n" + grammar).find(kRule);
  if (start == std::string::npos) return grammar;
  return grammar.replace(start, grammar.find('\n', start) - start, "space ::= \"\"");
}

}  // namespace

Result<std::string> grammar_of(const std::string& schema) {
  try {
    return without_blanks(json_schema_to_grammar(common_json::parse(schema), /*force_gbnf=*/true));
  } catch (const std::exception& problem) {
    return fail(ErrorClass::permanent, "HF-CFG-02",
                std::string{"the schema has no grammar: "} + problem.what());
  }
}

}  // namespace holdfast::llama
