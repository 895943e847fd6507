#include "app/serve.hpp"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>

#include "adapters/systemd/notifier.hpp"
#include "app/cli/exit_code.hpp"
#include "app/config/listen.hpp"
#include "app/log/line_log.hpp"
#include "app/server.hpp"

namespace holdfast {
namespace {

using config::Listen;

int complain(int code, const std::string& what) {
  std::cerr << "holdfast: " << what << '\n';
  return code;
}

int complain(const Error& error) {
  const bool taken = error.code() == "HF-SRV-05";
  const bool configuration = error.code().starts_with("HF-CFG");
  const bool damaged = error.error_class() == ErrorClass::corrupt;
  using cli::Exit;
  const auto code = taken           ? Exit::in_use
                    : configuration ? Exit::configuration
                    : damaged       ? Exit::damage
                                    : Exit::failed;
  return complain(cli::to_int(code), error.what() + " [" + error.code() + ']');
}

std::string url_of(const Listen& address, std::uint16_t port) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return "http://" + (v6 ? '[' + address.host + ']' : address.host) + ':' + std::to_string(port);
}

/// One life of the server, from the first look at the store to the drained end.
struct Life {
  Server& server;
  Log& log;
  Listen address;
  const ServeOptions& options;
  ServiceManager& manager;
  std::string public_url;
  std::optional<Error> error{};
  bool ending = false;

  Task<void> begin() {
    auto started = co_await server.start(address.host, address.port);
    if (!started) {
      error = started.error();
      log.write(LogLevel::error, "did_not_start", {{"code", error->code()}, {"message", error->what()}});
      co_return co_await end();  // work may be under way already
    }
    const std::string url = url_of(address, *started);
    log.write(LogLevel::info, "listening", {{"url", url}});
    // Flushed: scripts wait for this line. A URL of ours has nothing in it that JSON would escape.
    const std::string line = options.json ? R"({"event":"listening","url":")" + url + R"("})" : "listening on " + url;
    std::cout << line << std::endl;
    manager.ready();
    co_await invite_first(url);
    if (options.on_ready) options.on_ready(url);
  }

  /// A server without users prints the one link that makes the first of them. The log never has it.
  Task<void> invite_first(std::string url) {
    const auto secret = co_await server.make_setup_link();
    if (!secret) log.write(LogLevel::error, "no_setup_link", {{"code", secret.error().code()}});
    if (!secret || !*secret) co_return;
    log.write(LogLevel::info, "setup_link_printed", {{"good_for_hours", std::to_string(account::kSetupFor.count())}});
    std::cout << "set up the first user at " << public_or(url) << "/#setup=" << **secret << std::endl;
  }

  [[nodiscard]] std::string public_or(const std::string& url) const {
    return public_url.empty() ? url : public_url.substr(0, public_url.find_last_not_of('/') + 1);
  }

  Task<void> end() {
    if (std::exchange(ending, true)) co_return;
    manager.stopping();
    co_await server.stop();
    log.write(LogLevel::info, "drained", {});
    server.io().stop();
  }
};

/// The first signal drains; a second one ends at once, which loses nothing either: it is what a crash is.
void drain_on_signal(asio::signal_set* signals, Life* life) {
  signals->async_wait([signals, life](boost::system::error_code bad, int) {
    if (bad) return;
    life->log.write(LogLevel::info, "draining", {});
    asio::co_spawn(life->server.io(), life->end(), [](std::exception_ptr) {});
    signals->async_wait([](boost::system::error_code again, int) {
      if (!again) std::_Exit(0);
    });
  });
}

}  // namespace

int run_serve(const Settings& settings, const ServeOptions& options) {
  const auto address = config::parse_listen(settings.server.listen);
  const int bad_configuration = cli::to_int(cli::Exit::configuration);
  if (!address)
    return complain(bad_configuration, "server.listen is not ADDRESS:PORT: " + settings.server.listen);
  if (options.single_user && !config::is_loopback(*address)) {
    return complain(bad_configuration, "--single-user has no login, so it is refused on " + address->host +
                                           ": listen on 127.0.0.1");
  }
  std::signal(SIGPIPE, SIG_IGN);
  SystemdNotifier manager = SystemdNotifier::from_environment();
  LineLog log{settings.log, STDERR_FILENO};
  log.write(LogLevel::info, "starting", {{"version", HF_VERSION}, {"pid", std::to_string(::getpid())}});
  if (settings.security.allow_unconfined_files)
    log.write(LogLevel::warn, "files_may_be_unconfined", {{"key", "security.allow_unconfined_files"}});
  if (!config::is_loopback(*address) && !settings.server.public_url.starts_with("https://"))
    log.write(LogLevel::warn, "passwords_travel_in_the_open", {{"key", "server.public_url"}});
  Server server{settings, log, manager, options.single_user};
  const auto opened = server.open();
  if (!opened) return complain(opened.error());

  Life life{server, log, *address, options, manager, settings.server.public_url};
  asio::signal_set signals{server.io(), SIGTERM, SIGINT};
  drain_on_signal(&signals, &life);
  asio::co_spawn(server.io(), life.begin(), [](std::exception_ptr) {});
  server.io().run();
  return life.error ? complain(*life.error) : 0;
}

}  // namespace holdfast
