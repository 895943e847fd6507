#include "app/config/upkeep_keys.hpp"

namespace holdfast::config {

namespace {

#define HF_SLOT(member) [](Settings& settings) -> Slot { return &settings.member; }

/// The rules of one kind of stage: [recovery.KIND].
#define HF_RULES(stage)                                                                                               \
  {.name = "recovery." #stage ".attempts_max",                                                                        \
   .kind = Kind::count,                                                                                               \
   .fallback = "0",                                                                                                   \
   .unit = "attempts",                                                                                                \
   .sentence = "Attempts at a " #stage " stage before it is a dead letter; 0: as the recipe says.",                   \
   .slot = HF_SLOT(recovery.stage.attempts_max),                                                                      \
   .most = "100"},                                                                                                    \
      {.name = "recovery." #stage ".crashes_max",                                                                     \
       .kind = Kind::count,                                                                                           \
       .fallback = "0",                                                                                               \
       .unit = "deaths",                                                                                              \
       .sentence = "Deaths of the worker at the same place before the item is set aside; 0: as the recipe says.",     \
       .slot = HF_SLOT(recovery.stage.crashes_max),                                                                   \
       .most = "100"},                                                                                                \
      {.name = "recovery." #stage ".backoff_base",                                                                    \
       .kind = Kind::duration,                                                                                        \
       .fallback = "0 s",                                                                                             \
       .sentence = "Longest wait before the first retry; it doubles with each; 0 s: as the recipe says.",             \
       .slot = HF_SLOT(recovery.stage.backoff_base),                                                                  \
       .most = "7 d"},                                                                                                \
      {.name = "recovery." #stage ".backoff_ceiling",                                                                 \
       .kind = Kind::duration,                                                                                        \
       .fallback = "0 s",                                                                                             \
       .sentence = "Longest wait before any retry; 0 s: as the recipe says.",                                         \
       .slot = HF_SLOT(recovery.stage.backoff_ceiling),                                                               \
       .most = "7 d"},                                                                                                \
      {.name = "recovery." #stage ".no_progress",                                                                     \
       .kind = Kind::duration,                                                                                        \
       .fallback = "0 s",                                                                                             \
       .sentence = "An attempt that gets no further for so long is ended; 0 s: twice the recipe's silence_max, and "  \
                   "never for a stage whose worker need not say how far it is (generate).",                           \
       .slot = HF_SLOT(recovery.stage.no_progress),                                                                   \
       .most = "30 d"}

/// How long what is kept: [retention].
#define HF_AGE(member, otherwise, words)  \
  {.name = "retention." #member,          \
   .kind = Kind::age,                     \
   .fallback = otherwise,                 \
   .sentence = words,                     \
   .slot = HF_SLOT(retention.member),     \
   .least = "1 s"}

constexpr Key kUpkeepKeys[] = {
    {.name = "engine.lease",
     .kind = Kind::duration,
     .fallback = "30 s",
     .sentence = "How long a piece of work belongs to its holder without a heartbeat.",
     .slot = HF_SLOT(engine.lease),
     .least = "1 s", .most = "1 h"},
    {.name = "engine.heartbeat",
     .kind = Kind::duration,
     .fallback = "10 s",
     .sentence = "How often a holder says that it is alive; at most half of engine.lease.",
     .slot = HF_SLOT(engine.heartbeat),
     .least = "100 ms", .most = "30 min"},
    {.name = "engine.probe_every",
     .kind = Kind::duration,
     .fallback = "10 s",
     .sentence = "How often a missing part is tried while jobs wait for it.",
     .slot = HF_SLOT(engine.probe_every),
     .least = "100 ms", .most = "1 h"},
    {.name = "engine.inference_every",
     .kind = Kind::duration,
     .fallback = "30 min",
     .sentence = "How often at most a model that does no work is really asked something to know that it works, besides "
                 "at the start and after a failure; 0 s: never, only its file is looked at.",
     .slot = HF_SLOT(engine.inference_every)},
    {.name = "engine.inference_max",
     .kind = Kind::duration,
     .fallback = "60 s",
     .sentence = "A model that takes longer for that answer is down.",
     .slot = HF_SLOT(engine.inference_max),
     .least = "100 ms", .most = "1 h"},
    {.name = "engine.mode_dwell",
     .kind = Kind::duration,
     .fallback = "60 s",
     .sentence = "How long what a fuller mode needs must be there without a break before a recipe is said to be in it "
                 "again.",
     .slot = HF_SLOT(engine.mode_dwell),
     .most = "1 h"},

    HF_RULES(convert),
    HF_RULES(transcribe),
    HF_RULES(generate),

    HF_AGE(files, "keep",
           "How long the file that was handed in is kept after the end of the work, of completed and cancelled items. "
           "A recipe may say its own."),
    HF_AGE(transcripts, "keep",
           "How long transcripts and other results are kept after the end of the work. A recipe may say its own."),
    HF_AGE(dead_letters, "keep",
           "How long a failed item keeps its file and what there is of results: for so long it can be tried again. A "
           "recipe may say its own."),
    HF_AGE(items, "keep",
           "How long the record of an item is kept: its name, owner, stages and job_id. A recipe may say its own."),
    HF_AGE(audit, "1095 d",
           "How long the trail of an item that was removed is kept, counted from the end of its work."),
    HF_AGE(management_audit, "1095 d", "How long the lines of the audit of management are kept."),
    {.name = "retention.every",
     .kind = Kind::duration,
     .fallback = "10 min",
     .sentence = "How often is looked for what is no longer kept.",
     .slot = HF_SLOT(retention.every),
     .least = "100 ms", .most = "1 d"},

    {.name = "media.duration_max",
     .kind = Kind::duration,
     .fallback = "12 h",
     .sentence = "Longest recording that is worked on.",
     .slot = HF_SLOT(media.duration_max),
     .least = "1 s"},
    {.name = "media.ffmpeg",
     .kind = Kind::path,
     .fallback = "ffmpeg",
     .sentence = "The ffmpeg program; a name without a slash is looked for in PATH.",
     .slot = HF_SLOT(media.ffmpeg)},
    {.name = "media.ffprobe",
     .kind = Kind::path,
     .fallback = "ffprobe",
     .sentence = "The ffprobe program; a name without a slash is looked for in PATH.",
     .slot = HF_SLOT(media.ffprobe)},
    {.name = "media.memory_max",
     .kind = Kind::size,
     .fallback = "2 GB",
     .sentence = "Memory of one conversion at most; 0 B: no limit.",
     .slot = HF_SLOT(media.memory_max)},

    {.name = "recipes.dir",
     .kind = Kind::path,
     .sentence = "Folder with one folder for each recipe; empty: the recipes that came with the program.",
     .slot = HF_SLOT(recipes.dir),
     .may_be_empty = true},

    {.name = "security.allow_unconfined_files",
     .kind = Kind::flag,
     .fallback = "false",
     .sentence = "Work on files though the kernel has no Landlock (before 5.13, or switched off), so that "
                 "a decoder that was taken over could read what this user can. Without this such a machine "
                 "holds every job.",
     .slot = HF_SLOT(security.allow_unconfined_files)},

    {.name = "alerts.webhook",
     .kind = Kind::url,
     .sentence = "Address that alerts are sent to as JSON, each until it is taken; empty: none is.",
     .slot = HF_SLOT(alerts.webhook),
     .may_be_empty = true,
     .secret = true},
    {.name = "alerts.secret",
     .kind = Kind::text,
     .sentence = "What alerts are signed with, in the manner of Standard Webhooks: whsec_ and base64, or a text of at "
                 "least 16 bytes; empty: they are not. HOLDFAST_ALERTS_SECRET_FILE keeps it out of the configuration.",
     .slot = HF_SLOT(alerts.secret),
     .may_be_empty = true,
     .secret = true},
    {.name = "alerts.timeout",
     .kind = Kind::duration,
     .fallback = "10 s",
     .sentence = "Longest wait for the webhook's answer.",
     .slot = HF_SLOT(alerts.timeout),
     .least = "100 ms", .most = "5 min"},
    {.name = "alerts.drill_speed",
     .kind = Kind::count,
     .fallback = "1",
     .sentence = "The times of all alert rules are so many times as short, so that a drill need not wait; 1: as "
                 "docs/how-to/watch-it.md says.",
     .slot = HF_SLOT(alerts.drill_speed),
     .least = "1", .most = "3600"},

    {.name = "openai.wait_max",
     .kind = Kind::duration,
     .fallback = "5 min",
     .sentence = "A call under /v1 is held no longer; then it is answered with 503, and the client's repetition waits "
                 "for the same work.",
     .slot = HF_SLOT(openai.wait_max),
     .least = "1 s", .most = "1 h"},
    {.name = "openai.attach_within",
     .kind = Kind::duration,
     .fallback = "10 min",
     .sentence = "An equal call under /v1 so long after the end of an item whose answer nobody has had is taken "
                 "for the client's repetition; later it is new work.",
     .slot = HF_SLOT(openai.attach_within),
     .most = "7 d"},

    {.name = "log.level",
     .kind = Kind::choice,
     .fallback = "info",
     .sentence = "What is written to the log (standard error) at least.",
     .slot = HF_SLOT(log.level),
     .choices = "debug|info|warn|error"},
    {.name = "log.format",
     .kind = Kind::choice,
     .fallback = "text",
     .sentence = "Lines for people or for programs.",
     .slot = HF_SLOT(log.format),
     .choices = "text|json"},
};
#undef HF_RULES
#undef HF_AGE
#undef HF_SLOT

}  // namespace

std::span<const Key> upkeep_keys() { return kUpkeepKeys; }

}  // namespace holdfast::config
