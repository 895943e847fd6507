#include "flow/stages/generate/sources.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "flow/views/json_text.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

Result<json::value> result_named(const StageInput& input, const std::string& name) {
  const auto found = std::ranges::find(input.results, name, &StoredResult::name);
  if (found == input.results.end())
    return fail(ErrorClass::permanent, "HF-CFG-02", "there is no result \"" + name + "\" to read");
  boost::system::error_code bad;
  auto value = json::parse(found->json, bad);
  if (bad) return fail(ErrorClass::permanent, "HF-CFG-02", "the result \"" + name + "\" cannot be read");
  return value;
}

/// A result in lines: one for each field of an object.
std::string as_text(std::string_view name, const json::value& result) {
  if (!result.is_object()) return std::string{name} + ": " + views::to_text(result) + "\n";
  std::string text;
  for (const auto& [field, value] : result.get_object())
    text += std::string{field} + ": " + views::to_text(value) + "\n";
  return text;
}

void add(std::vector<SpokenLine>& lines, std::vector<SpokenLine> more) {
  for (SpokenLine& line : more) {
    line.segment = lines.size();
    lines.push_back(std::move(line));
  }
}

}  // namespace

bool reads(const StageConfig& config, std::string_view what) {
  return std::ranges::find(config.reads, what) != config.reads.end();
}

Result<Sources> sources_of(const StageInput& input) {
  Sources out;
  for (const std::string& what : input.config.reads) {
    if (what == kReadsTranscript) {
      out.lines = spoken(input.segments);  // alone: the lines keep the numbers of their segments
    } else if (what == kReadsInput) {
      add(out.lines, written(input.job.input.payload));
    } else {
      HF_TRY(out.earlier[what], result_named(input, what));
      add(out.lines, written(as_text(what, out.earlier[what])));
    }
  }
  return out;
}

Material material_of(const StageInput& input, const json::object& earlier) {
  return {.request = reads(input.config, kReadsInput) ? std::string_view{input.job.input.payload} : std::string_view{},
          .earlier = earlier,
          .templates = input.config.templates};
}

}  // namespace holdfast::stages
