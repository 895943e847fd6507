#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <ostream>

#include "app/cli/api.hpp"
#include "app/cli/command.hpp"
#include "app/cli/follow.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/item_view.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/session.hpp"

namespace holdfast::cli {

namespace {

constexpr unsigned kTriesMax = 5;

/// Something to send, with everything that stays the same however often it is tried.
struct Parcel {
  Source source;
  std::string name;
  std::string key;
  std::string target;
};

Result<Source> open_source(const Session& session, const std::string& file) {
  if (file != "-") return Source::open_file(file);
  const std::string folder = lookup(session.environment, "TMPDIR");
  return Source::take_stream(session.input, folder.empty() ? "/var/tmp" : folder);
}

/// A key that nobody has: a lost answer is asked for again under it, and the server takes the file once.
Result<std::string> random_key() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return fail(ErrorClass::transient, kLocalFile, "the system gives no random numbers");
  }
  std::string key = "cli-";
  for (const unsigned char byte : bytes) {
    key += kDigits[byte >> 4U];
    key += kDigits[byte & 15U];
  }
  return key;
}

std::string target_of(const Arguments& arguments, const std::string& name) {
  std::string target = std::string{route::kItems} + "?recipe=" + percent_encode(arguments.text("--recipe"));
  target += "&name=" + percent_encode(name);
  if (arguments.has("--mode")) target += "&mode=" + percent_encode(arguments.text("--mode"));
  if (arguments.has("--recorded-at")) target += "&recorded_at=" + percent_encode(arguments.text("--recorded-at"));
  return target;
}

Result<Parcel> pack(const Session& session, const Arguments& arguments) {
  const std::string file = arguments.text("FILE");
  HF_TRY(Source source, open_source(session, file));
  std::string name = file == "-" ? "standard input" : std::filesystem::path{file}.filename().string();
  if (arguments.has("--name")) name = arguments.text("--name");
  std::string key = arguments.text("--job-id");
  if (key.empty()) {
    HF_TRY(key, random_key());
  }
  if (key.find_first_of("\r\n") != std::string::npos)
    return fail(ErrorClass::invalid, kUsage, "--job-id must be one line");
  return Parcel{std::move(source), name, key, target_of(arguments, name)};
}

Outcome<Response> send_once(const Api& api, const Parcel& parcel, Progress& progress) {
  Request request{.method = "POST", .target = parcel.target};
  request.headers.emplace_back("Content-Type", "application/octet-stream");
  request.headers.emplace_back("Idempotency-Key", parcel.key);
  request.upload = &parcel.source;
  request.on_sent = [&](std::uint64_t sent) { progress.sending(parcel.name, sent, parcel.source.size()); };
  return api.call(std::move(request));
}

/// Only a broken connection is tried again: what the server refuses it would refuse again.
Outcome<Response> send(const Session& session, const Api& api, const Parcel& parcel, Progress& progress) {
  milliseconds wait = session.backoff_first;
  for (unsigned tries = 1;; ++tries) {
    auto answer = send_once(api, parcel, progress);
    const bool broken = !answer && answer.error().exit == Exit::unreachable;
    if (!broken || tries == kTriesMax || interrupt::caught() != 0) return answer;
    progress.note(answer.error().message + "; trying again (" + std::to_string(tries + 1) + " of " +
                  std::to_string(kTriesMax) + ")");
    if (!interrupt::sleep_for(wait)) return answer;
    wait *= 2;
  }
}

/// A refusal as scripts read it: an item that never came to be.
int refuse(Session& session, const Arguments& arguments, const Problem& problem) {
  const bool by_server = problem.exit == Exit::failed || problem.exit == Exit::refused_for_now ||
                         problem.exit == Exit::not_allowed;
  if (!by_server || !arguments.has("--json")) return fail_with(session, arguments, problem);
  session.out << "{\"id\":null,\"status\":\"refused\",\"error\":" << problem_fields(problem) << "}\n";
  return to_int(problem.exit);
}

int stopped_sending(Session& session, const Parcel& parcel) {
  session.err << "Stopped sending. Run the same command with --job-id " << parcel.key << " to go on safely.\n"
              << std::flush;
  return 128 + interrupt::caught();
}

/// Without --wait: the item as the server has it now.
int print_accepted(Session& session, const Arguments& arguments, const Api& api, const std::string& id,
                   const std::string& accepted) {
  if (!arguments.has("--json")) {
    session.out << id << "\n";
    return to_int(Exit::done);
  }
  const auto item = api.item(id, milliseconds{0});
  std::string body = item ? item->body : accepted;
  if (!body.ends_with('\n')) body += '\n';
  session.out << body;
  return to_int(Exit::done);
}

}  // namespace

int handle_submit(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const auto parcel = pack(session, arguments);
  if (!parcel) return fail_with(session, arguments, parcel.error());
  interrupt::install();
  Progress progress{session.err, look_of(session), steady_now};
  const auto answer = send(session, *api, *parcel, progress);
  progress.end();
  if (!answer && interrupt::caught() != 0) return stopped_sending(session, *parcel);
  if (!answer) return refuse(session, arguments, answer.error());
  const auto state = read_item(answer->body);
  if (!state) return fail_with(session, arguments, state.error());
  if (!arguments.has("--wait")) return print_accepted(session, arguments, *api, state->id, answer->body);
  return follow_and_print(session, arguments, *api, state->id, progress);
}

}  // namespace holdfast::cli
