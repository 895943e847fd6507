#include "adapters/process/pool_test_kit.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using pool_kit::WorkerPoolTest;

TEST_F(WorkerPoolTest, StartsAWorkerWhenItIsNeededAndKeepsIt) {
  EXPECT_EQ(status().state, "stopped");

  ASSERT_TRUE(whole("finish"));
  const WorkerStatus first = status();
  ASSERT_TRUE(whole("finish"));

  EXPECT_EQ(first.state, "idle");
  EXPECT_GT(first.pid, 0);
  EXPECT_EQ(status().pid, first.pid);
}

TEST_F(WorkerPoolTest, ShowsWhatAWorkerIsBusyWith) {
  ASSERT_TRUE(begin(asked("hang")));

  EXPECT_EQ(status().state, "busy");
  EXPECT_EQ(status().item.text(), "itm_1");
}

TEST_F(WorkerPoolTest, PassesProgressSegmentsAndGapsOn) {
  ASSERT_TRUE(begin(asked("segments")));

  const auto progress = next();
  const auto segments = next();
  const auto finished = next();

  ASSERT_TRUE(progress && segments && finished);
  EXPECT_DOUBLE_EQ(std::get<Progress>(*progress).fraction, 0.5);
  const auto& done = std::get<SegmentsDone>(*segments);
  EXPECT_EQ(done.position_ms, 1000);
  ASSERT_EQ(done.segments.size(), 1U);
  EXPECT_EQ(done.segments[0].words.at(0).text, "hello");
  ASSERT_EQ(done.gaps.size(), 1U);
  EXPECT_EQ(done.gaps[0].start_ms, 900);
  EXPECT_EQ(done.gaps[0].end_ms, 1000);
  EXPECT_EQ(done.gaps[0].cause, "a loop");
  EXPECT_EQ(std::get<Finished>(*finished).body, R"({"language":"en"})");
}

TEST_F(WorkerPoolTest, ShowsTheWorkerItsInputByDescriptor) {
  const std::string token(32, 'a');
  std::ofstream{root_ / "files" / "aa" / token} << "what was recorded";
  WorkRequest request = asked("read");
  request.input = BlobId{token};

  const auto finished = whole(std::move(request));

  ASSERT_TRUE(finished) << finished.error().what();
  EXPECT_EQ(finished->body, R"({"content":"what was recorded"})");
}

TEST_F(WorkerPoolTest, SaysNotFoundForAnInputThatIsGone) {
  WorkRequest request = asked("read");
  request.input = BlobId{std::string(32, 'b')};

  const auto started = begin(std::move(request));

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), "HF-STO-03");
  EXPECT_EQ(status().state, "stopped");
}

TEST_F(WorkerPoolTest, LAB_9_TellsHowAWorkerDiedAndStartsAnother) {
  const auto crashed = whole("crash");
  const auto next_one = whole("finish");

  ASSERT_FALSE(crashed);
  EXPECT_EQ(crashed.error().code(), kWorkerDied);
  EXPECT_EQ(crashed.error().error_class(), ErrorClass::transient);
  EXPECT_NE(crashed.error().what().find("signal 11"), std::string::npos) << crashed.error().what();
  EXPECT_NE(crashed.error().what().find("about to crash"), std::string::npos) << crashed.error().what();
  EXPECT_TRUE(next_one) << "the next piece of work gets a new worker";
}

