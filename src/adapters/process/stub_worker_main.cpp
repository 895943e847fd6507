// A worker for tests: it does what the request's "do" says, above all what a worker must not do.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

#include "core/base/frame.hpp"
#include "worker/channel.hpp"

namespace {

namespace json = boost::json;
using holdfast::worker::Channel;
using holdfast::worker::Incoming;

struct Work {
  Channel& channel;
  std::uint64_t id;
  const json::object& request;
  int input;

  void answer(json::object body) const {
    body["id"] = id;
    if (!channel.write(json::serialize(body))) std::exit(0);
  }
  void finish(json::object body) const { answer({{"type", "finished"}, {"body", std::move(body)}}); }
};

void raw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(holdfast::worker::kChannelFd, bytes.data(), bytes.size());
    if (wrote <= 0) std::exit(1);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

[[noreturn]] void sleep_for_ever() {
  for (;;) ::pause();
}

std::string read_all(int fd) {
  std::string out;
  char piece[4096];
  for (ssize_t got = 0; (got = ::read(fd, piece, sizeof piece)) > 0;)
    out.append(piece, static_cast<std::size_t>(got));
  return out;
}

void flood_errors() {
  const std::string line(1023, 'e');
  for (;;) std::cerr << line << '\n';
}

/// Leaves a process of the same group behind and tells its number.
void leave_child(const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) sleep_for_ever();
  work.finish({{"child", child}});
}

void segments(const Work& work) {
  work.answer({{"type", "progress"}, {"fraction", 0.5}});
  json::object word{{"start_ms", 0}, {"end_ms", 400}, {"text", "hello"}, {"probability", 0.9}};
  json::object segment{{"start_ms", 0},
                       {"end_ms", 900},
                       {"text", "hello"},
                       {"confidence", 0.8},
                       {"words", json::array{std::move(word)}}};
  json::object gap{{"start_ms", 900}, {"end_ms", 1000}, {"cause", "a loop"}};
  work.answer({{"type", "segments"},
               {"position_ms", 1000},
               {"segments", json::array{std::move(segment)}},
               {"gaps", json::array{std::move(gap)}}});
  work.finish({{"language", "en"}});
}

void fail_with_class(const Work& work) {
  work.answer({{"type", "failed"},
               {"class", work.request.at("class")},
               {"code", "HF-MED-01"},
               {"message", "as asked"}});
}

[[noreturn]] void crash_for_memory() {
  std::cerr << "ggml_aligned_malloc: insufficient memory (attempted to allocate 78.91 MB)\nsome address\n";
  ::signal(SIGSEGV, SIG_DFL);
  ::raise(SIGSEGV);
  std::exit(1);
}

using Deed = void (*)(const Work&);
const std::map<std::string_view, Deed> kDeeds{
    {"finish", [](const Work& work) { work.finish({{"pid", ::getpid()}}); }},
    {"read", [](const Work& work) { work.finish({{"content", read_all(work.input)}}); }},
    {"segments", segments},
    {"fail", fail_with_class},
    {"crash",
     [](const Work&) {
       std::cerr << "about to crash\n";
       ::signal(SIGSEGV, SIG_DFL);
       ::raise(SIGSEGV);
     }},
    {"exit", [](const Work&) { std::exit(0); }},
    {"hang", [](const Work&) { sleep_for_ever(); }},
    {"progress_for_ever",
     [](const Work& work) {
       for (;;) {
         work.answer({{"type", "progress"}, {"fraction", 0.1}});
         ::usleep(20'000);
       }
     }},
    {"garbage", [](const Work&) { raw(holdfast::frame::encode("\x01\x02 not json")); }},
    {"wrong_id",
     [](const Work& work) { work.channel.write(R"({"type":"finished","id":999999,"body":{}})"); }},
    {"oversize", [](const Work&) { raw("\x7f\xff\xff\xff"); }},
    {"partial",
     [](const Work&) {
       raw(std::string_view{"\0\0\0\x40{\"type\":", 12});
       std::exit(0);
     }},
    {"partial_then_hang",
     [](const Work&) {
       raw(std::string_view{"\0\0\0\x40{\"type\":", 12});
       sleep_for_ever();
     }},
    {"refuse_for_memory",
     [](const Work& work) {
       work.answer({{"type", "failed"}, {"class", "resource"}, {"code", "HF-ENG-04"}, {"message", "no memory"}});
     }},
    {"too_long",
     [](const Work& work) {
       work.answer({{"type", "failed"}, {"class", "permanent"}, {"code", "HF-LLM-04"}, {"message", "too long"}});
     }},
    {"crash_for_memory", [](const Work&) { crash_for_memory(); }},
    {"flood", [](const Work&) { flood_errors(); }},
    {"leave_child", leave_child},
};

/// Whatever it is asked, its answer means nothing.
void answer_nonsense(Channel& channel, const Incoming& incoming) {
  const json::value request = json::parse(incoming.body);
  const Work work{channel, request.at("id").to_number<std::uint64_t>(), request.as_object(), -1};
  work.finish({{"language", "\x01"}});
}

void serve(Channel& channel, const Incoming& incoming) {
  const json::value request = json::parse(incoming.body);
  const json::object& object = request.as_object();
  const Work work{channel, object.at("id").to_number<std::uint64_t>(), object, incoming.fd.get()};
  kDeeds.at(std::string_view{object.at("do").as_string()})(work);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view start = count > 1 ? arguments[1] : "ready";
  if (start == "hang") sleep_for_ever();
  if (start == "crash_for_memory") crash_for_memory();
  if (start == "die") {
    std::cerr << "no memory for the model\n";
    return 7;
  }
  Channel channel{holdfast::worker::kChannelFd};
  if (start == "garbage") raw(holdfast::frame::encode("hello"));
  if (start == "lacks") {
    channel.write(
        R"({"type":"failed","class":"dependency","code":"HF-ENG-02","message":"the model's hash is wrong"})");
    return 1;
  }
  if (start == "no_memory") {
    channel.write(R"({"type":"failed","class":"resource","code":"HF-ENG-04","message":"no memory"})");
    return 1;
  }
  channel.write(R"({"type":"ready","engine":"stub","load_ms":1})");
  const auto deed = start == "nonsense" ? &answer_nonsense : &serve;
  while (const auto incoming = channel.read()) deed(channel, *incoming);
  return 0;
}
