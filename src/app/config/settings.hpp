#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace holdfast {

/// Everything that can be configured, with the effective values. The meaning, unit and default of each member
/// stand in the table of keys (app/config/keys.cpp), and docs/reference/configuration.md is made from there.
struct Settings {
  struct Server {
    std::string listen;
    std::string public_url;
  };
  struct Storage {
    std::string data;
    std::uint64_t reserve = 0;  ///< bytes
    std::string spool;          ///< empty: in the data folder
    unsigned spool_alert = 0;   ///< records
  };
  struct Uploads {
    std::uint64_t max_size = 0;  ///< bytes
  };
  struct Admission {
    std::string memory;           ///< auto, system or off
    std::string meminfo;          ///< file in the form of /proc/meminfo
    unsigned stop_below = 0;      ///< percent of the memory
    unsigned resume_above = 0;    ///< percent
    unsigned refuse_below = 0;    ///< percent
    unsigned accept_above = 0;    ///< percent
    unsigned active_users_max = 0;  ///< 0: no limit
    unsigned waiting_max = 0;       ///< 0: no limit
  };
  struct Capacity {
    unsigned media = 0;
    unsigned engine = 0;
    unsigned engine_max = 0;  ///< 0: by the machine's cores
    unsigned threads = 0;     ///< 0: by the machine's cores
    unsigned more_above = 0;
    milliseconds fewer_after{};
    milliseconds larger_after{};
  };
  struct Speech {
    std::string model;
    std::string language;
    unsigned beam_size = 0;
    milliseconds idle_release{};
    std::uint64_t memory_max = 0;  ///< bytes, 0: no limit
  };
  struct Models {
    std::string dir;
    bool fetch = false;
  };
  struct Language {
    std::string model;
    std::string url;           ///< empty: the worker of our own
    std::string api_key_file;  ///< empty: none
    unsigned context = 0;      ///< tokens
    milliseconds timeout{};
  };
  struct Embedding {
    std::string model;
    std::string url;           ///< empty: the worker of our own
    std::string api_key_file;  ///< empty: none
    milliseconds timeout{};
  };
  struct Cache {
    std::string backend;  ///< memory or redis
    std::string url;
    std::string password_file;  ///< empty: none
    std::string ca_file;        ///< empty: the authorities of the system
    std::string prefix;
    milliseconds timeout{};
    unsigned entries_max = 0;
    std::uint64_t bytes_max = 0;
    milliseconds base_ttl{};
  };
  struct Engine {
    milliseconds lease{};
    milliseconds heartbeat{};
    milliseconds probe_every{};
    milliseconds inference_every{};
    milliseconds inference_max{};
    milliseconds mode_dwell{};
  };
  /// Of one kind of stage; 0: as the recipe says.
  struct Rule {
    unsigned attempts_max = 0;
    unsigned crashes_max = 0;
    milliseconds backoff_base{};
    milliseconds backoff_ceiling{};
    milliseconds no_progress{};
  };
  struct Recovery {
    Rule convert{};
    Rule transcribe{};
    Rule generate{};
  };
  /// 0: kept.
  struct Retention {
    milliseconds files{};
    milliseconds transcripts{};
    milliseconds dead_letters{};
    milliseconds items{};
    milliseconds audit{};
    milliseconds management_audit{};
    milliseconds every{};
  };
  struct Media {
    milliseconds duration_max{};
    std::string ffmpeg;
    std::string ffprobe;
    std::uint64_t memory_max = 0;  ///< bytes, 0: no limit
  };
  struct Recipes {
    std::string dir;  ///< empty: the folder that came with the program
  };
  struct Security {
    bool allow_unconfined_files = false;
  };
  struct Alerts {
    std::string webhook;  ///< empty: none
    std::string secret;   ///< empty: nothing is signed
    milliseconds timeout{};
    unsigned drill_speed = 1;
  };
  struct Log {
    std::string level;
    std::string format;
  };

  struct OpenAi {
    milliseconds wait_max{};
    milliseconds attach_within{};
  };
  /// A table [services.NAME]; what its members mean stands in app/config/service_keys.cpp.
  struct Service {
    std::string name{};
    std::string kind{};  ///< http, tcp, command; empty: one of our own
    std::string preset{};
    std::string url{};
    std::string address{};
    std::vector<std::string> command{};
    unsigned expect = 0;  ///< HTTP status; 0: any from 200 to 399
    milliseconds every{};
    milliseconds timeout{};
    unsigned misses = 0;
    milliseconds window{};
    unsigned calls_min = 0;
    unsigned failure_percent = 0;
    unsigned failures_in_a_row = 0;
    unsigned slow_percent = 0;
    milliseconds slow_after{};
    milliseconds open_for{};
    milliseconds open_max{};
  };

  /// A table [endpoints.NAME]; what its members mean stands in app/config/endpoint_keys.cpp.
  struct Endpoint {
    std::string name{};
    std::string url{};
    std::string model{};
    std::vector<std::string> roles{};  ///< empty: every role
    unsigned weight = 0;
    unsigned context = 0;  ///< tokens
    std::string api_key_file{};
    milliseconds timeout{};
  };

  Server server{};
  Storage storage{};
  Uploads uploads{};
  Admission admission{};
  Capacity capacity{};
  Speech speech{};
  Models models{};
  Language language{};
  Embedding embedding{};
  std::map<std::string, std::string> roles{};  ///< role of a recipe -> model; of all others: language.model
  std::vector<Endpoint> endpoints{};           ///< by name
  Cache cache{};
  Engine engine{};
  Recovery recovery{};
  Retention retention{};
  Media media{};
  Recipes recipes{};
  Security security{};
  Alerts alerts{};
  OpenAi openai{};
  Log log{};
  std::vector<Service> services{};  ///< by name
};

}  // namespace holdfast