TEST_F(WorkerPoolTest, LAB_9_OneDeathOrMuchDroppedWorkDoesNotDelayTheNextWork) {
  make_pool(stub_with_pauses_of(milliseconds{20'000}));

  const milliseconds after_a_death = time_of([this] {
    ASSERT_FALSE(whole("crash"));
    ASSERT_TRUE(whole("finish"));
    ASSERT_FALSE(whole("crash")) << "a second one, but not in a row";
    ASSERT_TRUE(whole("finish"));
  });
  const milliseconds after_drops = time_of([this] {
    for (int drops = 0; drops < 3; ++drops) {
      ASSERT_TRUE(begin(asked("hang")));
      run_.reset();
    }
    ASSERT_TRUE(whole("finish"));
  });

  EXPECT_LT(after_a_death, milliseconds{15'000});
  EXPECT_LT(after_drops, milliseconds{15'000});
}

TEST_F(WorkerPoolTest, LAB_9_AWorkerThatDiesAtEachPieceOfWorkIsStartedAfterPausesThatGrow) {
  make_pool(stub_with_pauses_of(milliseconds{100}));
  ASSERT_FALSE(whole("crash"));

  for (const milliseconds pause : {milliseconds{100}, milliseconds{200}, milliseconds{400}}) {
    const milliseconds time = time_of([this] {
      ASSERT_FALSE(whole("crash"));
      ASSERT_TRUE(begin(asked("hang")));
    });
    EXPECT_GE(time, pause);
    run_.reset();  // the next one begins with a new worker, and its pause is over
  }
}

TEST_F(WorkerPoolTest, LAB_9_CallsAWorkerThatSaysNothingHungAndKillsIt) {
  WorkRequest request = asked("hang");
  request.silence_max = milliseconds{100};
  ASSERT_TRUE(begin(std::move(request)));
  const int pid = status().pid;

  const auto hung = next();

  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().code(), kWorkerHung);
  until_gone(pid);
  EXPECT_TRUE(whole("finish"));
}

TEST_F(WorkerPoolTest, EndsWorkThatTakesLongerThanItMayHoweverMuchItTalks) {
  WorkRequest request = asked("progress_for_ever");
  request.time_max = milliseconds{300};

  const auto overdue = whole(std::move(request));

  ASSERT_FALSE(overdue);
  EXPECT_EQ(overdue.error().code(), kWorkerHung);
}

TEST_F(WorkerPoolTest, TreatsBrokenFramesAsDeathAndKillsTheSender) {
  for (const std::string deed : {"garbage", "wrong_id", "oversize", "partial", "exit"}) {
    ASSERT_TRUE(begin(asked(deed))) << deed;
    const int pid = status().pid;

    const auto event = next();

    ASSERT_FALSE(event) << deed;
    EXPECT_EQ(event.error().code(), kWorkerDied) << deed;
    until_gone(pid);
  }
}

TEST_F(WorkerPoolTest, DoesNotWaitForTheRestOfAPartialFrameForEver) {
  WorkRequest request = asked("partial_then_hang");
  request.silence_max = milliseconds{100};

  const auto event = whole(std::move(request));

  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code(), kWorkerHung);
}

TEST_F(WorkerPoolTest, KillsAWorkerThatFloodsItsErrorOutput) {
  const auto event = whole("flood");

  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code(), kWorkerDied);
  EXPECT_NE(event.error().what().find("signal 9"), std::string::npos) << event.error().what();
  EXPECT_LT(event.error().what().size(), 500U);
}

TEST_F(WorkerPoolTest, MapsTheClassesAWorkerNames) {
  const std::map<std::string, ErrorClass> classes{{"permanent", ErrorClass::permanent},
                                                  {"dependency", ErrorClass::dependency},
                                                  {"resource", ErrorClass::resource},
                                                  {"transient", ErrorClass::transient},
                                                  {"nonsense", ErrorClass::transient}};
  for (const auto& [word, expected] : classes) {
    WorkRequest request = asked("fail");
    request.body = R"({"do":"fail","class":")" + word + R"("})";
    const int before = status().pid;

    const auto failed = whole(std::move(request));

    ASSERT_FALSE(failed) << word;
    EXPECT_EQ(failed.error().error_class(), expected) << word;
    EXPECT_EQ(failed.error().code(), "HF-MED-01");
    EXPECT_TRUE(before == 0 || before == status().pid) << "a worker that answers stays alive";
  }
}

TEST_F(WorkerPoolTest, KillsTheWorkerOfWorkThatIsDropped) {
  ASSERT_TRUE(begin(asked("progress_for_ever")));
  const int pid = status().pid;

  run_.reset();

  EXPECT_EQ(status().state, "stopped");
  until_gone(pid);
  EXPECT_TRUE(whole("finish"));
}

TEST_F(WorkerPoolTest, KillsWhatAWorkerLeftBehindInItsGroup) {
  const auto finished = whole("leave_child");
  ASSERT_TRUE(finished);
  const int child = std::stoi(finished->body.substr(finished->body.find(':') + 1));
  ASSERT_TRUE(alive(child));

  pool_.reset();

  io_.restart();
  io_.run();
  for (int tries = 0; alive(child) && tries < 1000; ++tries) ::usleep(2000);
  // A zombie that nobody reaps still has a number; its state tells.
  std::ifstream stat{"/proc/" + std::to_string(child) + "/stat"};
  std::string text{std::istreambuf_iterator<char>{stat}, {}};
  EXPECT_TRUE(text.empty() || text.find(") Z ") != std::string::npos) << text;
}

TEST_F(WorkerPoolTest, LetsASecondPieceOfWorkWaitForTheFirst) {
  ASSERT_TRUE(begin(asked("hang")));
  const auto second = spawn(asked("finish"));
  ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{20})));
  ASSERT_FALSE(second->has_value());

  run_.reset();
  take(*second);

  ASSERT_TRUE(run_);
  EXPECT_TRUE(next());
}

TEST_F(WorkerPoolTest, DoesNotCountTheWaitForABusyWorkerAsTimeOfTheWork) {
  ASSERT_TRUE(begin(asked("hang")));
  WorkRequest request = asked("finish");
  request.time_max = milliseconds{2'000};
  const auto second = spawn(std::move(request));
  ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{2'200})));
  ASSERT_FALSE(second->has_value()) << "it was given up";

  run_.reset();
  take(*second);

  ASSERT_TRUE(run_);
  EXPECT_TRUE(next());
}

TEST_F(WorkerPoolTest, ServesThoseWhoWaitForABusyWorkerInTheOrderInWhichTheyCame) {
  ASSERT_TRUE(begin(asked("hang")));
  WorkRequest request = asked("finish");
  request.item = ItemId{"itm_2"};
  const auto second = spawn(std::move(request));
  ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{20})));
  request = asked("finish");
  request.item = ItemId{"itm_3"};
  const auto third = spawn(std::move(request));  // it asks when the worker is free, and before the second wakes

  run_.reset();
  take(*second);

  ASSERT_TRUE(run_);
  EXPECT_FALSE(third->has_value());
  EXPECT_EQ(status().item.text(), "itm_2");
  EXPECT_TRUE(next());
  take(*third);
  EXPECT_TRUE(next());
}

