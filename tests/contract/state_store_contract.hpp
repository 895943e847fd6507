#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "ports/state_store.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::contract {

/// What every StateStore promises. A Backend is made anew for each test, with an empty store, and has
/// `StateStore& states()`, `reopen()` and `run(Task)` as those of job_store_test_base.hpp.
template <class Backend>
class StateStoreContract : public testing::Test {
 protected:
  StateStore& states() { return backend_.states(); }
  void reopen() { backend_.reopen(); }
  bool keep(std::string name, std::string json) {
    return backend_.run(states().keep(std::move(name), std::move(json))).has_value();
  }
  bool forget(std::string name) { return backend_.run(states().forget(std::move(name))).has_value(); }
  std::string kept(std::string name) {
    return backend_.run(states().kept(std::move(name))).value().value_or("nothing");
  }
  std::map<std::string, std::string> kept_under(std::string prefix) {
    return backend_.run(states().kept_under(std::move(prefix))).value();
  }

 private:
  Backend backend_;
};

TYPED_TEST_SUITE_P(StateStoreContract);

TYPED_TEST_P(StateStoreContract, FR_5_WhatWasKeptLastIsThereAfterARestart) {
  ASSERT_TRUE(this->keep("breaker/llm", "{}"));
  ASSERT_TRUE(this->keep("breaker/llm", "{\"state\":\"open\"}"));

  this->reopen();

  EXPECT_EQ(this->kept("breaker/llm"), "{\"state\":\"open\"}");
  EXPECT_EQ(this->kept("breaker/stt"), "nothing");
}

TYPED_TEST_P(StateStoreContract, WhatWasForgottenIsGone) {
  ASSERT_TRUE(this->keep("a", "1"));

  ASSERT_TRUE(this->forget("a"));
  ASSERT_TRUE(this->forget("never there"));

  this->reopen();
  EXPECT_EQ(this->kept("a"), "nothing");
}

TYPED_TEST_P(StateStoreContract, DocumentsAreFoundByTheBeginningOfTheirNames) {
  for (const char* name : {"b", "breaker/a", "breaker/z", "breaker0", "c"}) ASSERT_TRUE(this->keep(name, name));

  const auto found = this->kept_under("breaker/");

  EXPECT_EQ(found, (std::map<std::string, std::string>{{"breaker/a", "breaker/a"}, {"breaker/z", "breaker/z"}}));
  EXPECT_EQ(this->kept_under("").size(), 5U);
  EXPECT_TRUE(this->kept_under("d").empty());
}

TYPED_TEST_P(StateStoreContract, NamesAndDocumentsAreKeptByteForByte) {
  ASSERT_TRUE(this->keep(hostile_text(), hostile_text()));

  this->reopen();

  EXPECT_EQ(this->kept(hostile_text()), hostile_text());
}

TYPED_TEST_P(StateStoreContract, ADocumentThatIsTooLongIsRefusedAndTheOldOneStays) {
  ASSERT_TRUE(this->keep("a", std::string(StateStore::kDocumentMax, 'x')));

  EXPECT_FALSE(this->keep("a", std::string(StateStore::kDocumentMax + 1, 'y')));

  EXPECT_EQ(this->kept("a"), std::string(StateStore::kDocumentMax, 'x'));
}

REGISTER_TYPED_TEST_SUITE_P(StateStoreContract, FR_5_WhatWasKeptLastIsThereAfterARestart, WhatWasForgottenIsGone,
                            DocumentsAreFoundByTheBeginningOfTheirNames, NamesAndDocumentsAreKeptByteForByte,
                            ADocumentThatIsTooLongIsRefusedAndTheOldOneStays);

}  // namespace holdfast::contract
