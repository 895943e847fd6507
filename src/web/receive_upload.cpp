#include "web/receive_upload.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "flow/intake/request_text.hpp"
#include "web/file_name.hpp"
#include "web/header_value.hpp"

namespace holdfast::web {
namespace {

using namespace asio::experimental::awaitable_operators;

/// How much of a multipart body may be something else than its file.
constexpr std::uint64_t kAroundFileMax =
    MultipartParser::kPartsMax * (UploadForm::kFieldMax + MultipartParser::kPartHeadMax) +
    MultipartParser::kPreambleMax + MultipartParser::kEpilogueMax;

/// Turns the pieces of a body into bytes of the file.
class Intake {
 public:
  virtual ~Intake() = default;
  virtual Result<std::string> file_bytes(std::string piece) = 0;
  virtual Result<void> finish() = 0;
};

class RawIntake final : public Intake {
 public:
  Result<std::string> file_bytes(std::string piece) override { return piece; }
  Result<void> finish() override { return {}; }
};

class MultipartIntake final : public Intake {
 public:
  MultipartIntake(std::string_view boundary, FileForm& form) : parser_{boundary}, form_{form} {}
  Result<std::string> file_bytes(std::string piece) override {
    HF_TRY_VOID(parser_.feed(piece, form_));
    return form_.take_file_bytes();
  }
  Result<void> finish() override {
    HF_TRY_VOID(parser_.finish());
    if (!form_.has_file()) return fail(ErrorClass::invalid, "HF-UPL-10", "there is no file in it");
    return {};
  }

