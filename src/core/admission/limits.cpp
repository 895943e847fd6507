#include "core/admission/limits.hpp"

namespace holdfast::admission {
namespace {

bool in_order(Watermarks marks) {
  return marks.close_below >= 0 && marks.close_below <= marks.open_above && marks.open_above < 1;
}

unsigned waiting_max(const Limits& limits, const std::string& bulkhead) {
  const auto own = limits.waiting_max_of.find(bulkhead);
  return own != limits.waiting_max_of.end() ? own->second : limits.waiting_max;
}

std::uint64_t waiting(const Load& load, const std::string& bulkhead) {
  const auto found = load.waiting.find(bulkhead);
  return found != load.waiting.end() ? found->second : 0;
}

std::unexpected<Error> wrong(const char* why) { return fail(ErrorClass::invalid, "HF-ADM-04", why); }

}  // namespace

Result<void> check(const Limits& limits, const std::set<std::string>& bulkheads) {
  if (!in_order(limits.work)) return wrong("work goes on above a higher mark than it stops below, both from 0 to 1");
  if (!in_order(limits.uploads))
    return wrong("uploads are taken above a higher mark than they are refused below, both from 0 to 1");
  for (const auto& [bulkhead, most] : limits.waiting_max_of) {
    if (!bulkheads.contains(bulkhead)) return wrong("there is no queue of that name");
  }
  return {};
}

Result<void> admit(const Limits& limits, const Load& load, const std::string& owner,
                   const std::vector<std::string>& bulkheads) {
  if (load.uploads == Gate::closed)
    return fail(ErrorClass::overloaded, "HF-ADM-01", "memory is short, so no new file is taken");
  for (const std::string& bulkhead : bulkheads) {
    const unsigned most = waiting_max(limits, bulkhead);
    const std::uint64_t there = waiting(load, bulkhead);
    if (most == 0 || there < most) continue;
    Error full{ErrorClass::overloaded, "HF-ADM-02", "the queue " + bulkhead + " is full"};
    full.state("queue_size", static_cast<std::int64_t>(there));
    return std::unexpected{std::move(full)};
  }
  const bool newcomer = !load.active_users.contains(owner);
  if (limits.active_users_max > 0 && newcomer && load.active_users.size() >= limits.active_users_max)
    return fail(ErrorClass::overloaded, "HF-ADM-03", "as many users as are let in at once have unfinished items");
  return {};
}

}  // namespace holdfast::admission
