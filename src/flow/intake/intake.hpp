#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/media/sniff.hpp"
#include "core/recipe/recipe.hpp"
#include "ports/admission.hpp"
#include "ports/blob_store.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/job_store.hpp"

/// Step 1, intake: bytes durable first, job second, answer last.
namespace holdfast::intake {

struct Limits {
  std::uint64_t upload_bytes_max = 4ULL << 30U;
};

struct Deps {
  BlobStore& blobs;
  JobStore& store;
  Clock& clock;
  Entropy& entropy;
  const RecipeBook& recipes;
  Limits limits{};
  Admission* admission = nullptr;  ///< none: everybody is let in
  std::function<void(const Job&)> expect{};  ///< told of each job as it is handed to the store (Engine::expect)
};

/// What the sender says about a file. Everything in it is data that nobody trusts.
struct Form {
  std::string owner;
  std::string recipe;
  std::string file_name;
  std::string job_key;  ///< empty: none was given, the new item's id is used
  std::string mode;
  int priority = 5;
  std::optional<WallTime> recorded_at{};  ///< when it was recorded, as the sender says
  std::optional<std::chrono::minutes> recorded_offset{};  ///< of the place where, from UTC, if that was said
  std::string options{};                  ///< of the work on a file: JSON that its stages read; empty: as configured
  /// Not empty: the key is this and the file's hash, so that the same file sent again within `attach_within` after its
  /// end is taken for a repetition (core/job/attach.hpp). Of a file that has no `job_key`.
  std::string key_stem{};
  milliseconds attach_within{};
};

/// One file on its way in. Destroyed before `finish`, it leaves nothing that looks whole.
class Upload {
 public:
  Upload(Deps deps, std::unique_ptr<Staging> staging, std::unique_ptr<AdmissionTicket> ticket, std::string recipe)
      : deps_{deps}, staging_{std::move(staging)}, ticket_{std::move(ticket)}, let_in_for_{std::move(recipe)} {}

  /// Takes the next bytes of the body, at most Staging::kChunkMax. The first kSniffBytes decide whether this
  /// can be media. Errors: invalid HF-UPL-01 (over the limit), HF-UPL-02 (not audio or video); resource
  /// HF-STO-02; transient HF-STO-01.
  Task<Result<void>> write(std::string chunk);

  /// Makes the bytes durable, then records the job, then returns: after this the file cannot be lost.
  /// Errors: invalid HF-UPL-08 (empty), HF-UPL-02, HF-UPL-09 (no such recipe), HF-UPL-11 (no such mode), HF-IDM-01
  /// (key used for something else), overloaded (its queues are full, when the recipe had not been declared), and
  /// those of BlobStore and JobStore; unknown: it may have been recorded, and asking again with the same key tells.
  /// Crash: before the rename a staging file is left and swept; after it a
  /// blob without a job is left and swept; after the commit the job is there and the sender's retry with the
  /// same key gets it.
  Task<Result<Enqueued>> finish(Form form);

 private:
  Result<void> sniff_head();

  Deps deps_;
  std::unique_ptr<Staging> staging_;
  std::unique_ptr<AdmissionTicket> ticket_;
  std::string let_in_for_;  ///< recipe that the ticket was asked for
  std::string head_;
  std::uint64_t bytes_ = 0;
  media::Sniffed sniffed_{};
  bool sniffed_done_ = false;
};

/// Opens an upload. `declared`: what is said before the bytes come; the owner is final, the recipe may be empty.
/// `expected_bytes`: the declared length, 0 if none was declared. Errors: invalid HF-UPL-01 (declared over the
/// limit), overloaded HF-ADM (not let in now), resource HF-STO-02, transient HF-STO-01.
Task<Result<std::unique_ptr<Upload>>> begin(Deps deps, Form declared, std::uint64_t expected_bytes);

/// Whether the recipe can be run in the mode that is asked for; empty: in the fullest. Errors: invalid HF-UPL-11.
Result<void> check_mode(const Recipe& recipe, const std::string& mode);

/// Records a job without a file: its text is the input. Errors: as `begin`, Upload::finish and check_text.
Task<Result<Enqueued>> accept_text(Deps deps, Form form, std::string text);

}  // namespace holdfast::intake
