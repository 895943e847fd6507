#include "flow/similar/remembered.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>

namespace holdfast::similar {
namespace {

using namespace asio::experimental::awaitable_operators;

/// Of an item, so that one request of the model and one transaction are enough.
constexpr unsigned kPortion = static_cast<unsigned>(kTextsMax);
constexpr unsigned kDoublingsMax = 6;

bool brings_something(const std::string& type) {
  return type == "stage.completed" || type == "job.completed" || type == "job.entered_by_hand";
}
bool takes_something(const std::string& type) {
  return type == "job.removed" || type == "job.results_expired" || type == "job.retry_requested" ||
         type == "job.discarded" || type == "job.redo" || type == "job.gaps_filled";
}

/// What will fail again however often it is tried: the text cannot be compared, or is gone meanwhile.
bool is_hopeless(const Error& error) {
  return error.code() == "HF-EMB-04" || error.code() == "HF-ITM-06";
}

std::vector<ShelvedText> texts_of(std::vector<Unembedded> portion) {
  std::vector<ShelvedText> texts;
  for (Unembedded& one : portion) {
    texts.push_back({.item = std::move(one.item),
                     .space = std::string{kMemorySpace},
                     .stage = std::move(one.stage),
                     .subject = std::to_string(one.id),
                     .text = std::move(one.text)});
  }
  return texts;
}

}  // namespace

Remembered::Remembered(Deps deps) : deps_{deps}, bell_{deps_.clock.make_wakeup()} {}

Task<Result<std::vector<Found>>> Remembered::nearest(std::string owner, std::string text, std::size_t count) {
  Place place{.space = std::string{kMemorySpace}, .owner = std::move(owner)};
  auto looking = deps_.shelf.nearest(std::move(place), std::move(text), count, kSimilarityMin);
  auto found = co_await std::move(looking);
  if (found) notice_model();
  co_return found;
}

/// Vectors of two models cannot be compared: those of the one before are made anew.
void Remembered::notice_model() {
  if (deps_.shelf.model() == model_) return;
  model_ = deps_.shelf.model();
  after_ = 0;
  fresh_ = true;
  bell_->ring();
}

Task<Result<void>> Remembered::put_vectors(std::vector<Unembedded> portion) {
  auto texts = texts_of(std::move(portion));
  auto putting = deps_.shelf.put_all(std::move(texts));
  co_return co_await std::move(putting);
}

/// The next ones of one item. False: nothing is missing any more.
Task<Result<bool>> Remembered::make_portion() {
  UnembeddedQuery query{.model = model_, .after = after_, .limit = kPortion};
  auto asking = deps_.sessions.without_vector(std::move(query));
  HF_CO_TRY(auto missing, co_await std::move(asking));
  if (missing.empty()) co_return false;
  const auto other = std::ranges::find_if(missing, [&](const Unembedded& one) { return one.item != missing[0].item; });
  missing.erase(other, missing.end());
  const std::uint64_t last = missing.back().id;
  const std::string item = missing.front().item.text();
  auto putting = put_vectors(std::move(missing));
  const auto put = co_await std::move(putting);
  if (!put && !is_hopeless(put.error())) co_return std::unexpected{put.error()};
  if (!put)
    tell(deps_.log, LogLevel::info, "memories_without_vector", {{"item", item}, {"code", put.error().code()}});
  after_ = std::max(after_, last);
  if (put) notice_model();
  co_return true;
}

MonoTime Remembered::next_look() const {
  if (failures_ > 0) {
    const auto pause = kRetryFirst * (1U << std::min(failures_ - 1, kDoublingsMax));
    return looked_at_ + std::min(milliseconds{pause}, kRetryLast);
  }
  return looked_at_ + (fresh_ ? kLookApart : kLookEvery);
}

void Remembered::take(const views::LiveEvent& event) {
  if (takes_something(event.type)) deps_.shelf.forget(event.item);
  if (brings_something(event.type)) fresh_ = true;
}

/// False: it is to end.
Task<bool> Remembered::wait_for_news(views::EventHub::Subscription* news, MonoTime until) {
  auto hearing = news->next(until);
  auto ringing = bell_->wait_until(until);
  auto first = co_await (std::move(hearing) || std::move(ringing));
  if (first.index() == 1) co_return std::get<1>(first).has_value();
  const auto& event = std::get<0>(first);
  if (!event) co_return false;
  if (*event) take(**event);
  if (!news->take_lost()) co_return true;
  deps_.shelf.forget_all();
  fresh_ = true;
  co_return true;
}

Task<void> Remembered::run() {
  const auto news = deps_.hub.subscribe({});
  bool more = true;  // an earlier process may have left some
  while (!stopping_) {
    if (more || deps_.clock.mono_now() >= next_look()) {
      fresh_ = false;
      looked_at_ = deps_.clock.mono_now();
      auto making = make_portion();
      const auto made = co_await std::move(making);
      if (!made && made.error().error_class() == ErrorClass::canceled) co_return;
      if (!made && failures_ == 0)
        tell(deps_.log, LogLevel::info, "memories_wait_for_vectors", {{"code", made.error().code()}});
      failures_ = made ? 0 : failures_ + 1;
      more = made && *made;
    }
    if (stopping_) co_return;
    auto waiting = wait_for_news(news.get(), more ? deps_.clock.mono_now() : next_look());
    if (!co_await std::move(waiting)) co_return;
  }
}

void Remembered::stop() {
  stopping_ = true;
  bell_->ring();
}

}  // namespace holdfast::similar
