#pragma once

#include <algorithm>
#include <vector>

#include "app/cli/command.hpp"

/// Flags and operands that many commands of the table have alike.
namespace holdfast::cli {

inline const Flag kJson{.name = "--json", .sentence = "One JSON object on standard output; for errors as well."};
inline const Flag kConfig{
    .name = "--config", .type = Type::path, .value = "FILE", .sentence = "Configuration file."};
inline const Flag kData{
    .name = "--data", .type = Type::path, .value = "DIR", .sentence = "Data folder (storage.data)."};
inline const Flag kListen{.name = "--listen",
                   .type = Type::text,
                   .value = "HOST:PORT",
                   .sentence = "Address to listen on (server.listen); port 0 picks a free one."};
inline const Flag kServer{
    .name = "--server",
    .type = Type::text,
    .value = "URL",
    .sentence = "Server to talk to; else $HOLDFAST_SERVER, else the configured server.listen."};
inline const Flag kTimeout{
    .name = "--timeout",
    .type = Type::duration,
    .value = "TIME",
    .sentence = "Stop waiting after this long (\"90 s\", \"15 min\"); the work goes on. Exit code 4."};
inline const Operand kItem{.name = "ID", .sentence = "The item, as `submit` and `list` print it."};

/// Flags of every command that talks to a server.
inline std::vector<Flag> with_server(std::vector<Flag> flags) {
  flags.insert(flags.end(), {kServer, kConfig, kJson});
  return flags;
}

inline std::vector<Exit> server_exits() {
  return {Exit::not_allowed, Exit::unreachable, Exit::refused_for_now, Exit::configuration};
}

inline std::vector<Exit> server_exits(std::vector<Exit> more) {
  for (const Exit code : server_exits()) more.push_back(code);
  std::ranges::sort(more);
  return more;
}

}  // namespace holdfast::cli
