#pragma once

#include "core/base/result.hpp"

/// The drills themselves, one function each; catalogue.cpp says which rows they prove.
namespace holdfast::drill {

class Scene;

Result<void> play_network_cut(Scene& scene);
Result<void> play_server_killed(Scene& scene);
Result<void> play_ffmpeg_missing(Scene& scene);
Result<void> play_model_damaged(Scene& scene);

Result<void> play_killed_after_answers(Scene& scene);
Result<void> play_disk_full(Scene& scene);
Result<void> play_resumed_at_log_in(Scene& scene);
Result<void> play_one_at_a_time(Scene& scene);
Result<void> play_memory_short(Scene& scene);
Result<void> play_at_capacity(Scene& scene);
Result<void> play_worker_hangs(Scene& scene);
Result<void> play_restarted(Scene& scene);
Result<void> play_more_users_let_in(Scene& scene);
Result<void> play_result_by_hand(Scene& scene);

Result<void> play_killed_in_every_stage(Scene& scene);
Result<void> play_dead_letters(Scene& scene);
Result<void> play_poison(Scene& scene);
Result<void> play_clock_jumps(Scene& scene);
Result<void> play_service_away(Scene& scene);
Result<void> play_breaker_opens(Scene& scene);
Result<void> play_strangers(Scene& scene);
Result<void> play_queue_full(Scene& scene);

Result<void> play_files_expire(Scene& scene);
Result<void> play_alert_raised(Scene& scene);
Result<void> play_killed_while_remembering(Scene& scene);

Result<void> play_store_locked(Scene& scene);
Result<void> play_restored(Scene& scene);

Result<void> play_writer_away(Scene& scene);
Result<void> play_checker_away(Scene& scene);
Result<void> play_hinter_away(Scene& scene);
Result<void> play_many_wait(Scene& scene);

Result<void> play_out_of_memory(Scene& scene);
Result<void> play_no_model_answers(Scene& scene);
Result<void> play_cache_lost(Scene& scene);

}  // namespace holdfast::drill
