#include "sim/coverage.hpp"

namespace holdfast::sim {

const std::vector<std::string_view>& Coverage::expected() {
  static const std::vector<std::string_view> names{
      // What the world does to a server.
      "fault/crash", "fault/power_cut", "fault/freeze", "fault/store_outage", "fault/model_outage",
      "fault/clock_jump", "fault/sick_media", "fault/sick_speech", "fault/service_away", "fault/service_slow",
      "fault/service_flapping", "fault/disk_write_fails", "fault/disk_sync_fails", "fault/disk_full",
      "fault/disk_has_room", "fault/store_damaged",
      "fault/store_refuses", "store/refused_to_write", "spool/appended", "spool/left_over_a_restart", "spool/full",
      "store/failed_before", "store/answer_lost", "store/away", "memory/enough", "memory/short",
      "memory/unreadable",
      // What becomes of a worker.
      "worker/died", "worker/hung", "worker/idle", "worker/hung_at_start", "worker/repeated_itself",
      "worker/could_not_start", "worker/model_away", "worker/tool_away", "worker/refused_file", "worker/finished",
      "worker/out_of_memory", "worker/no_memory_to_start", "worker/with_less", "ladder/fell", "ladder/at_the_least",
      "ladder/climbed", "ladder/climbed_blindly", "ladder/relapsed", "ladder/proven", "ladder/as_configured_again",
      // What people do.
      "people/cancel", "people/retry", "people/fill", "people/redrive", "people/redrive_in_portions", "people/discard",
      "people/rules", "people/limits", "people/want_all", "client/acknowledged", "client/failed",
      // What becomes of a job.
      "change/job.created", "change/stage.started", "change/stage.completed", "change/stage.failed",
      "change/stage.interrupted", "change/job.held", "change/job.released", "change/job.completed",
      "change/job.cancel_requested", "change/job.cancelled", "change/job.dead", "change/job.retry_requested",
      "change/job.discarded", "change/job.rescheduled", "change/job.file_expired", "change/job.results_expired",
      "change/job.removed", "change/stage.warned", "change/job.fill_requested", "change/job.gaps_filled",
      "change/job.fill_given_up", "worker/heard_a_gap",
      "change/job.removed", "change/stage.warned", "change/job.downshifted", "change/job.redo",
      "modes/full_small", "modes/small", "modes/fast", "modes/plain", "modes/full",
      "held/HF-ENG-10", "released/HF-ENG-10", "dead/HF-ENG-04", "held/HF-ENG-02", "held/HF-FFM-01", "held/HF-SVC-01",
      "released/HF-ENG-02", "released/HF-FFM-01", "released/HF-SVC-01",
      "dead/HF-MED-01", "dead/HF-ENG-01", "dead/HF-ENG-03", "dead/HF-ENG-05", "dead/HF-ENG-07",
      // What keeps a server alive.
      "breaker/ffmpeg closed to open", "breaker/ffmpeg open to half_open", "breaker/ffmpeg half_open to open",
      "breaker/ffmpeg half_open to closed", "breaker/speech closed to open", "breaker/speech open to half_open",
      "breaker/speech half_open to open", "breaker/speech half_open to closed", "breaker/open after a restart",
      "health/store down", "health/store up", "health/ffmpeg down", "health/ffmpeg up", "health/speech down",
      "health/speech up", "health/language up", "health/storage up", "health/elsewhere down", "health/elsewhere up",
      "mode/fell to one", "mode/fell to neither", "mode/fell to nothing", "mode/rose to both", "mode/rose to one",
      "mode/rose to neither",
      "pace/none", "pace/one_at_a_time", "pace/full", "uploads/refused", "uploads/taken_again",
      "refused/HF-ADM-01", "refused/HF-ADM-02", "refused/HF-ADM-03", "kept/limits", "kept/rules"};
  return names;
}

void Coverage::reached(std::string_view what, std::uint64_t times) {
  const auto found = counts_.find(what);
  if (found != counts_.end()) {
    found->second += times;
  } else {
    counts_.emplace(what, times);
  }
}

void Coverage::add(const Coverage& other) {
  for (const auto& [what, times] : other.counts_) reached(what, times);
}

std::map<std::string, std::uint64_t> Coverage::counts() const {
  std::map<std::string, std::uint64_t> counts;
  for (const std::string_view what : expected()) counts.emplace(what, 0);
  for (const auto& [what, times] : counts_) counts[what] = times;
  return counts;
}

}  // namespace holdfast::sim
