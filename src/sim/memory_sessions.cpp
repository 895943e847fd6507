#include "sim/memory_sessions.hpp"

#include <algorithm>
#include <tuple>

#include "core/grounding/words.hpp"

namespace holdfast::sim {

std::vector<ItemId> MemorySessions::same_recording(const Job& job) const {
  std::vector<ItemId> others;
  for (const auto& [item, recorded] : ledger_.sessions()) {
    const Job& other = ledger_.jobs().at(item);
    const bool same = other.owner == job.owner && other.input.sha256 == job.input.sha256;
    if (item != job.id && same && !job.input.sha256.empty()) others.push_back(item);
  }
  return others;
}

bool MemorySessions::is_repeated(const Job& job, const std::function<bool(const Job&)>& tells) const {
  return std::ranges::any_of(same_recording(job), [&](const ItemId& other) {
    return job.id < other && tells(ledger_.jobs().at(other));
  });
}

MemorySession MemorySessions::made_of(const Job& job, const RecordedAt& recorded) const {
  MemorySession session{.item = job.id,
                        .job_key = job.job_key,
                        .owner = job.owner,
                        .status = job.status,
                        .started_at = recorded.at,
                        .offset = recorded.offset,
                        .duration_ms = job.duration_ms,
                        .same_recording = same_recording(job)};
  const auto segments = ledger_.segments(job.id);
  const auto worded = std::ranges::find_if(segments, [](const Segment& segment) { return !segment.text.empty(); });
  if (worded != segments.end()) session.first_words = worded->text;
  for (const StoredExtraction& stored : ledger_.extractions(job.id)) {
    (stored.made.kind == ExtractionKind::memory ? session.memories : session.actions) += 1;
  }
  return session;
}

Task<Result<std::vector<MemorySession>>> MemorySessions::sessions(SessionQuery query) {
  std::vector<MemorySession> found;
  for (const auto& [item, recorded] : ledger_.sessions()) {
    const Job& job = ledger_.jobs().at(item);
    const bool beyond =
        !query.after || std::tie(recorded.at, item) < std::tie(query.after->started_at, query.after->item);
    if (job.owner == query.owner && beyond) found.push_back(made_of(job, recorded));
  }
  std::ranges::sort(found, [](const MemorySession& left, const MemorySession& right) {
    return std::tie(right.started_at, right.item) < std::tie(left.started_at, left.item);
  });
  if (found.size() > query.limit) found.resize(query.limit);
  co_return found;
}

Task<Result<std::optional<MemorySession>>> MemorySessions::session(ItemId item) {
  const auto found = ledger_.sessions().find(item);
  if (found == ledger_.sessions().end()) co_return std::optional<MemorySession>{};
  co_return std::optional{made_of(ledger_.jobs().at(item), found->second)};
}

OwnedExtraction MemorySessions::owned(const Job& job, StoredExtraction stored) const {
  const auto segments = ledger_.segments(job.id);
  const std::size_t first = stored.made.segments.empty() ? segments.size() : stored.made.segments.front();
  OwnedExtraction one{.item = job.id, .stored = std::move(stored), .also_in = same_recording(job)};
  one.start_ms = first < segments.size() ? segments[first].start_ms : -1;
  const auto session = ledger_.sessions().find(job.id);
  if (session != ledger_.sessions().end()) one.recorded = session->second;
  return one;
}

std::vector<OwnedExtraction> MemorySessions::all_of(const std::string& owner) const {
  std::vector<OwnedExtraction> all;
  for (const auto& [item, job] : ledger_.jobs()) {
    if (job.owner != owner) continue;
    for (StoredExtraction& stored : ledger_.extractions(item)) {
      const auto kind = stored.made.kind;
      const auto has_such = [&](const Job& other) {
        const auto theirs = ledger_.extractions(other.id);
        return std::ranges::any_of(theirs, [&](const StoredExtraction& one) { return one.made.kind == kind; });
      };
      if (!is_repeated(job, has_such)) all.push_back(owned(job, std::move(stored)));
    }
  }
  return all;
}

Task<Result<std::vector<OwnedExtraction>>> MemorySessions::extractions(ExtractionQuery query) {
  std::vector<OwnedExtraction> found = all_of(query.owner);
  std::erase_if(found, [&](const OwnedExtraction& one) {
    return one.stored.made.kind != query.kind || (query.before != 0 && one.stored.id >= query.before);
  });
  std::ranges::sort(found, std::greater{}, [](const OwnedExtraction& one) { return one.stored.id; });
  if (found.size() > query.limit) found.resize(query.limit);
  co_return found;
}

Task<Result<std::vector<OwnedExtraction>>> MemorySessions::extractions_of(std::string owner,
                                                                          std::vector<std::uint64_t> ids) {
  if (ids.size() > kFoundMax) ids.resize(kFoundMax);
  const auto all = all_of(owner);
  std::vector<OwnedExtraction> found;
  for (const std::uint64_t id : ids) {
    const auto there = std::ranges::find(all, id, [](const OwnedExtraction& one) { return one.stored.id; });
    if (there != all.end()) found.push_back(*there);
  }
  co_return found;
}

namespace {

/// How many of the words a text holds, each as a whole, in the order in which they follow each other.
std::size_t held(const std::vector<std::string>& words, const std::string& text) {
  const auto there = grounding::compared_words(text);
  return static_cast<std::size_t>(std::ranges::count_if(words, [&](const std::string& word) {
    const auto wanted = grounding::compared_words(word);
    const auto same = [](const auto& left, const auto& right) { return left.text == right.text; };
    return !wanted.empty() && !std::ranges::search(there, wanted, same).empty();
  }));
}

/// Those that hold something, what holds the most first and of these the newest.
template <class Text, class Words>
std::vector<Text> best(std::vector<Text> all, const TextQuery& query, Words words_of) {
  std::ranges::reverse(all);
  std::multimap<std::size_t, Text, std::greater<>> by_count;
  for (Text& one : all) {
    const std::size_t count = held(query.words, words_of(one));
    if (count > 0) by_count.emplace(count, std::move(one));
  }
  std::vector<Text> found;
  for (auto& [count, one] : by_count) {
    if (found.size() < std::min(query.limit, SessionStore::kFoundMax)) found.push_back(std::move(one));
  }
  return found;
}

}  // namespace

std::vector<SaidText> MemorySessions::said_by(const std::string& owner) const {
  std::vector<SaidText> said;
  const auto tells = [&](const Job& other) {
    return other.status == JobStatus::completed && !ledger_.segments(other.id).empty();
  };
  for (const auto& [item, recorded] : ledger_.sessions()) {
    const Job& job = ledger_.jobs().at(item);
    if (job.owner != owner || is_repeated(job, tells)) continue;
    std::size_t number = 0;
    for (const Segment& segment : ledger_.segments(item))
      said.push_back({.item = item, .segment = number++, .text = segment.text, .start_ms = segment.start_ms});
  }
  return said;
}

Task<Result<FoundTexts>> MemorySessions::find(TextQuery query) {
  FoundTexts found;
  found.extractions = best(all_of(query.owner), query, [](const OwnedExtraction& one) {
    return one.stored.made.text + '\n' + one.stored.made.owner + '\n' + one.stored.made.due;
  });
  found.segments = best(said_by(query.owner), query, [](const SaidText& one) { return one.text; });
  co_return found;
}

Task<Result<std::vector<Unembedded>>> MemorySessions::without_vector(UnembeddedQuery query) {
  std::vector<Unembedded> found;
  for (const auto& [item, job] : ledger_.jobs()) {
    for (const StoredExtraction& stored : ledger_.extractions(item)) {
      if (stored.id <= query.after || ledger_.has_vector(item, stored, query.model)) continue;
      found.push_back({.item = item, .stage = stored.stage, .id = stored.id, .text = stored.made.text});
    }
  }
  std::ranges::sort(found, {}, &Unembedded::id);
  if (found.size() > query.limit) found.resize(query.limit);
  co_return found;
}

}  // namespace holdfast::sim
