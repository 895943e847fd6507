#pragma once

/// One function for each command of the table (commands.cpp). Each returns the exit code.
namespace holdfast::cli {

struct Session;
class Arguments;

int handle_serve(Session& session, const Arguments& arguments);
int handle_submit(Session& session, const Arguments& arguments);
int handle_status(Session& session, const Arguments& arguments);
int handle_show(Session& session, const Arguments& arguments);
int handle_watch(Session& session, const Arguments& arguments);
int handle_get(Session& session, const Arguments& arguments);
int handle_list(Session& session, const Arguments& arguments);
int handle_search(Session& session, const Arguments& arguments);
int handle_retry(Session& session, const Arguments& arguments);
int handle_fill(Session& session, const Arguments& arguments);
int handle_redo(Session& session, const Arguments& arguments);
int handle_cancel(Session& session, const Arguments& arguments);
int handle_queue_stats(Session& session, const Arguments& arguments);
int handle_dead_letters_list(Session& session, const Arguments& arguments);
int handle_dead_letters_show(Session& session, const Arguments& arguments);
int handle_dead_letters_retry(Session& session, const Arguments& arguments);
int handle_dead_letters_discard(Session& session, const Arguments& arguments);
int handle_dead_letters_export(Session& session, const Arguments& arguments);
int handle_dead_letters_result(Session& session, const Arguments& arguments);
int handle_models_list(Session& session, const Arguments& arguments);
int handle_models_pull(Session& session, const Arguments& arguments);
int handle_models_verify(Session& session, const Arguments& arguments);
int handle_doctor(Session& session, const Arguments& arguments);
int handle_verify(Session& session, const Arguments& arguments);
int handle_config_show(Session& session, const Arguments& arguments);
int handle_config_check(Session& session, const Arguments& arguments);
int handle_config_schema(Session& session, const Arguments& arguments);
int handle_user_add(Session& session, const Arguments& arguments);
int handle_user_list(Session& session, const Arguments& arguments);
int handle_user_passwd(Session& session, const Arguments& arguments);
int handle_user_deactivate(Session& session, const Arguments& arguments);
int handle_workers_list(Session& session, const Arguments& arguments);
int handle_workers_restart(Session& session, const Arguments& arguments);
int handle_queue_show(Session& session, const Arguments& arguments);
int handle_queue_park(Session& session, const Arguments& arguments);
int handle_queue_resume(Session& session, const Arguments& arguments);
int handle_queue_clear(Session& session, const Arguments& arguments);
int handle_queue_restore(Session& session, const Arguments& arguments);
int handle_cache_clear(Session& session, const Arguments& arguments);
int handle_models_rebuild(Session& session, const Arguments& arguments);
int handle_backup_create(Session& session, const Arguments& arguments);
int handle_backup_verify(Session& session, const Arguments& arguments);
int handle_restore(Session& session, const Arguments& arguments);
int handle_drill_list(Session& session, const Arguments& arguments);
int handle_drill_run(Session& session, const Arguments& arguments);
int handle_drill_acceptance(Session& session, const Arguments& arguments);
int handle_version(Session& session, const Arguments& arguments);
int handle_help(Session& session, const Arguments& arguments);
int handle_completion(Session& session, const Arguments& arguments);
int handle_docs(Session& session, const Arguments& arguments);

}  // namespace holdfast::cli
