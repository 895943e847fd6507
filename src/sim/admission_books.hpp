#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/admission/limits.hpp"
#include "sim/complain.hpp"
#include "sim/coverage.hpp"
#include "sim/recent.hpp"
#include "sim/storage.hpp"
#include "sim/timeline.hpp"

namespace holdfast::sim {

/// What admission control promises (docs/decisions/0008), in marks of our own: when work pauses and goes on, when
/// uploads are refused, that a pause begins nothing and a long one one item at a time, and that limits are kept.
class AdmissionBooks {
 public:
  /// `answered_within`: the longest call of the store.
  AdmissionBooks(const Timeline& timeline, Complain complain, Coverage& coverage, milliseconds answered_within)
      : timeline_{timeline}, complain_{std::move(complain)}, coverage_{coverage}, answered_within_{answered_within} {}

  /// A node begins: its gates are open, it goes by these limits. The store's jobs are as given.
  void started(int node, const admission::Limits& limits);
  /// They were changed, and with them everything is judged anew.
  void limits_are(int node, const admission::Limits& limits);
  /// The node does nothing until then.
  void frozen(int node, MonoTime until);
  /// What its gauge showed, percent. Nothing: it could not be read.
  void read(int node, std::optional<unsigned> available);
  void paced(int node, admission::Pace pace);
  /// Workers took work, or were done with it.
  void began(int node);
  void ended(int node) { nodes_[node].at_work -= 1; }
  /// Somebody asked to be let in. `refusal`: nullptr, they were.
  void asked(int node, const std::string& owner, const std::vector<std::string>& bulkheads, const Error* refusal);
  void left(int node);
  void committed(const Commit& commit);
  [[nodiscard]] unsigned waiting_for(const std::string& bulkhead) { return waiting_[bulkhead].now(); }
  /// What there is after a power cut.
  void recount(const std::map<ItemId, Job>& jobs);
  /// An upload is kept that is not in the store yet: it waits as well.
  void spooled(const Job& job);

 private:
  struct Node {
    bool work_closed = false;
    MonoTime closed_at{};
    bool uploads_closed = false;
    admission::Pace expected = admission::Pace::full;
    admission::Pace pace = admission::Pace::full;
    MonoTime paced_at{};
    MonoTime calm_since{};
    int at_work = 0;
    unsigned tickets = 0;
    std::optional<unsigned> available{};  ///< as read last
    admission::Limits limits;
  };
  void judge(Node& node, unsigned available);
  void check_pace(int number, const Node& node);
  void check_claim(const Lease& lease);
  void check_let_in(const Node& node, const std::string& owner, const std::vector<std::string>& bulkheads);
  void check_refusal(const Node& node, const std::vector<std::string>& bulkheads, const Error& refusal);
  void count(const Job& job);
  void counted();
  [[nodiscard]] MonoTime read_since() const;
  [[nodiscard]] unsigned let_in_since(MonoTime since) const;

  const Timeline& timeline_;
  Complain complain_;
  Coverage& coverage_;
  milliseconds answered_within_;
  std::map<int, Node> nodes_;
  std::map<ItemId, Job> spooled_;  ///< not in the store yet
  std::map<ItemId, std::pair<std::string, std::string>> open_;  ///< unfinished: owner, and where it waits if it does
  std::map<std::string, Recent> waiting_;                       ///< by bulkhead
  Recent users_;                                                ///< with unfinished items
  std::map<std::string, MonoTime> user_seen_;                   ///< when one last had unfinished items
  unsigned tickets_ = 0;                                        ///< of all nodes
  std::vector<MonoTime> left_at_;                               ///< when they were given back
};

}  // namespace holdfast::sim
