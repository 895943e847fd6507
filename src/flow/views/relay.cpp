#include "flow/views/relay.hpp"

namespace holdfast::views {
namespace {

constexpr unsigned kBatch = 256;

LiveEvent live(const StoredEvent& event) {
  return {.seq = event.seq,
          .item = event.item,
          .owner = event.owner,
          .type = event.entry.type,
          .stage = event.entry.stage,
          .detail = event.entry.detail,
          .status = std::string{to_word(event.status)},
          .at = event.at};
}

/// Returns how many were delivered.
Task<Result<std::size_t>> relay_batch(EngineState* engine) {
  HF_CO_TRY(const auto events, co_await engine->deps.store.outbox(kBatch));
  if (events.empty()) co_return std::size_t{0};
  std::vector<std::uint64_t> seqs;
  for (const StoredEvent& event : events) {
    engine->deps.hub.publish(live(event));
    seqs.push_back(event.seq);
  }
  HF_CO_TRY_VOID(co_await engine->deps.store.delivered(std::move(seqs)));
  co_return events.size();
}

}  // namespace

Task<void> relay(EngineState* engine) {
  for (;;) {
    const auto sent = co_await relay_batch(engine);
    if (sent && *sent == kBatch) continue;
    if (engine->told_all) co_return;
    const auto woken =
        co_await engine->relay_bell->wait_until(engine->deps.clock.mono_now() + engine->config.look_every);
    if (!woken) co_return;
  }
}

}  // namespace holdfast::views
