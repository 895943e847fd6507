#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/rng.hpp"
#include "flow/spool/spooled.hpp"
#include "ports/spool.hpp"
#include "sim/coverage.hpp"
#include "sim/sim_clock.hpp"

namespace holdfast::sim {

/// What a spool could do wrong, or who empties it.
struct SpoolBugs {
  bool flushes_twice = false;       ///< a record is given to the store again, as another item
  bool forgets_at_restart = false;
  bool answers_before_sync = false;
};

/// What a node's spool has durably: outlives the node.
struct SpoolDisk {
  std::map<std::uint64_t, std::string> records;
  std::uint64_t next = 1;

  /// The new items in it, with their files.
  [[nodiscard]] std::map<ItemId, BlobId> uploads() const {
    std::map<ItemId, BlobId> found;
    for (const auto& [seq, bytes] : records) {
      const auto spooled = spool::read_spooled(bytes);
      const auto* upload = spooled ? std::get_if<spool::Upload>(&*spooled) : nullptr;
      if (upload != nullptr) found[upload->created.after.id] = upload->created.after.input.blob;
    }
    return found;
  }
};

/// A spool whose appends take time and may fail. A crash falls before a record is durable, or after it.
class SimSpool final : public Spool {
 public:
  struct Parts {
    SpoolDisk& disk;
    SimClock& clock;
    Rng rng;
    SpoolBugs bugs{};
    Coverage* coverage = nullptr;
    std::function<void(const Job& upload)> on_upload{};  ///< a new item is in it
  };
  explicit SimSpool(Parts parts) : parts_{std::move(parts)} {}

  Task<Result<std::vector<SpoolRecord>>> load() override {
    co_await parts_.clock.nap(delay());
    std::vector<SpoolRecord> found;
    if (parts_.bugs.forgets_at_restart) parts_.disk.records.clear();
    for (const auto& [seq, bytes] : parts_.disk.records) found.push_back({seq, bytes});
    if (!found.empty()) reach(parts_.coverage, "spool/left_over_a_restart");
    if (parts_.bugs.flushes_twice) append_copies(found);
    co_return found;
  }

  Task<Result<std::uint64_t>> append(std::string bytes) override {
    const milliseconds syncing = delay();
    if (!parts_.bugs.answers_before_sync) co_await parts_.clock.nap(syncing);
    if (parts_.rng.below(16) == 0) {
      reach(parts_.coverage, "spool/full");
      co_return fail(ErrorClass::resource, "HF-STO-02", "the spool has no room either");
    }
    const std::uint64_t seq = parts_.disk.next++;
    if (parts_.bugs.answers_before_sync) {
      unsynced_[seq] = std::move(bytes);  // never
      co_return seq;
    }
    tell_upload(bytes);
    parts_.disk.records[seq] = std::move(bytes);
    reach(parts_.coverage, "spool/appended");
    co_await parts_.clock.nap(delay());
    co_return seq;
  }

  Task<Result<void>> drop_through(std::uint64_t seq) override {
    co_await parts_.clock.nap(delay());
    if (parts_.rng.below(16) == 0) co_return fail(ErrorClass::transient, "HF-STO-01", "the spool does not answer");
    std::erase_if(parts_.disk.records, [seq](const auto& record) { return record.first <= seq; });
    co_await parts_.clock.nap(delay());
    co_return Result<void>{};
  }

 private:
  void tell_upload(const std::string& bytes) {
    const auto spooled = spool::read_spooled(bytes);
    const auto* upload = spooled ? std::get_if<spool::Upload>(&*spooled) : nullptr;
    if (upload != nullptr && parts_.on_upload) parts_.on_upload(upload->created.after);
  }

  milliseconds delay() { return milliseconds{static_cast<std::int64_t>(parts_.rng.below(30))}; }

  /// The same uploads under other names, as a flush would give them that does not know what it gave before.
  void append_copies(std::vector<SpoolRecord>& found) {
    for (SpoolRecord record : std::vector{found}) {
      auto spooled = spool::read_spooled(record.bytes);
      auto* upload = spooled ? std::get_if<spool::Upload>(&*spooled) : nullptr;
      if (upload == nullptr) continue;
      upload->created.after.id = ItemId{upload->created.after.id.text() + "again"};
      upload->created.after.job_key = upload->created.after.id.text();
      found.push_back({parts_.disk.next++, spool::write_spooled(*spooled)});
    }
  }

  Parts parts_;
  std::map<std::uint64_t, std::string> unsynced_;
};

}  // namespace holdfast::sim
