#include <algorithm>
#include <vector>

#include "app/drill/drill.hpp"
#include "app/drill/plays/plays.hpp"

namespace holdfast::drill {
namespace {

std::vector<Drill> all() {
  return {
      {"VS_2", "Every way out of the machine is cut", {"VS_1", "VS_2"}, &play_network_cut},
      {"VS_4", "The server is killed in the middle of a transcription", {"VS_4", "LAB_4"}, &play_server_killed},
      {"VS_6", "FFmpeg is missing", {"VS_6", "FG_12"}, &play_ffmpeg_missing},
      {"VS_7", "The speech model is damaged", {"VS_7", "FG_12"}, &play_model_damaged},
      {"VS_9", "Files grow old while others are worked on", {"VS_9", "FR_10"}, &play_files_expire},
      {"LAB_1", "The server is killed the moment ten uploads are acknowledged", {"LAB_1", "FR_1"},
       &play_killed_after_answers},
      {"LAB_1-disk", "The disk is full", {"LAB_1", "FG_16"}, &play_disk_full},
      {"LAB_4", "What failed goes on when its owner logs in", {"LAB_4", "FR_7"}, &play_resumed_at_log_in},
      {"LAB_6", "Three are to be transcribed at once", {"LAB_6", "VS_8"}, &play_one_at_a_time},
      {"LAB_7", "Memory is short", {"LAB_7"}, &play_memory_short},
      {"LAB_8", "Memory is nearly used up", {"LAB_8"}, &play_at_capacity},
      {"LAB_9", "The speech worker hangs", {"LAB_9", "FR_3"}, &play_worker_hangs},
      {"LAB_10", "The whole server is restarted", {"LAB_10", "LAB_4", "FR_2"}, &play_restarted},
      {"LAB_11", "More users are let in while it runs", {"LAB_11"}, &play_more_users_let_in},
      {"LAB_13", "A person enters a result by hand", {"LAB_13"}, &play_result_by_hand},
      {"FR_1", "The server is killed in every stage", {"FR_1", "FR_6", "LAB_2"}, &play_killed_in_every_stage},
      {"FR_2", "Recordings that can never succeed", {"FR_2", "FR_6"}, &play_dead_letters},
      {"FR_3", "A recording that kills its worker", {"FR_3", "LAB_9"}, &play_poison},
      {"FR_3-clock", "The calendar jumps", {"FR_3", "FR_2"}, &play_clock_jumps},
      {"FR_4", "A service is away, and hangs", {"FR_4"}, &play_service_away},
      {"FR_5", "A part that keeps failing is left alone", {"FR_5", "FG_16"}, &play_breaker_opens},
      {"FR_7", "Strangers reach for what is not theirs", {"FR_7"}, &play_strangers},
      {"FR_9", "The server is killed while memories are extracted", {"FR_9", "FR_1"}, &play_killed_while_remembering},
      {"FG_3", "The model that writes is away", {"FG_3", "FG_1", "FG_2"}, &play_writer_away},
      {"FG_4", "The model that checks is away", {"FG_4", "FG_2"}, &play_checker_away},
      {"FG_5", "The model that adds hints is away", {"FG_5", "FG_2"}, &play_hinter_away},
      {"FG_6", "No language model answers", {"FG_6", "FG_2", "FG_16"}, &play_no_model_answers},
      {"FG_7", "The cache of answers is away", {"FG_7", "TH_4"}, &play_cache_lost},
      {"FG_9", "The queue is full", {"FG_9"}, &play_queue_full},
      {"FG_10", "Many wait at once", {"FG_10", "FG_8"}, &play_many_wait},
      {"FG_11", "The store is locked", {"FG_11"}, &play_store_locked},
      {"FG_13", "Something is wrong, and nobody looks", {"FG_13"}, &play_alert_raised},
      {"FG_14", "The speech worker runs out of memory", {"FG_14", "FG_16"}, &play_out_of_memory},
      {"FG_15", "The data folder is lost", {"FG_15"}, &play_restored},
  };
}

}  // namespace

std::span<const Drill> drills() {
  static const std::vector<Drill> kAll = all();
  return kAll;
}

const Drill* find_drill(std::string_view id) {
  const auto found = std::ranges::find(drills(), id, &Drill::id);
  return found != drills().end() ? &*found : nullptr;
}

}  // namespace holdfast::drill
