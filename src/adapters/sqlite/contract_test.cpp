#include "adapters/sqlite/test_backend.hpp"
#include "tests/contract/account_store_contract.hpp"
#include "tests/contract/job_store_contract.hpp"
#include "tests/contract/retention_store_contract.hpp"
#include "tests/contract/session_store_contract.hpp"
#include "tests/contract/state_store_contract.hpp"
#include "tests/contract/vector_store_contract.hpp"

namespace holdfast::contract {
namespace {

/// Every call at once on the calling thread, as the simulator uses it.
class OneThreadBackend : public sqlite::TestBackend {
 public:
  OneThreadBackend() : TestBackend{SqliteOptions{.own_threads = false}} {}
};

}  // namespace

HF_JOB_STORE_CONTRACT(Sqlite, sqlite::TestBackend);
HF_JOB_STORE_CONTRACT(SqliteOneThread, OneThreadBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, AccountStoreContract, sqlite::TestBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(SqliteOneThread, AccountStoreContract, OneThreadBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StateStoreContract, sqlite::TestBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, RetentionStoreContract, sqlite::TestBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(SqliteOneThread, RetentionStoreContract, OneThreadBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, SessionStoreContract, sqlite::TestBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, VectorStoreContract, sqlite::TestBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(SqliteOneThread, VectorStoreContract, OneThreadBackend);

}  // namespace holdfast::contract
