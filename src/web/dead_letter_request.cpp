#include "web/dead_letter_request.hpp"

#include <boost/json.hpp>

#include "flow/recovery/filter_json.hpp"
#include "flow/views/item_view.hpp"
#include "flow/views/recovery_view.hpp"
#include "web/body_fields.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kReasonMax = 500;
constexpr unsigned kSampleMax = 10;

}  // namespace

Task<Result<Job>> find_dead_letter(Context* context, Exchange* exchange) {
  HF_CO_TRY(Job job, co_await find_item(context, exchange));
  if (job.status != JobStatus::failed) co_return fail(ErrorClass::not_found, "HF-ITM-06", "it is no dead letter");
  co_return job;
}

json::object shown_dead_letter(Context* context, const Job& job) {
  json::object letter = views::dead_letter_object(job);
  letter["retention"] = views::retention_object(job, context->deps.keep.of(job.recipe));
  return letter;
}

Result<DeadLetterFilter> filter_of_query(const Target& target) {
  json::object fields;
  for (const char* name : {"owner", "recipe", "stage", "kind", "code", "failed_from", "failed_until"}) {
    if (const std::string value = target.query_value(name); !value.empty()) fields[name] = value;
  }
  HF_TRY(DeadLetterFilter filter, recovery::read_filter(fields));
  const std::string discarded = target.query_value("discarded");
  if (!discarded.empty() && discarded != "true" && discarded != "false")
    return fail(ErrorClass::invalid, "HF-REQ-01", "discarded is true or false");
  filter.discarded = discarded == "true";
  return filter;
}

Result<DeadLetterFilter> filter_of_body(const json::object& body) {
  HF_TRY(const json::object fields, object_field(body, "filter"));
  HF_TRY_VOID(only_fields(fields, {"owner", "recipe", "stage", "kind", "code", "failed_from", "failed_until"}));
  return recovery::read_filter(fields);
}

Result<std::string> reason_of(const json::object& body) {
  HF_TRY(std::string reason, text_field(body, "reason", kReasonMax));
  if (reason.empty()) return fail(ErrorClass::invalid, "HF-REQ-01", "reason is missing");
  return reason;
}

Task<Result<json::object>> preview(Context* context, DeadLetterFilter filter) {
  HF_CO_TRY(const auto groups, co_await context->store().dead_letter_groups(filter));
  DeadLetterQuery query{.filter = std::move(filter), .limit = kSampleMax};
  HF_CO_TRY(const auto jobs, co_await context->store().dead_letters(std::move(query)));
  std::uint64_t matched = 0;
  for (const DeadLetterGroup& group : groups) matched += group.count;
  json::array sample;
  for (const Job& job : jobs) sample.emplace_back(job.id.text());
  co_return json::object{
      {"dry_run", true}, {"matched", matched}, {"groups", views::group_objects(groups)}, {"sample", std::move(sample)}};
}

}  // namespace holdfast::web
