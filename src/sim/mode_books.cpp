#include "sim/mode_books.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

Recipe told_recipe() {
  Recipe recipe{.name = "told"};
  recipe.stages = {{.name = "speech", .fallbacks = {{}}}, {.name = "elsewhere", .fallbacks = {{}}}};
  recipe.modes = {{.name = "both", .stages = {"speech", "elsewhere"}},
                  {.name = "one", .stages = {"speech"}},
                  {.name = "neither"},
                  {.name = "nothing", .last_resort = true}};
  return recipe;
}

std::size_t index_of(const std::string& mode) {
  const auto& modes = ModeBooks::recipes().at("told").modes;
  return static_cast<std::size_t>(std::ranges::find(modes, mode, &modes::Mode::name) - modes.begin());
}

}  // namespace

const RecipeBook& ModeBooks::recipes() {
  static const RecipeBook book{{"told", told_recipe()}};
  return book;
}

std::size_t ModeBooks::possible(const Entry& entry) {
  if (!entry.speech_away) return entry.elsewhere_away ? 1 : 0;
  return entry.elsewhere_away ? 3 : 2;
}

/// Every mode fuller than what is possible now is out of reach until the next change.
void ModeBooks::mark(Entry& entry) const {
  for (std::size_t mode = 0; mode < possible(entry); ++mode) entry.out_of_reach[mode] = timeline_.now();
}

/// What changed at an earlier moment has been heard of by now.
void ModeBooks::must_have_fallen(int node, const Entry& entry) {
  if (entry.changed_at == timeline_.now() || entry.mode >= possible(entry)) return;
  complain_(node_name(node) + ": a recipe stands in mode " + std::to_string(entry.mode) + " though only " +
            std::to_string(possible(entry)) + " can be done");
}

void ModeBooks::away(int node, const std::string& service, bool is_away) {
  if (service != "speech" && service != "elsewhere") return;
  Entry& entry = entries_[node];
  bool& known = service == "speech" ? entry.speech_away : entry.elsewhere_away;
  if (known == is_away) return;
  must_have_fallen(node, entry);
  mark(entry);  // until now
  known = is_away;
  entry.changed_at = timeline_.now();
  mark(entry);
}

void ModeBooks::stands(int node, const std::string& mode) {
  Entry& entry = entries_[node];
  const std::size_t now = index_of(mode);
  const bool falls = now > entry.mode;
  coverage_.reached(std::string{"mode/"} + (falls ? "fell to " : "rose to ") + mode);
  mark(entry);
  if (falls && now != possible(entry))
    complain_(node_name(node) + ": a recipe fell to mode " + mode + ", and that is not what can be done");
  const auto lost = entry.out_of_reach.find(now);
  if (!falls && lost != entry.out_of_reach.end() && timeline_.now() - lost->second < kDwell)
    complain_(node_name(node) + ": a recipe rose to mode " + mode + ", which was out of reach " +
              std::to_string((timeline_.now() - lost->second).count()) + " ms ago");
  entry.mode = now;
}

}  // namespace holdfast::sim