TEST_F(WorkerPoolTest, GoesOnToTheNextInTheLineWhenTheFirstIsCancelled) {
  ASSERT_TRUE(begin(asked("hang")));
  asio::cancellation_signal stop;
  const auto second = spawn(asked("finish"), &stop);
  const auto third = spawn(asked("finish"));
  ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{20})));

  stop.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{20})));
  run_.reset();
  take(*third);

  ASSERT_TRUE(run_ && second->has_value());
  EXPECT_EQ((*second)->error().error_class(), ErrorClass::canceled);
  EXPECT_TRUE(next());
}

TEST_F(WorkerPoolTest, SeesAWorkerThatHangsAtItsStart) {
  ResidentConfig config = stub({"hang"});
  config.start_max = milliseconds{100};
  make_pool(std::move(config));

  const auto started = begin(asked("finish"));

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), kWorkerHung);
  EXPECT_EQ(status().state, "stopped");
}

TEST_F(WorkerPoolTest, TellsWhyAWorkerDidNotStart) {
  make_pool(stub({"die"}));
  const auto died = begin(asked("finish"));
  make_pool(stub({"lacks"}));
  const auto lacks = begin(asked("finish"));
  make_pool(stub({"garbage"}));
  const auto garbage = begin(asked("finish"));
  make_pool({.command = {"/nonexistent/worker"}, .program = "/nonexistent/worker"});
  const auto missing = begin(asked("finish"));

  ASSERT_FALSE(died);
  EXPECT_EQ(died.error().code(), "HF-ENG-07");
  EXPECT_NE(died.error().what().find("no memory for the model"), std::string::npos) << died.error().what();
  ASSERT_FALSE(lacks);
  EXPECT_EQ(lacks.error().error_class(), ErrorClass::dependency);
  EXPECT_EQ(lacks.error().what(), "the model's hash is wrong");
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().error_class(), ErrorClass::transient);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().error_class(), ErrorClass::dependency);
}

