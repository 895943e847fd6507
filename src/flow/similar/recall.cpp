#include "flow/similar/recall.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <charconv>
#include <map>
#include <utility>

#include "core/memory/search_words.hpp"
#include "core/similar/fusion.hpp"

namespace holdfast::similar {
namespace {

using namespace asio::experimental::awaitable_operators;

/// Numbers of the rankings that are fused.
enum Ranking : std::size_t { kTakenOut, kSaid, kMeant };

std::string key_of(const OwnedExtraction& one) { return "taken " + std::to_string(one.stored.id); }
std::string key_of(const SaidText& one) { return "said " + one.item.text() + ' ' + std::to_string(one.segment); }

/// What was found by meaning, with how alike it is.
struct Meant {
  std::vector<OwnedExtraction> extractions;
  std::map<std::uint64_t, double> similarity;  ///< by the extraction's id
};

Task<Result<std::vector<Found>>> nearest_in_time(RecallDeps deps, std::string owner, std::string text) {
  if (deps.remembered == nullptr) co_return fail(ErrorClass::dependency, "HF-EMB-05", "no model compares meanings");
  auto looking = deps.remembered->nearest(std::move(owner), std::move(text), kCandidates);
  auto waiting = deps.clock.sleep_until(deps.clock.mono_now() + kMeaningWait);
  auto first = co_await (std::move(looking) || std::move(waiting));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  HF_CO_TRY_VOID(std::get<1>(std::move(first)));
  co_return fail(ErrorClass::dependency, "HF-EMB-01", "the model did not answer in time");
}

/// What is in memory may be out of date: only what is still there, and theirs, is found.
Task<Result<Meant>> meant(RecallDeps deps, std::string owner, std::string text) {
  auto looking = nearest_in_time(deps, owner, std::move(text));
  HF_CO_TRY(const auto near, co_await std::move(looking));
  Meant found;
  std::vector<std::uint64_t> ids;
  for (const Found& one : near) {
    std::uint64_t id = 0;
    std::from_chars(one.subject.data(), one.subject.data() + one.subject.size(), id);
    ids.push_back(id);
    found.similarity[id] = std::min(one.similarity, 1.0);
  }
  auto reading = deps.sessions.extractions_of(std::move(owner), std::move(ids));
  HF_CO_TRY(found.extractions, co_await std::move(reading));
  co_return found;
}

/// Everything that is in one of the rankings, by its key.
struct Pool {
  std::vector<std::vector<std::string>> rankings = std::vector<std::vector<std::string>>(3);
  std::map<std::string, Recalled> all;

  void add(Ranking ranking, OwnedExtraction one) {
    const std::string key = key_of(one);
    rankings[ranking].push_back(key);
    all[key].extraction = std::move(one);
  }
  void add(SaidText one) {
    const std::string key = key_of(one);
    rankings[kSaid].push_back(key);
    all[key].said = std::move(one);
  }
};

bool is_evidence(const SaidText& said, const std::vector<Recalled>& found) {
  return std::ranges::any_of(found, [&](const Recalled& one) {
    return one.extraction && one.extraction->item == said.item &&
           std::ranges::binary_search(one.extraction->stored.made.segments, said.segment);
  });
}

/// Something to be done is often worth remembering as well, in the same words.
bool is_action_too(const OwnedExtraction& memory, const std::vector<Recalled>& found) {
  return std::ranges::any_of(found, [&](const Recalled& one) {
    return one.extraction && one.extraction->item == memory.item &&
           one.extraction->stored.made.kind == ExtractionKind::action &&
           one.extraction->stored.made.text == memory.stored.made.text;
  });
}

bool is_told_otherwise(const Recalled& one, const std::vector<Recalled>& found) {
  if (one.said) return is_evidence(*one.said, found);
  return one.extraction->stored.made.kind == ExtractionKind::memory && is_action_too(*one.extraction, found);
}

std::vector<Recalled> ranked(Pool pool, const std::map<std::uint64_t, double>& similarity, unsigned limit) {
  std::vector<Recalled> found;
  for (const Fused& fused : fuse(pool.rankings)) {
    Recalled one = std::move(pool.all.at(fused.key));
    one.score = fused.score;
    one.by_meaning = std::ranges::find(fused.rankings, std::size_t{kMeant}) != fused.rankings.end();
    one.by_words = fused.rankings.size() > (one.by_meaning ? 1U : 0U);
    if (one.by_meaning) one.similarity = similarity.at(one.extraction->stored.id);
    found.push_back(std::move(one));
  }
  std::erase_if(found, [whole = found](const Recalled& one) { return is_told_otherwise(one, whole); });
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace

Task<Result<Recall>> recall(RecallDeps deps, RecallQuery query) {
  Recall made{.words = memory::search_words(query.text), .found = {}, .degraded = {}};
  if (made.words.empty()) co_return fail(ErrorClass::invalid, "HF-REQ-01", "there is no word to look for");
  TextQuery wanted{.owner = query.owner, .words = made.words, .limit = kCandidates};
  auto finding = deps.sessions.find(std::move(wanted));
  HF_CO_TRY(FoundTexts texts, co_await std::move(finding));
  auto comparing = meant(deps, query.owner, query.text);
  auto near = co_await std::move(comparing);
  if (!near && near.error().error_class() == ErrorClass::canceled) co_return std::unexpected{near.error()};
  Pool pool;
  for (OwnedExtraction& one : texts.extractions) pool.add(kTakenOut, std::move(one));
  for (SaidText& one : texts.segments) pool.add(std::move(one));
  if (!near) made.degraded = near.error();
  Meant meanings = near ? *std::move(near) : Meant{};
  for (OwnedExtraction& one : meanings.extractions) pool.add(kMeant, std::move(one));
  made.found = ranked(std::move(pool), meanings.similarity, query.limit);
  co_return made;
}

}  // namespace holdfast::similar
