#include "core/alert/figures.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::alert {

void History::add(MonoTime at, Counters counters, milliseconds reach) {
  moments_.push_back({.at = at, .counters = std::move(counters)});
  while (moments_.size() > 2 && (moments_.size() > kMomentsMax || moments_[1].at + reach <= at)) moments_.pop_front();
}

const Counters& History::before(milliseconds over) const {
  const MonoTime then = moments_.back().at - over;
  const auto young = std::ranges::find_if(moments_, [then](const Moment& moment) { return moment.at > then; });
  return young == moments_.begin() ? moments_.front().counters : std::prev(young)->counters;
}

bool History::covers(milliseconds over) const { return moments_.front().at + over <= moments_.back().at; }

}  // namespace holdfast::alert