TEST_F(WorkerPoolTest, StopsAnIdleWorkerToFreeItsMemory) {
  ResidentConfig config = stub();
  config.idle_release = milliseconds{50};
  make_pool(std::move(config));
  ASSERT_TRUE(whole("finish"));
  const int pid = status().pid;

  until_gone(pid);

  EXPECT_EQ(status().state, "stopped");
  EXPECT_TRUE(whole("finish"));
}

TEST_F(WorkerPoolTest, ReplacesAWorkerThatDiedIdleWithoutChargingTheNextWork) {
  ASSERT_TRUE(whole("finish"));
  const int pid = status().pid;
  ::kill(pid, SIGKILL);
  until_gone(pid);

  const auto finished = whole("finish");

  ASSERT_TRUE(finished) << finished.error().what();
  EXPECT_NE(status().pid, pid);
}

TEST_F(WorkerPoolTest, ProbesForTheProgramAndTheModelsSize) {
  const fs::path model = root_ / "model.bin";
  std::ofstream{model} << "12345";
  ResidentConfig config = stub();
  config.files = {{.file = model, .bytes = 5}};
  make_pool(config);
  EXPECT_TRUE(wait(pool_->probe(WorkerKind::speech)));
  EXPECT_EQ(status().state, "stopped") << "no memory is taken for a probe";

  config.files = {{.file = model, .bytes = 6}};
  make_pool(config);
  const auto wrong_size = wait(pool_->probe(WorkerKind::speech));
  config.program = "/nonexistent/worker";
  make_pool(config);
  const auto no_program = wait(pool_->probe(WorkerKind::speech));
  const auto not_set_up = wait(pool_->probe(WorkerKind::language));

  for (const auto* probe : {&wrong_size, &no_program, &not_set_up}) {
    ASSERT_FALSE(*probe);
    EXPECT_EQ(probe->error().error_class(), ErrorClass::dependency);
  }
  EXPECT_EQ(not_set_up.error().code(), "HF-LLM-05");
}

TEST_F(WorkerPoolTest, VS_7_FindsADamagedModelOfTheRightSizeBeforeAnyWorkNeedsIt) {
  const fs::path model = root_ / "model.bin";
  std::ofstream{model} << "12345";
  ResidentConfig config = stub();
  config.files = {{.file = model, .bytes = 5, .sha256 = std::string(64, '0')}};
  make_pool(config);

  const auto probed = wait(pool_->probe(WorkerKind::speech));

  ASSERT_FALSE(probed);
  EXPECT_NE(probed.error().what().find("SHA-256 is wrong"), std::string::npos) << probed.error().what();
}

TEST_F(WorkerPoolTest, LAB_2_AsksForEachRoleTheWorkerThatServesIt) {
  ProcessPoolConfig all;
  ResidentConfig rating = stub();
  rating.roles = {"llama"};
  all.residents.emplace(WorkerKind::language, stub());
  all.residents.emplace(WorkerKind::language, rating);
  rating.command = {"/nonexistent/worker"};
  rating.program = "/nonexistent/worker";
  const ProcessWorkerPool::Deps deps{io_.get_executor(), clock_, entropy_, *blobs_, files_};
  pool_ = std::make_unique<ProcessWorkerPool>(deps, all);
  const auto pid_for = [&](const std::string& role) {
    WorkRequest request = asked("finish");
    request.worker = WorkerKind::language;
    request.role = role;
    EXPECT_TRUE(whole(std::move(request))) << role;
    const auto states = pool_->status();
    return std::pair{states.at(0).pid != 0, states.at(1).pid != 0};
  };
  EXPECT_EQ(pid_for("mistral"), std::pair(true, false)) << "the first serves whoever has none of his own";
  EXPECT_EQ(pid_for("llama"), std::pair(true, true));

  std::prev(all.residents.end())->second = rating;
  pool_ = std::make_unique<ProcessWorkerPool>(deps, all);
  EXPECT_FALSE(wait(pool_->probe(WorkerKind::language))) << "one of the two is missing";
}

