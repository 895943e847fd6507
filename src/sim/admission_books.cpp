#include "sim/admission_books.hpp"

#include <algorithm>

#include "sim/node_of.hpp"

namespace holdfast::sim {
namespace {

using admission::Pace;

// What is promised, in percent of the memory that is available.
constexpr unsigned kWorkStopsBelow = 20;
constexpr unsigned kWorkResumesAbove = 50;
constexpr unsigned kUploadsRefusedBelow = 10;
constexpr unsigned kUploadsTakenAbove = 15;
constexpr milliseconds kLongPause = std::chrono::minutes{10};

constexpr milliseconds kReadAge{250};  ///< so old a count may be by which somebody is let in

bool next_closed(bool closed, unsigned available, unsigned below, unsigned above) {
  if (available < below) return true;
  return available > above ? false : closed;
}

const char* name_of(Pace pace) {
  switch (pace) {
    case Pace::full:
      return "full";
    case Pace::one_at_a_time:
      return "one_at_a_time";
    case Pace::none:
      return "none";
  }
  return "";
}

unsigned limit_of(const admission::Limits& limits, const std::string& bulkhead) {
  const auto own = limits.waiting_max_of.find(bulkhead);
  return own != limits.waiting_max_of.end() ? own->second : limits.waiting_max;
}

}  // namespace

void AdmissionBooks::started(int node, const admission::Limits& limits) { nodes_[node] = {.limits = limits}; }

void AdmissionBooks::frozen(int node, MonoTime until) {
  if (const auto found = nodes_.find(node); found != nodes_.end())
    found->second.calm_since = std::max(found->second.calm_since, until);
}

void AdmissionBooks::judge(Node& node, unsigned available) {
  const MonoTime now = timeline_.now();
  const bool was_closed = node.work_closed;
  node.work_closed = next_closed(was_closed, available, kWorkStopsBelow, kWorkResumesAbove);
  if (node.work_closed && !was_closed) node.closed_at = now;
  const bool long_pause = now - node.closed_at >= kLongPause;
  node.expected = !node.work_closed ? Pace::full : long_pause ? Pace::one_at_a_time : Pace::none;
  const bool refused = node.uploads_closed;
  node.uploads_closed = next_closed(refused, available, kUploadsRefusedBelow, kUploadsTakenAbove);
  if (node.uploads_closed != refused)
    coverage_.reached(node.uploads_closed ? "uploads/refused" : "uploads/taken_again");
}

void AdmissionBooks::check_pace(int number, const Node& node) {
  if (node.pace != node.expected)
    complain_(node_name(number) + ": its pace is " + name_of(node.pace) + " and should be " + name_of(node.expected));
}

void AdmissionBooks::read(int number, std::optional<unsigned> available) {
  Node& node = nodes_[number];
  check_pace(number, node);  // what the reading before has led to
  coverage_.reached(!available ? "memory/unreadable" : *available < kWorkStopsBelow ? "memory/short" : "memory/enough");
  if (!available) return;
  node.available = available;
  judge(node, *available);
}

void AdmissionBooks::limits_are(int number, const admission::Limits& limits) {
  Node& node = nodes_[number];
  node.limits = limits;
  if (node.available) judge(node, *node.available);
}

void AdmissionBooks::paced(int number, Pace pace) {
  coverage_.reached(std::string{"pace/"} + name_of(pace));
  Node& node = nodes_[number];
  node.pace = pace;
  node.paced_at = timeline_.now();
}

void AdmissionBooks::began(int number) {
  Node& node = nodes_[number];
  node.at_work += 1;
  if (node.pace == Pace::one_at_a_time && node.at_work > 1)
    complain_(node_name(number) + ": begins one item more while it is to do one at a time");
}

/// A claim that was made before the pause may still arrive.
void AdmissionBooks::check_claim(const Lease& lease) {
  const auto number = node_of(lease);
  const auto node = number ? nodes_.find(*number) : nodes_.end();
  if (node == nodes_.end() || node->second.pace != Pace::none) return;
  const MonoTime arrived = std::max(node->second.paced_at, node->second.calm_since) + answered_within_;
  if (timeline_.now() > arrived) complain_(node_name(*number) + ": takes work though its memory is short");
}

void AdmissionBooks::committed(const Commit& commit) {
  const Job& after = commit.change->after;
  const bool claimed = after.lease && (commit.before == nullptr || !commit.before->lease);
  if (claimed) check_claim(*after.lease);
  spooled_.erase(after.id);
  count(after);
  counted();
}

void AdmissionBooks::count(const Job& job) {
  if (is_terminal(job.status)) {
    open_.erase(job.id);
    user_seen_[job.owner] = timeline_.now();
    return;
  }
  const StageRecord* stage = current_stage(job);
  const bool waits = job.status == JobStatus::pending && stage != nullptr;
  open_[job.id] = {job.owner, waits ? stage->bulkhead : std::string{}};
}

void AdmissionBooks::counted() {
  std::map<std::string, unsigned> waiting{{"media", 0}, {"engine", 0}};
  std::set<std::string> users;
  for (const auto& [id, open] : open_) {
    users.insert(open.first);
    if (!open.second.empty()) waiting[open.second] += 1;
  }
  const MonoTime now = timeline_.now();
  for (const auto& [bulkhead, jobs] : waiting) waiting_[bulkhead].set(jobs, now);
  users_.set(static_cast<unsigned>(users.size()), now);
  for (const std::string& user : users) user_seen_[user] = now;
}

void AdmissionBooks::recount(const std::map<ItemId, Job>& jobs) {
  open_.clear();
  for (const auto& [id, job] : spooled_) count(job);
  for (const auto& [id, job] : jobs) count(job);
  counted();
}

void AdmissionBooks::spooled(const Job& job) {
  if (open_.contains(job.id)) return;  // it has come into the store meanwhile
  spooled_[job.id] = job;
  count(job);
  counted();
}

/// Since when a count may be by which somebody is let in, or not, now.
MonoTime AdmissionBooks::read_since() const { return timeline_.now() - kReadAge - 2 * answered_within_; }

void AdmissionBooks::asked(int number, const std::string& owner, const std::vector<std::string>& bulkheads,
                           const Error* refusal) {
  Node& node = nodes_[number];
  const bool by_memory = refusal != nullptr && refusal->code() == "HF-ADM-01";
  if (refusal != nullptr) coverage_.reached("refused/" + refusal->code());
  if (by_memory && !node.uploads_closed) complain_(node_name(number) + ": refuses a file though there is memory");
  if (refusal == nullptr && node.uploads_closed) complain_(node_name(number) + ": takes a file without memory");
  const bool calm = node.calm_since < read_since();
  if (refusal == nullptr && calm) check_let_in(node, owner, bulkheads);
  if (refusal != nullptr && calm) check_refusal(node, bulkheads, *refusal);
  if (refusal != nullptr) return;
  node.tickets += 1;
  tickets_ += 1;
}

void AdmissionBooks::left(int number) {
  Node& node = nodes_[number];
  if (node.tickets == 0) return;  // of a life before this one
  node.tickets -= 1;
  tickets_ -= 1;
  left_at_.push_back(timeline_.now());
}

/// How many were let in and perhaps not recorded at some time since then. One after the other, they can be more than
/// there ever were at once: a reading that began before counts each of them with what it found.
unsigned AdmissionBooks::let_in_since(MonoTime since) const {
  const auto gone = left_at_.end() - std::ranges::lower_bound(left_at_, since);
  return tickets_ + static_cast<unsigned>(gone);
}

void AdmissionBooks::check_let_in(const Node& node, const std::string& owner,
                                  const std::vector<std::string>& bulkheads) {
  for (const std::string& bulkhead : bulkheads) {
    const unsigned most = limit_of(node.limits, bulkhead);
    const unsigned there = waiting_[bulkhead].range(read_since()).first;
    if (most > 0 && there >= most)
      complain_("one more is let in, and " + std::to_string(there) + " wait for " + bulkhead + ", where " +
                std::to_string(most) + " may");
  }
  const unsigned users_max = node.limits.active_users_max;
  const auto seen = user_seen_.find(owner);
  const bool active = std::ranges::any_of(open_, [&](const auto& open) { return open.second.first == owner; });
  const bool known = active || (seen != user_seen_.end() && seen->second >= read_since());
  const unsigned users = users_.range(read_since()).first;
  if (users_max > 0 && !known && users >= users_max)
    complain_("user " + owner + " is let in as one of more than " + std::to_string(users_max));
}

void AdmissionBooks::check_refusal(const Node& node, const std::vector<std::string>& bulkheads,
                                   const Error& refusal) {
  const unsigned let_in = let_in_since(read_since());
  if (refusal.code() == "HF-ADM-02") {
    const bool full = std::ranges::any_of(bulkheads, [&](const std::string& bulkhead) {
      const unsigned most = limit_of(node.limits, bulkhead);
      return most > 0 && waiting_[bulkhead].range(read_since()).second + let_in >= most;
    });
    if (!full) complain_("refused because a queue is full, and none is");
  }
  if (refusal.code() == "HF-ADM-03" && users_.range(read_since()).second + let_in < node.limits.active_users_max)
    complain_("refused because of too many users, and there are fewer");
}

}  // namespace holdfast::sim
