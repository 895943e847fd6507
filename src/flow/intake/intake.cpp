#include "flow/intake/intake.hpp"

#include <set>

#include "flow/intake/attach.hpp"
#include "flow/intake/new_job.hpp"
#include "flow/intake/request_text.hpp"
#include "flow/stages/stage_kind.hpp"

namespace holdfast::intake {
namespace {

bool recipe_accepts(const Recipe& recipe, media::Family family) {
  const char* word = family == media::Family::audio   ? "audio"
                     : family == media::Family::video ? "video"
                                                      : "text";
  return std::ranges::find(recipe.accepts, word) != recipe.accepts.end();
}

Result<const Recipe*> find_recipe(const RecipeBook& book, const std::string& name) {
  const auto found = book.find(name);
  if (found == book.end())
    return fail(ErrorClass::invalid, "HF-UPL-09", "there is no recipe named '" + name + "'");
  return &found->second;
}

/// The queues that an item of this recipe will wait in; none are known of a recipe that is not known yet.
std::vector<std::string> bulkheads_of(const RecipeBook& book, const std::string& name) {
  const auto recipe = book.find(name);
  std::set<std::string> bulkheads;
  if (recipe == book.end()) return {};
  for (const StageConfig& stage : recipe->second.stages) {
    if (const auto* kind = stages::find_kind(stage.kind)) bulkheads.emplace(kind->bulkhead());
  }
  return {bulkheads.begin(), bulkheads.end()};
}

Task<Result<std::unique_ptr<AdmissionTicket>>> let_in(Deps deps, std::string owner, std::string recipe) {
  if (deps.admission == nullptr) co_return std::unique_ptr<AdmissionTicket>{};
  auto bulkheads = bulkheads_of(deps.recipes, recipe);
  co_return co_await deps.admission->admit(std::move(owner), std::move(bulkheads));
}

/// Records the job. Whatever bytes came with it are removed again when they turn out not to be needed.
Task<Result<Enqueued>> record(Deps deps, Transition created) {
  const BlobId blob = created.after.input.blob;
  if (deps.expect) deps.expect(created.after);
  auto written = co_await deps.store.enqueue(std::move(created));
  const bool may_be_recorded = !written && written.error().error_class() == ErrorClass::unknown;
  const bool needed = (written && written->created) || may_be_recorded;
  if (!needed && !blob.empty())
    (void)co_await deps.blobs.remove(blob);  // an orphan is swept later if this fails
  co_return written;
}

}  // namespace

Result<void> check_mode(const Recipe& recipe, const std::string& mode) {
  const modes::Mode* const found = modes::find(recipe.modes, mode);
  if (mode.empty() || (found != nullptr && modes::can_be_asked_for(*found))) return {};
  std::string known;
  for (const modes::Mode& one : recipe.modes) {
    if (modes::can_be_asked_for(one)) known += (known.empty() ? "" : ", ") + one.name;
  }
  if (known.empty()) known = "none";
  return fail(ErrorClass::invalid, "HF-UPL-11",
              "the recipe '" + recipe.name + "' has no mode '" + mode + "'; it has " + known);
}

Task<Result<std::unique_ptr<Upload>>> begin(Deps deps, Form declared, std::uint64_t expected_bytes) {
  if (expected_bytes > deps.limits.upload_bytes_max) {
    co_return fail(ErrorClass::invalid, "HF-UPL-01", "the file is larger than this server takes");
  }
  HF_CO_TRY(auto ticket, co_await let_in(deps, declared.owner, declared.recipe));
  HF_CO_TRY(auto staging, co_await deps.blobs.open_staging(expected_bytes));
  co_return std::make_unique<Upload>(deps, std::move(staging), std::move(ticket), std::move(declared.recipe));
}

Result<void> Upload::sniff_head() {
  sniffed_ = media::sniff(head_);
  sniffed_done_ = true;
  const bool usable = sniffed_.family == media::Family::audio || sniffed_.family == media::Family::video;
  if (!usable) return fail(ErrorClass::invalid, "HF-UPL-02", "these bytes are neither audio nor video");
  return {};
}

Task<Result<void>> Upload::write(std::string chunk) {
  bytes_ += chunk.size();
  if (bytes_ > deps_.limits.upload_bytes_max) {
    co_return fail(ErrorClass::invalid, "HF-UPL-01", "the file is larger than this server takes");
  }
  if (!sniffed_done_) {
    head_.append(chunk, 0, media::kSniffBytes - head_.size());
    if (head_.size() == media::kSniffBytes) HF_CO_TRY_VOID(sniff_head());
  }
  co_return co_await staging_->append(std::move(chunk));
}

Task<Result<Enqueued>> Upload::finish(Form form) {
  HF_CO_TRY(const Recipe* recipe, find_recipe(deps_.recipes, form.recipe));
  HF_CO_TRY_VOID(check_mode(*recipe, form.mode));
  if (bytes_ == 0) co_return fail(ErrorClass::invalid, "HF-UPL-08", "the file is empty");
  if (!sniffed_done_) HF_CO_TRY_VOID(sniff_head());
  if (!recipe_accepts(*recipe, sniffed_.family)) {
    co_return fail(ErrorClass::invalid, "HF-UPL-02",
                   "the recipe '" + form.recipe + "' does not take this kind of file");
  }
  if (form.recipe != let_in_for_) {
    ticket_.reset();  // of the same upload: it must not stand in its own way
    HF_CO_TRY(ticket_, co_await let_in(deps_, form.owner, form.recipe));
  }
  HF_CO_TRY(const BlobInfo sealed, co_await staging_->seal());
  if (form.job_key.empty() && !form.key_stem.empty()) {
    form.job_key = form.key_stem + sealed.sha256;
    auto known = co_await attach(deps_, form.owner, form.job_key, form.attach_within);
    if (!known || *known) (void)co_await deps_.blobs.remove(sealed.id);  // an orphan is swept later if this fails
    HF_CO_TRY(const auto earlier, std::move(known));
    if (earlier) co_return Enqueued{.job = *earlier, .created = false};
  }

  Input input{.name = form.file_name,
              .bytes = sealed.bytes,
              .sha256 = sealed.sha256,
              .media_type = std::string{sniffed_.media_type},
              .blob = sealed.id,
              .payload = form.options};
  auto created = new_job(form, *recipe, std::move(input), deps_.clock.wall_now(), deps_.entropy.roll());
  co_return co_await record(deps_, std::move(created));
}

Task<Result<Enqueued>> accept_text(Deps deps, Form form, std::string text) {
  HF_CO_TRY(const Recipe* recipe, find_recipe(deps.recipes, form.recipe));
  HF_CO_TRY_VOID(check_mode(*recipe, form.mode));
  if (!recipe_accepts(*recipe, media::Family::text)) {
    co_return fail(ErrorClass::invalid, "HF-UPL-02", "the recipe '" + form.recipe + "' does not take text");
  }
  HF_CO_TRY_VOID(check_text(text));
  HF_CO_TRY(const auto ticket, co_await let_in(deps, form.owner, form.recipe));
  Input input{
      .name = form.file_name, .bytes = text.size(), .media_type = "text/plain", .payload = std::move(text)};
  auto created = new_job(form, *recipe, std::move(input), deps.clock.wall_now(), deps.entropy.roll());
  co_return co_await record(deps, std::move(created));
}

}  // namespace holdfast::intake