/// A worker program that refuses to start until it is replaced by one that works.
class RefusingWorker : public WorkerPoolTest {
 protected:
  void SetUp() override {
    WorkerPoolTest::SetUp();
    program_ = root_ / "worker";
    write("exec " HF_STUB_WORKER " lacks");
    config_ = {.command = {program_}, .program = program_, .restart = {.base = milliseconds{1}}};
    make_pool(config_);
  }
  void write(const std::string& command) const {
    std::ofstream{root_ / "counting"} << "#!/bin/sh\necho >> " << (root_ / "starts").string() << "\n"
                                      << command << "\n";
    fs::permissions(root_ / "counting", fs::perms::owner_all);
    fs::rename(root_ / "counting", program_);
  }
  [[nodiscard]] std::size_t starts() const {
    std::error_code none;
    const auto bytes = fs::file_size(root_ / "starts", none);
    return none ? 0 : bytes;
  }

  fs::path program_;
  ResidentConfig config_;
};

TEST_F(RefusingWorker, VS_7_StaysAwayForTheProbeAndForOtherWorkUntilItsFilesChange) {
  ASSERT_TRUE(wait(pool_->probe(WorkerKind::speech))) << "its files are there";
  const auto first = begin(asked("finish"));

  const auto probed = wait(pool_->probe(WorkerKind::speech));
  const auto second = begin(asked("finish"));

  for (const auto* result : {&first, &probed, &second}) {
    ASSERT_FALSE(*result);
    EXPECT_EQ(result->error().error_class(), ErrorClass::dependency);
    EXPECT_EQ(result->error().what(), "the model's hash is wrong");
  }
  EXPECT_EQ(starts(), 1U) << "nothing is tried that is known to fail";
}

TEST_F(RefusingWorker, VS_7_ComesBackWhenItsFilesChangeAndItReallyStarts) {
  ASSERT_FALSE(begin(asked("finish")));
  write("exec " HF_STUB_WORKER " lacks ");
  EXPECT_FALSE(wait(pool_->probe(WorkerKind::speech))) << "changed, and tried, but no better";
  write("exec " HF_STUB_WORKER);

  EXPECT_TRUE(wait(pool_->probe(WorkerKind::speech)));
  EXPECT_EQ(status().state, "idle");
  EXPECT_TRUE(whole("finish"));
  EXPECT_EQ(starts(), 3U);
}

TEST_F(RefusingWorker, IsTriedAgainAfterAWhileThoughNothingOnDiskChanged) {
  write("test -e " + (root_ / "reason_gone").string() + " && exec " HF_STUB_WORKER "; exec " HF_STUB_WORKER " lacks");
  config_.try_again = milliseconds{50};
  make_pool(config_);
  ASSERT_FALSE(begin(asked("finish")));
  std::ofstream{root_ / "reason_gone"} << "";
  EXPECT_FALSE(wait(pool_->probe(WorkerKind::speech))) << "not yet";

  ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{60})));

  EXPECT_TRUE(wait(pool_->probe(WorkerKind::speech)));
  EXPECT_TRUE(whole("finish"));
}

TEST_F(WorkerPoolTest, SaysCanceledWhenTheWaitForTheWorkerIsCancelled) {
  ASSERT_TRUE(begin(asked("hang")));
  std::optional<Result<WorkEvent>> event;
  asio::cancellation_signal stop;
  asio::co_spawn(
      io_, run_->next(),
      asio::bind_cancellation_slot(stop.slot(), [&](const std::exception_ptr&, Result<WorkEvent> got) {
        event.emplace(std::move(got));
      }));
  ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{20})));

  stop.emit(asio::cancellation_type::terminal);
  while (!event && io_.run_one() > 0) {
  }

  ASSERT_TRUE(event.has_value());
  ASSERT_FALSE(*event);
  EXPECT_EQ(event->error().error_class(), ErrorClass::canceled);
}

}  // namespace
}  // namespace holdfast
