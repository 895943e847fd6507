#include "flow/similar/shelf.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::similar {
namespace {

/// The text as far as it is read, cut between two characters.
std::string beginning_of(std::string text) {
  if (text.size() <= kTextBytesMax) return text;
  std::size_t end = kTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

std::string subject_key(const StoredVector& stored) {
  return stored.item.text() + '\n' + stored.made.stage + '\n' + stored.made.subject;
}

}  // namespace

Task<Result<void>> Shelf::put(ShelvedText text) {
  std::vector<ShelvedText> texts(1);
  texts[0] = std::move(text);
  auto putting = put_all(std::move(texts));
  co_return co_await std::move(putting);
}

Task<Result<void>> Shelf::put_all(std::vector<ShelvedText> texts) {
  std::vector<std::string> contents;
  for (ShelvedText& text : texts) contents.push_back(beginning_of(std::move(text.text)));
  auto embedding = deps_.embedder.embed(std::move(contents));
  HF_CO_TRY(const Embeddings made, co_await std::move(embedding));
  model_ = made.model;
  std::vector<NewVector> vectors(texts.size());
  for (std::size_t at = 0; at < texts.size(); ++at) {
    vectors[at] = {.space = std::move(texts[at].space),
                   .stage = std::move(texts[at].stage),
                   .subject = std::move(texts[at].subject),
                   .model = made.model,
                   .text_sha256 = {},
                   .vector = to_halves(made.row(at))};
  }
  auto putting = deps_.store.put(std::move(texts.front().item), std::move(vectors));
  co_return co_await std::move(putting);
}

Task<Result<std::vector<Found>>> Shelf::nearest(Place place, std::string text, std::size_t count,
                                                double similarity_min) {
  std::vector<std::string> texts{beginning_of(std::move(text))};
  auto embedding = deps_.embedder.embed(std::move(texts));
  HF_CO_TRY(const Embeddings made, co_await std::move(embedding));
  model_ = made.model;
  const auto held = hold(place, made.model);
  auto taking = take_in(held);
  HF_CO_TRY_VOID(co_await std::move(taking));
  std::vector<float> to(made.values.begin(), made.values.begin() + static_cast<std::ptrdiff_t>(made.dimension));
  auto looking = held->index->nearest(std::move(to), count);
  const auto near = co_await std::move(looking);
  std::vector<Found> found;
  for (const Near& one : near) {
    const auto known = held->texts.find(one.id);
    if (known == held->texts.end() || one.similarity < similarity_min) continue;
    found.push_back(known->second);
    found.back().similarity = one.similarity;
  }
  co_return found;
}

void Shelf::forget(const Place& place, std::uint64_t id) {
  for (const auto& held : held_)
    if (held->place == place) drop(*held, id);
}

void Shelf::forget(const ItemId& item) {
  for (const auto& held : held_) {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, found] : held->texts) {
      if (found.item == item) ids.push_back(id);
    }
    for (const std::uint64_t id : ids) drop(*held, id);
    std::erase_if(held->newest, [&](const auto& entry) { return entry.first.starts_with(item.text() + '\n'); });
  }
}

/// Another model has other vectors: what was held for the one before is of no use.
std::shared_ptr<Shelf::Held> Shelf::hold(const Place& place, const std::string& model) {
  const auto of_place = [&](const std::shared_ptr<Held>& held) { return held->place == place; };
  auto there = std::ranges::find_if(held_, of_place);
  if (there != held_.end() && (*there)->model != model) {
    held_.erase(there);
    there = held_.end();
  }
  if (there == held_.end()) {
    held_.push_front(std::make_shared<Held>());
    held_.front()->place = place;
    held_.front()->model = model;
    held_.front()->index = deps_.make_index();
  } else {
    held_.splice(held_.begin(), held_, there);
  }
  if (held_.size() > kPlacesMax) held_.pop_back();
  return held_.front();
}

/// Ids grow, so what is new stands behind the last one. Two questions may do this at once: each skips what is in.
Task<Result<void>> Shelf::take_in(std::shared_ptr<Held> held) {
  for (std::size_t page = 0; page <= VectorIndex::kRowsMax / kPage; ++page) {
    VectorQuery query{.space = held->place.space,
                      .model = held->model,
                      .owner = held->place.owner,
                      .after = held->last,
                      .limit = kPage};
    auto loading = deps_.store.load(std::move(query));
    HF_CO_TRY(auto stored, co_await std::move(loading));
    for (StoredVector& one : stored)
      if (one.id > held->last) add(*held, std::move(one));
    if (stored.size() < kPage) break;
  }
  co_return Result<void>{};
}

/// The first so many find room; what comes later is not found by what it means.
void Shelf::add(Held& held, StoredVector stored) {
  held.last = stored.id;
  auto& newest = held.newest[subject_key(stored)];
  if (newest != 0) drop(held, newest);
  newest = stored.id;
  if (!held.index->add(stored.id, stored.made.vector)) return;
  held.texts[stored.id] = {.id = stored.id,
                           .item = std::move(stored.item),
                           .stage = std::move(stored.made.stage),
                           .subject = std::move(stored.made.subject),
                           .made_at = stored.made_at};
}

void Shelf::drop(Held& held, std::uint64_t id) {
  held.index->remove(id);
  held.texts.erase(id);
}

}  // namespace holdfast::similar
