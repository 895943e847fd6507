#include "app/user_order.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>

#include "adapters/asio/clock.hpp"
#include "adapters/asio/entropy.hpp"
#include "adapters/sodium/secrets.hpp"
#include "adapters/sqlite/stores.hpp"
#include "core/account/name.hpp"
#include "guard/accounts/accounts.hpp"

namespace holdfast {
namespace {

constexpr unsigned kPage = 200;

Result<std::filesystem::path> find_store(const Settings& settings, bool make) {
  const std::filesystem::path root = settings.storage.data;
  std::error_code bad;
  if (make && std::filesystem::create_directories(root, bad))
    std::filesystem::permissions(root, std::filesystem::perms::owner_all, bad);
  if (make || std::filesystem::exists(root / "holdfast.db", bad)) return root / "holdfast.db";
  return fail(ErrorClass::not_found, "HF-CLI-06", "there is no data folder at " + root.string());
}

Task<Result<std::vector<User>>> all_users(AccountStore* store) {
  std::vector<User> all;
  while (true) {
    std::string after = all.empty() ? "" : all.back().name;
    HF_CO_TRY(const auto page, co_await store->users(std::move(after), kPage));
    all.insert(all.end(), page.begin(), page.end());
    if (page.size() < kPage) co_return all;
  }
}

Task<Result<User>> change_user(guard::Accounts* accounts, UserOrder order) {
  HF_CO_TRY(std::string name, account::parse_name(order.name));
  switch (order.act) {
    case UserOrder::Act::add:
      co_return co_await accounts->add_user(std::move(name), std::move(order.password), order.superuser);
    case UserOrder::Act::passwd:
      co_return co_await accounts->set_password(std::move(name), std::move(order.password));
    case UserOrder::Act::deactivate:
    case UserOrder::Act::list:
      break;
  }
  account::UserChange wanted{.active = false};
  co_return co_await accounts->change_user(std::move(name), std::move(wanted));
}

std::string word_of(UserOrder::Act act) {
  switch (act) {
    case UserOrder::Act::add:
      return "user add";
    case UserOrder::Act::passwd:
      return "user passwd";
    case UserOrder::Act::deactivate:
      return "user deactivate";
    case UserOrder::Act::list:
      break;
  }
  return "user list";
}

/// As a route for superusers, it stands in the audit of management before it is done.
Task<Result<std::vector<User>>> carry_out(guard::Accounts* accounts, UserOrder order) {
  if (order.act == UserOrder::Act::list) co_return co_await all_users(&accounts->store());
  Subject subject{{"name", order.name}};
  ManagementEntry entry{
      .at = accounts->now(), .actor = "(command line)", .operation = word_of(order.act), .subject = subject};
  HF_CO_TRY(const std::uint64_t seq, co_await accounts->store().begin_management(std::move(entry)));
  auto changing = change_user(accounts, std::move(order));
  auto changed = co_await std::move(changing);
  std::string outcome = changed ? "done" : changed.error().code();
  HF_CO_TRY_VOID(co_await accounts->store().end_management(seq, std::move(outcome), std::move(subject)));
  if (!changed) co_return std::unexpected(changed.error());
  co_return std::vector<User>{*std::move(changed)};
}

}  // namespace

Result<std::vector<User>> run_user(const Settings& settings, const UserOrder& order) {
  HF_TRY(const auto path, find_store(settings, order.act == UserOrder::Act::add));
  asio::io_context io{1};
  SystemClock clock{io.get_executor()};
  SystemEntropy entropy;
  HF_TRY(const auto secrets, SodiumSecrets::open());
  HF_TRY(const auto stores, open_sqlite_stores(path.string()));
  guard::Accounts accounts{{*stores.accounts, *secrets, clock, entropy}};
  std::optional<Result<std::vector<User>>> done;
  asio::co_spawn(io, carry_out(&accounts, order), [&done](std::exception_ptr bug, Result<std::vector<User>> result) {
    if (!bug) done = std::move(result);
  });
  io.run();
  if (!done) return fail(ErrorClass::unknown, "HF-SRV-01", "the command did not end");
  return *std::move(done);
}

}  // namespace holdfast
