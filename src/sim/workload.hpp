#pragma once

#include "core/recipe/recipe.hpp"
#include "sim/sim_workers.hpp"

namespace holdfast::sim {

/// The first bytes of a WAV file: what intake's sniffing must see before it takes anything.
std::string wav_like(const std::string& tail);

/// The one recipe of a world, with the seed's patience.
RecipeBook sim_recipes(const Scenario& scenario);

/// The mode that the n-th client asks for, from dice of its own; empty: none, or the recipe has one way only.
std::string draw_mode(const Scenario& scenario, int client);

/// How one recording will behave.
Nature draw_nature(const Scenario& scenario, Rng& rng);

}  // namespace holdfast::sim