 private:
  MultipartParser parser_;
  FileForm& form_;
};

/// What stands in the query and the header. The form's own fields come later and may say more.
Result<void> take_declared(Exchange* exchange, UploadForm& form) {
  for (const std::string_view name : {"recipe", "mode", "priority", "recorded_at", "job_id"}) {
    HF_TRY_VOID(form.take_field(name, exchange->target.query_value(name)));
  }
  form.form.file_name = clean_file_name(exchange->target.query_value("name"));
  const std::string key = exchange->head.field("idempotency-key");
  if (key.empty()) return {};
  HF_TRY(const std::string parsed, parse_job_key(key));
  return form.take_field("job_id", parsed);
}

Result<std::unique_ptr<Intake>> make_intake(Exchange* exchange, UploadForm& form) {
  const std::string type = exchange->head.field("content-type");
  if (!lower(type).starts_with("multipart/")) return std::make_unique<RawIntake>();
  HF_TRY(const std::string boundary, boundary_of(type));
  return std::make_unique<MultipartIntake>(boundary, form);
}

/// A recipe that does not exist need not be found out after 4 GB.
Result<void> check_recipe(const RecipeBook& recipes, const std::string& name) {
  if (name.empty() || recipes.contains(name)) return {};
  return fail(ErrorClass::invalid, "HF-UPL-09", "there is no recipe named '" + name + "'");
}

/// `recipes`: those that the form may name; nullptr: it names none.
Task<Result<void>> pump(RequestBody* body, Intake* intake, intake::Upload* upload, const RecipeBook* recipes,
                        const intake::Form* form) {
  HF_CO_TRY(std::string piece, co_await body->read());
  while (!piece.empty()) {
    // A cancellation that came while only the disk was waited for has ended nothing yet.
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      co_return fail(ErrorClass::canceled, "HF-SRV-02", "the server is going down");
    }
    HF_CO_TRY(std::string bytes, intake->file_bytes(std::move(piece)));
    if (recipes != nullptr) HF_CO_TRY_VOID(check_recipe(*recipes, form->recipe));
    if (bytes.empty()) {
      HF_CO_TRY(piece, co_await body->read());
      continue;
    }
    auto write = upload->write(std::move(bytes));
    auto read = body->read();
    auto both = co_await (std::move(write) && std::move(read));
    HF_CO_TRY_VOID(std::move(std::get<0>(both)));
    HF_CO_TRY(piece, std::move(std::get<1>(both)));
  }
  co_return intake->finish();
}

/// Whether the body is a request in words, for a recipe that works on those: it is said to be, or the recipe takes
/// nothing else and it is no form.
bool is_text(Exchange* exchange, const RecipeBook& recipes, const std::string& recipe) {
  const std::string declared = exchange->head.field("content-type");
  const auto type = parse_parameterized(declared);
  const auto known = recipes.find(recipe);
  if (known == recipes.end()) return false;
  const std::vector<std::string>& accepts = known->second.accepts;
  if (std::ranges::find(accepts, "text") == accepts.end()) return false;
  const bool nothing_else = accepts.size() == 1 && !lower(declared).starts_with("multipart/");
  return nothing_else || (type && type->value == "text/plain");
}

/// As much of it as can be taken; what it holds is checked by the intake.
Task<Result<std::string>> read_text(RequestBody* body) {
  std::string text;
  for (;;) {
    HF_CO_TRY(const std::string piece, co_await body->read());
    if (piece.empty()) co_return text;
    text += piece;
    if (text.size() > intake::kTextBytesMax) co_return intake::text_too_long();
  }
}

Task<Result<Enqueued>> receive_text(Context* context, Exchange* exchange, intake::Form form) {
  HF_CO_TRY(std::string text, co_await read_text(exchange->body));
  form.owner = exchange->principal.owner;
  HF_CO_TRY(auto enqueued,
            co_await intake::accept_text(context->deps.intake, std::move(form), std::move(text)));
  if (enqueued.created) context->deps.engine.wake(enqueued.job);
  co_return enqueued;
}

Task<Result<Enqueued>> take(Context* context, Exchange* exchange, std::string recipe_default) {
  UploadForm form;
  HF_CO_TRY_VOID(take_declared(exchange, form));
  HF_CO_TRY_VOID(check_recipe(context->deps.intake.recipes, form.form.recipe));
  if (is_text(exchange, context->deps.intake.recipes, form.form.recipe)) {
    intake::Form ready = std::move(form.form);
    co_return co_await receive_text(context, exchange, std::move(ready));
  }
  HF_CO_TRY(auto intake, make_intake(exchange, form));
  const bool multipart = dynamic_cast<MultipartIntake*>(intake.get()) != nullptr;
  // Before the first byte is asked for: a sender that waits for "100 Continue" is told now, and sends nothing
  // in vain.
  const std::uint64_t expected = multipart ? file_bytes_least(*exchange) : exchange->body->length().value_or(0);
  intake::Form declared = form.form;
  declared.owner = exchange->principal.owner;
  if (declared.recipe.empty()) declared.recipe = recipe_default;
  HF_CO_TRY(auto upload, co_await intake::begin(context->deps.intake, std::move(declared), expected));
  HF_CO_TRY_VOID(
      co_await pump(exchange->body, intake.get(), upload.get(), &context->deps.intake.recipes, &form.form));

  if (form.form.recipe.empty()) form.form.recipe = std::move(recipe_default);
  form.form.owner = exchange->principal.owner;
  intake::Form ready = std::move(form.form);
  HF_CO_TRY(auto enqueued, co_await upload->finish(std::move(ready)));
  if (enqueued.created) context->deps.engine.wake(enqueued.job);
  co_return enqueued;
}

}  // namespace

std::uint64_t file_bytes_least(const Exchange& exchange) {
  const std::uint64_t declared = exchange.body->length().value_or(0);
  return declared > kAroundFileMax ? declared - kAroundFileMax : 0;
}

Task<Result<void>> receive_form(Exchange* exchange, FileForm* form, intake::Upload* upload) {
  HF_CO_TRY(const std::string boundary, boundary_of(exchange->head.field("content-type")));
  MultipartIntake intake{boundary, *form};
  co_return co_await pump(exchange->body, &intake, upload, nullptr, &form->form);
}

Task<Result<Enqueued>> receive_upload(Context* context, Exchange* exchange, std::string recipe_default) {
  auto taking = take(context, exchange, std::move(recipe_default));
  auto taken = co_await std::move(taking);
  if (Meter* meter = context->deps.meter; meter != nullptr) {
    if (!taken) meter->upload_refused(taken.error().code());
    if (taken && taken->created) meter->upload_taken(taken->job.recipe, taken->job.input.bytes);
  }
  co_return taken;
}

}  // namespace holdfast::web
