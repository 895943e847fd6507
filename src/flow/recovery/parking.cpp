#include "flow/recovery/parking.hpp"

#include <boost/json.hpp>

namespace holdfast::recovery {
namespace {

namespace json = boost::json;

constexpr std::string_view kParkedName = "recovery/parked";

Result<std::set<std::string>> read(const std::string& text) {
  boost::system::error_code bad;
  const json::value kept = json::parse(text, bad);
  std::set<std::string> parked;
  const json::array* names = bad ? nullptr : kept.if_array();
  for (std::size_t i = 0; names != nullptr && i < names->size(); ++i) {
    const json::string* name = names->at(i).if_string();
    if (name == nullptr) names = nullptr;
    else parked.emplace(*name);
  }
  if (names == nullptr) return fail(ErrorClass::corrupt, "HF-STO-03", "which queues are parked cannot be read");
  return parked;
}

}  // namespace

Task<Result<void>> Parking::load() {
  HF_CO_TRY(const auto kept, co_await deps_.states.kept(std::string{kParkedName}));
  if (!kept) co_return Result<void>{};
  HF_CO_TRY(parked_, read(*kept));
  deps_.on_change(parked_);
  co_return Result<void>{};
}

Task<Result<void>> Parking::set(std::string queue, bool parked) {
  if (!deps_.queues.contains(queue))
    co_return fail(ErrorClass::not_found, "HF-QUE-01", "there is no queue of that name");
  std::set<std::string> wanted = parked_;
  if (parked) wanted.insert(queue);
  else wanted.erase(queue);
  std::string text = json::serialize(json::value_from(wanted));
  HF_CO_TRY_VOID(co_await deps_.states.keep(std::string{kParkedName}, std::move(text)));
  parked_ = std::move(wanted);
  tell(deps_.log, LogLevel::info, parked ? "queue_parked" : "queue_resumed", {{"queue", queue}});
  deps_.on_change(parked_);
  co_return Result<void>{};
}

}  // namespace holdfast::recovery
