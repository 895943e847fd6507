#include "flow/stages/generate/reading.hpp"

#include <boost/json.hpp>

#include "core/memory/grounded.hpp"
#include "flow/stages/body.hpp"
#include "flow/stages/extraction_json.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

std::unexpected<Error> unreadable() {
  return fail(ErrorClass::permanent, "HF-STO-03", "what the stage had kept to go on with cannot be read");
}

std::size_t size_at(const json::object& kept, std::string_view field) {
  return static_cast<std::size_t>(body::count_or(kept, field, 0));
}

}  // namespace

Result<Reading> reading_of(const Job& job, ExtractionKind kind) {
  const StageRecord* stage = current_stage(job);
  if (stage == nullptr || stage->output.empty()) return Reading{};
  const auto kept = body::parse_object(stage->output, "the stage");
  const auto* taken = kept ? kept->if_contains("taken") : nullptr;
  if (taken == nullptr || !taken->is_array()) return unreadable();
  Reading reading{.next = size_at(*kept, "next"),
                  .left_out = size_at(*kept, "left_out"),
                  .without_room = size_at(*kept, "without_room"),
                  .shortened = size_at(*kept, "shortened"),
                  .pieces = size_at(*kept, "pieces"),
                  .tokens_in = body::count_or(*kept, "tokens_in", 0),
                  .tokens_out = body::count_or(*kept, "tokens_out", 0)};
  for (const json::value& one : taken->get_array()) {
    auto made = extraction_of(one, kind);
    if (!made) return unreadable();
    reading.taken.push_back(*std::move(made));
  }
  return reading;
}

std::string to_json(const Reading& reading) {
  json::array taken;
  for (const Extraction& made : reading.taken) taken.push_back(extraction_object(made));
  return json::serialize(json::object{{"next", reading.next},
                                      {"left_out", reading.left_out},
                                      {"without_room", reading.without_room},
                                      {"shortened", reading.shortened},
                                      {"pieces", reading.pieces},
                                      {"tokens_in", reading.tokens_in},
                                      {"tokens_out", reading.tokens_out},
                                      {"taken", std::move(taken)}});
}

std::span<const SpokenLine> next_piece(std::span<const SpokenLine> lines, std::size_t next,
                                       std::size_t characters_max) {
  const auto rest = lines.subspan(std::min(next, lines.size()));
  std::size_t characters = 0;
  std::size_t count = 0;
  for (; count < rest.size(); ++count) {
    characters += rest[count].text.size();
    if (count > 0 && characters > characters_max) break;
  }
  return rest.first(count);
}

void take_in(Reading& reading, Shaped piece, std::size_t used, std::size_t lines_count) {
  reading.pieces += 1;
  reading.left_out += piece.left_out;
  reading.without_room += memory::add_new(reading.taken, std::move(piece.extractions), kExtractionsMax);
  reading.next += used;
  const bool more = reading.next < lines_count;
  if (more && used > 2 * kLinesRepeated) reading.next -= kLinesRepeated;  // and still further than before
}

std::vector<std::string> remarks(const Reading& reading) {
  std::vector<std::string> out;
  if (reading.left_out > 0) {
    out.push_back("left out what the model made up: not said in the recording (" +
                  std::to_string(reading.left_out) + ")");
  }
  if (reading.without_room > 0) {
    out.push_back("only the first " + std::to_string(kExtractionsMax) + " were kept, " +
                  std::to_string(reading.without_room) + " more were found");
  }
  if (reading.shortened > 0) {
    out.push_back("the model's answer was ended early because it grew too long, in " +
                  std::to_string(reading.shortened) + " of " + std::to_string(reading.pieces) + " parts");
  }
  return out;
}

}  // namespace holdfast::stages
