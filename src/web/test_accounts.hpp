#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "adapters/sodium/digest.hpp"
#include "adapters/sodium/secrets.hpp"
#include "adapters/sqlite/stores.hpp"
#include "guard/accounts/accounts.hpp"

namespace holdfast::web::testing {

/// For tests: accounts on the real store, in a folder of their own (in memory where there is one), with a password
/// hash that takes no time. Every call is done at once on the calling thread.
class TestAccounts {
 public:
  TestAccounts(Clock& clock, Entropy& entropy)
      : folder_{make_folder()},
        stores_{open_sqlite_stores((folder_ / "holdfast.db").string(), {.own_threads = false}).value()},
        secrets{SodiumSecrets::open({.memory_bytes = 8192, .passes = 1}).value()},
        accounts{{*stores_.accounts, *secrets, clock, entropy}} {}
  TestAccounts(const TestAccounts&) = delete;
  TestAccounts& operator=(const TestAccounts&) = delete;
  ~TestAccounts() {
    stores_ = {};
    std::filesystem::remove_all(folder_);
  }

 private:
  static std::filesystem::path make_folder() {
    const std::filesystem::path memory = "/dev/shm";
    const auto base = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (base / "holdfast-web-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no folder for accounts"};
    return name;
  }

  std::filesystem::path folder_;
  SqliteStores stores_;

 public:
  std::unique_ptr<SodiumSecrets> secrets;
  guard::Accounts accounts;
};

}  // namespace holdfast::web::testing
