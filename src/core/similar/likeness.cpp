#include "core/similar/likeness.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "core/similar/reading.hpp"

namespace holdfast::similar {
namespace {

using Words = std::vector<const Telling*>;

/// Two or fewer words on each side that the other has not, beside at least as many that both have, are an exchange.
constexpr std::size_t kExchangedMax = 2;

Words those(const Reading& reading, bool denied, bool with_numbers = false) {
  Words found;
  for (const Telling& telling : reading.words) {
    const bool counts = telling.tells || (with_numbers && telling.number);
    if (counts && telling.denied == denied) found.push_back(&telling);
  }
  return found;
}

bool share_a_group(const Telling& left, const Telling& right) {
  return std::ranges::any_of(left.meanings, [&](const Meaning& one) {
    return one.kind != WordKind::filler && std::ranges::any_of(right.meanings, [&](const Meaning& other) {
             return one.kind == other.kind && one.group == other.group && one.pole == other.pole;
           });
  });
}

bool is_named(const Telling& telling) { return telling.as(WordKind::name) != nullptr; }

/// Names are the same only as the vocabulary says: a clove is no clover. Others may have another ending.
bool same(const Telling& left, const Telling& right) {
  if (left.word.text == right.word.text) return true;
  if (left.number || right.number) return false;
  if (share_a_group(left, right)) return true;
  if (is_named(left) && is_named(right)) return false;
  return grounding::same_word(left.word, right.word);
}

bool has(const Words& words, const Telling& telling) {
  return std::ranges::any_of(words, [&](const Telling* other) { return same(*other, telling); });
}

Words missing(const Words& from, const Words& in) {
  Words found;
  for (const Telling* telling : from)
    if (!has(in, *telling)) found.push_back(telling);
  return found;
}

std::optional<Verdict> by_numbers(const Reading& left, const Reading& right) {
  if (left.numbers == right.numbers) return std::nullopt;
  std::vector<std::string> apart;
  std::ranges::set_symmetric_difference(left.numbers, right.numbers, std::back_inserter(apart));
  return Verdict{.difference = Difference::number, .about = apart.front()};
}

/// Of what is denied only known words count, where there are some: "no vanilla tonight" denies vanilla.
Words denied_words(const Reading& reading) {
  Words all = those(reading, true);
  Words known;
  for (const Telling* telling : all)
    if (!telling->meanings.empty()) known.push_back(telling);
  return known.empty() ? all : known;
}

std::optional<Verdict> by_denials(const Reading& left, const Reading& right) {
  const Words here = denied_words(left);
  const Words there = denied_words(right);
  Words apart = missing(here, there);
  std::ranges::copy(missing(there, here), std::back_inserter(apart));
  if (left.denies == right.denies && apart.empty()) return std::nullopt;
  return Verdict{.difference = Difference::denial, .about = apart.empty() ? std::string{} : apart.front()->word.text};
}

/// Which ends of which things are asked for.
std::map<unsigned, std::map<unsigned, const Telling*>> poles_of(const Words& words) {
  std::map<unsigned, std::map<unsigned, const Telling*>> poles;
  for (const Telling* telling : words) {
    for (const Meaning& meaning : telling->meanings)
      if (meaning.kind == WordKind::pole) poles[meaning.group].emplace(meaning.pole, telling);
  }
  return poles;
}

Verdict opposite(const Telling& telling) { return {.difference = Difference::opposite, .about = telling.word.text}; }

std::optional<Verdict> by_poles(const Words& left, const Words& right) {
  const auto here = poles_of(left);
  const auto there = poles_of(right);
  for (const auto& [thing, ends] : here) {
    const auto others = there.find(thing);
    if (others == there.end()) continue;
    for (const auto& [end, telling] : ends)
      if (!others->second.contains(end)) return opposite(*telling);
    for (const auto& [end, telling] : others->second)
      if (!ends.contains(end)) return opposite(*telling);
  }
  return std::nullopt;
}

/// "scented" and "unscented": the same word but for what turns it around.
bool turns_around(const std::string& word, const std::string& other) {
  constexpr std::array<std::string_view, 8> kBefore{"un", "non", "in", "im", "dis", "anti", "ir", "il"};
  const auto turned = [&](std::string_view prefix) {
    return word.size() == other.size() + prefix.size() && word.starts_with(prefix) && word.ends_with(other);
  };
  return (other.size() > 3 && std::ranges::any_of(kBefore, turned)) || word == other + "less";
}

std::optional<Verdict> by_turned_words(const Words& left, const Words& right) {
  for (const Telling* one : left) {
    for (const Telling* other : right) {
      if (turns_around(one->word.text, other->word.text) || turns_around(other->word.text, one->word.text))
        return opposite(*one);
    }
  }
  return std::nullopt;
}

/// Of one kind, every word that one of them has must be in the other.
std::optional<Verdict> by_kind(const Words& left, const Words& right, WordKind kind, Difference difference) {
  Words apart = missing(left, right);
  std::ranges::copy(missing(right, left), std::back_inserter(apart));
  const auto found = std::ranges::find_if(apart, [&](const Telling* telling) {
    return telling->as(kind) != nullptr || (kind == WordKind::name && telling->named);
  });
  if (found == apart.end()) return std::nullopt;
  return Verdict{.difference = difference, .about = (*found)->word.text};
}

/// Both ends of the same thing in one request belong to different parts of it: "mostly rose, a little oud".
bool tells_parts_apart(const Words& words) {
  return std::ranges::any_of(poles_of(words), [](const auto& thing) { return thing.second.size() > 1; });
}

/// The words and numbers that both have, in the order of each.
std::optional<Verdict> by_order(const Reading& left, const Reading& right) {
  const Words here = those(left, false, true);
  const Words there = those(right, false, true);
  const bool matters = left.ordered || right.ordered || tells_parts_apart(here) || tells_parts_apart(there);
  if (!matters) return std::nullopt;
  Words mine;
  Words theirs;
  std::ranges::copy_if(here, std::back_inserter(mine), [&](const Telling* telling) { return has(there, *telling); });
  std::ranges::copy_if(there, std::back_inserter(theirs), [&](const Telling* telling) { return has(here, *telling); });
  const auto differ = std::ranges::mismatch(mine, theirs, [](const Telling* one, const Telling* other) {
    return same(*one, *other);
  });
  if (differ.in1 == mine.end() && differ.in2 == theirs.end()) return std::nullopt;
  const Telling* where = differ.in1 != mine.end() ? *differ.in1 : *differ.in2;
  return Verdict{.difference = Difference::order, .about = where->word.text};
}

std::optional<Verdict> by_exchange(const Words& left, const Words& right) {
  const Words mine = missing(left, right);
  const Words theirs = missing(right, left);
  const std::size_t shared = std::min(left.size() - mine.size(), right.size() - theirs.size());
  const std::size_t most = std::max(mine.size(), theirs.size());
  if (mine.empty() || theirs.empty() || most > kExchangedMax || shared < 2 * most) return std::nullopt;
  return Verdict{.difference = Difference::exchanged, .about = mine.front()->word.text};
}

/// The same sentence but for what stands in one place of it.
std::optional<Verdict> by_one_place(const Reading& left, const Reading& right) {
  constexpr std::size_t kPlaceMax = 3;
  constexpr std::size_t kAroundMin = 3;
  const std::span mine{left.words};
  const std::span theirs{right.words};
  const std::size_t shorter = std::min(mine.size(), theirs.size());
  std::size_t before = 0;
  while (before < shorter && same(mine[before], theirs[before])) ++before;
  std::size_t after = 0;
  while (after < shorter - before && same(mine[mine.size() - 1 - after], theirs[theirs.size() - 1 - after])) ++after;
  const std::size_t most = std::max(mine.size(), theirs.size()) - before - after;
  const auto tells = [&](std::span<const Telling> all) {
    return std::ranges::any_of(all.subspan(before, all.size() - before - after), &Telling::tells);
  };
  if (most > kPlaceMax || before + after < kAroundMin || !tells(mine) || !tells(theirs)) return std::nullopt;
  return Verdict{.difference = Difference::exchanged, .about = mine[before].word.text};
}

}  // namespace

std::string_view to_word(Difference difference) {
  switch (difference) {
    case Difference::none:
      return "none";
    case Difference::denial:
      return "denial";
    case Difference::number:
      return "number";
    case Difference::opposite:
      return "opposite";
    case Difference::category:
      return "category";
    case Difference::name:
      return "name";
    case Difference::only:
      return "only";
    case Difference::order:
      return "order";
    case Difference::exchanged:
      return "exchanged";
    case Difference::too_long:
      return "too_long";
  }
  std::unreachable();
}

Verdict may_answer(std::string_view request, std::string_view earlier) {
  const Reading left = read_request(request);
  const Reading right = read_request(earlier);
  if (left.too_long || right.too_long) return {.difference = Difference::too_long};
  if (auto verdict = by_numbers(left, right)) return *std::move(verdict);
  if (auto verdict = by_denials(left, right)) return *std::move(verdict);
  if (left.only != right.only) return {.difference = Difference::only};
  const Words here = those(left, false);
  const Words there = those(right, false);
  if (auto verdict = by_poles(here, there)) return *std::move(verdict);
  if (auto verdict = by_turned_words(here, there)) return *std::move(verdict);
  if (auto verdict = by_kind(here, there, WordKind::category, Difference::category)) return *std::move(verdict);
  if (auto verdict = by_kind(here, there, WordKind::name, Difference::name)) return *std::move(verdict);
  if (auto verdict = by_order(left, right)) return *std::move(verdict);
  if (auto verdict = by_exchange(here, there)) return *std::move(verdict);
  if (auto verdict = by_one_place(left, right)) return *std::move(verdict);
  return {};
}

}  // namespace holdfast::similar
