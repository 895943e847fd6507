#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <optional>

#include "adapters/asio/clock.hpp"
#include "adapters/process/child_process.hpp"
#include "adapters/process/confinement.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr int kWorked = 0;
constexpr int kWasRefused = 3;

/// A listener on 127.0.0.1 that remembers nothing but whether somebody came.
class Canary {
 public:
  Canary() : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)} {
    sockaddr_in here{.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
    EXPECT_EQ(::listen(fd_.get(), 8), 0);
    socklen_t size = sizeof here;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
  }
  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] bool touched() const { return UniqueFd{::accept(fd_.get(), nullptr, nullptr)}.get() >= 0; }

 private:
  UniqueFd fd_;
  unsigned port_ = 0;
};

class ConfineTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "holdfast-confine-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    for (const char* name : {"mine", "out"}) fs::create_directory(root_ / name);
    std::ofstream{root_ / "mine" / "input"} << "input";
    std::ofstream{root_ / "secret"} << "secret";
    rules_ = {.confine = HF_CONFINE,
              .read = {root_ / "mine" / "input"},
              .write = {root_ / "out"},
              .memory_bytes = 512U << 20U,
              .cpu_seconds = 5,
              .file_bytes = 8U << 20U,
              .files = 32};
  }
  void TearDown() override { fs::remove_all(root_); }

  ChildExit run(std::vector<std::string> command) {
    auto child =
        ChildProcess::spawn(io_.get_executor(), clock_, {.command = std::move(command), .output = true});
    EXPECT_TRUE(child);
    std::optional<Result<ChildExit>> exit;
    asio::co_spawn(io_, (*child)->wait(clock_.mono_now() + milliseconds{60'000}),
                   [&](const std::exception_ptr&, Result<ChildExit> got) { exit.emplace(std::move(got)); });
    io_.restart();
    io_.run();
    said_ = (*child)->last_words();
    char piece[4096];
    const UniqueFd output = (*child)->take_output();
    const ssize_t got = ::read(output.get(), piece, sizeof piece);
    output_.assign(piece, got > 0 ? static_cast<std::size_t>(got) : 0);
    EXPECT_TRUE(*exit) << (*exit).error().what();
    return exit->value_or(ChildExit{});
  }
  ChildExit attempt(const std::string& what, const std::string& argument = "") {
    return run(confined(rules_, {HF_ESCAPE, what, argument}));
  }

  fs::path root_;
  Confinement rules_;
  asio::io_context io_;
  SystemClock clock_{io_.get_executor()};
  std::string said_;
  std::string output_;
};

TEST_F(ConfineTest, LetsAProgramDoItsWork) {
  EXPECT_EQ(attempt("read", root_ / "mine" / "input").code, kWorked) << said_;
  EXPECT_EQ(attempt("write", root_ / "out" / "result").code, kWorked) << said_;
  EXPECT_EQ(attempt("thread").code, kWorked) << said_;
  EXPECT_EQ(attempt("abort").signal, SIGABRT) << "a crash shows as what it is";
}

TEST_F(ConfineTest, RefusesEveryWayOut) {
  const Canary canary;
  const std::string me = std::to_string(::getpid());
  const std::vector<std::pair<std::string, std::string>> attempts{
      {"read", "/etc/passwd"},
      {"read", root_ / "secret"},
      {"read", "/proc/" + me + "/environ"},
      {"read", "/proc/self/environ"},
      {"read", "/dev/mem"},
      {"read", root_},
      {"write", root_ / "mine" / "input"},
      {"write", root_ / "elsewhere"},
      {"write", "/tmp/holdfast-escaped"},
      {"write", "/dev/kvm"},
      {"fill", root_ / "out" / "filled"},
      {"symlink", root_ / "out" / "link"},
      {"hard_link", root_ / "out" / "hard"},
      {"fifo", root_ / "out" / "fifo"},
      {"connect", canary.port()},
      {"datagram", ""},
      {"raw_socket", ""},
      {"unix_socket", ""},
      {"fork", ""},
      {"clone3", ""},
      {"signal", me},
      {"signal_all", ""},
      {"tgkill", me},
      {"trace", me},
      {"read_memory", me},
      {"pidfd", me},
      {"unshare", ""},
      {"chroot", ""},
      {"uring", ""},
      {"userfault", ""},
      {"keys", ""},
      {"leave_session", ""},
      {"become", ""},
      {"raise_limit", ""},
      {"take_memory", ""},
      {"open_many", ""},
      {"has_variable", "HOME"},
      {"has_descriptor", "5"},
      {"run", root_ / "mine" / "input"},
  };
  fs::permissions(root_ / "mine" / "input", fs::perms::owner_all);
  for (const auto& [what, argument] : attempts) {
    const ChildExit exit = attempt(what, argument);
    EXPECT_EQ(exit.code, kWasRefused) << what << " " << argument << ": " << describe(exit);
    EXPECT_EQ(exit.signal, 0) << what << " " << argument;
  }
  EXPECT_FALSE(canary.touched());
  EXPECT_FALSE(fs::exists(root_ / "elsewhere"));
}

TEST_F(ConfineTest, KillsWhoAsksForWhatNoDecoderNeeds) {
  EXPECT_EQ(attempt("mount").signal, SIGSYS);
  EXPECT_EQ(attempt("bpf").signal, SIGSYS);
}

TEST_F(ConfineTest, TheSameAttemptsWorkUnconfined) {
  const Canary canary;
  for (const auto& [what, argument] :
       std::vector<std::pair<std::string, std::string>>{{"read", root_ / "secret"},
                                                        {"write", root_ / "elsewhere"},
                                                        {"connect", canary.port()},
                                                        {"fork", ""},
                                                        {"clone3", ""},
                                                        {"signal", std::to_string(::getpid())},
                                                        {"unix_socket", ""}}) {
    EXPECT_EQ(run({HF_ESCAPE, what, argument}).code, kWorked) << what << ": the attempt itself must be right";
  }
  EXPECT_TRUE(canary.touched());
}

TEST_F(ConfineTest, VS_8_IsAtLeastAsNiceAsWantedAndNeverLess) {
  const int ours = ::getpriority(PRIO_PROCESS, 0);
  const auto nice_of = [this](const std::string& before) {
    EXPECT_EQ(run({"/bin/sh", "-c", before + HF_CONFINE + " -- /usr/bin/nice"}).code, 0);
    return std::stoi(output_);
  };

  EXPECT_EQ(nice_of(""), std::max(10, ours));
  EXPECT_EQ(nice_of("nice -n 15 "), std::min(19, ours + 15));
}

TEST_F(ConfineTest, StopsEndlessComputing) {
  rules_.cpu_seconds = 1;

  EXPECT_EQ(attempt("spin").signal, SIGXCPU);
}

TEST_F(ConfineTest, DiesWithItsParent) {
  const std::string script = std::string{HF_CONFINE} + " -- " + HF_ESCAPE + " sleep & echo $!; sleep 0.3";
  ASSERT_EQ(run({"/bin/sh", "-c", script}).code, 0);
  const int grandchild = std::stoi(output_);

  for (int tries = 0; ::kill(grandchild, 0) == 0 && tries < 2500; ++tries) ::usleep(2000);

  std::ifstream stat{"/proc/" + output_.substr(0, output_.find('\n')) + "/stat"};
  const std::string text{std::istreambuf_iterator<char>{stat}, {}};
  EXPECT_TRUE(text.empty() || text.find(") Z ") != std::string::npos) << text;
}

TEST_F(ConfineTest, RefusesToStartForAParentThatIsGone) {
  EXPECT_EQ(run({HF_CONFINE, "--parent", "1", "--", HF_ESCAPE, "thread"}).code, kConfineRefused);
}

TEST_F(ConfineTest, SaysWhatIsWrongWithItsOrders) {
  EXPECT_EQ(run({HF_CONFINE, "--unknown", "--", HF_ESCAPE}).code, kConfineRefused);
  EXPECT_EQ(run({HF_CONFINE, "--memory", "much", "--", HF_ESCAPE}).code, kConfineRefused);
  EXPECT_EQ(run({HF_CONFINE, "--no-network"}).code, kConfineRefused);
  EXPECT_EQ(run({HF_CONFINE, "--read", root_ / "missing", "--", HF_ESCAPE, "thread"}).code, kConfineRefused);
  EXPECT_EQ(run({HF_CONFINE, "--", "/nonexistent/program"}).code, kConfineNotFound);
  EXPECT_EQ(run({HF_CONFINE, "--", root_ / "secret"}).code, kConfineNotRun);
}

TEST_F(ConfineTest, ReportsWhatTheKernelOffers) {
  EXPECT_EQ(run({HF_CONFINE, "--report"}).code, 0);

  EXPECT_NE(output_.find("\"landlock_abi\":"), std::string::npos) << output_;
  EXPECT_NE(output_.find("\"seccomp\":true"), std::string::npos) << output_;
}

}  // namespace
}  // namespace holdfast
