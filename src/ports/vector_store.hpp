#pragma once

#include <string>
#include <vector>

#include "core/base/id.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/similar/half.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// A vector and what it stands for: something that a stage of an item made, or the request that it was made for. The
/// text itself stays where it is.
struct NewVector {
  std::string space;    ///< what is compared with what: "brief", "memory"
  std::string stage;    ///< of the item, whose result it belongs to
  std::string subject;  ///< which part of it: "request", or the id of an extraction
  std::string model;    ///< vectors of two models cannot be compared
  std::string text_sha256;  ///< of the text, to know without it whether it is still the same; may be empty
  std::vector<similar::Half> vector;  ///< of length 1
};

struct StoredVector {
  std::uint64_t id = 0;  ///< grows with every one that is stored; never given twice
  ItemId item;
  std::string owner;     ///< the item's
  WallTime made_at{};
  NewVector made;
};

/// Those of one space and model, by id.
struct VectorQuery {
  std::string space;
  std::string model;
  std::string owner;        ///< empty: of all owners
  std::uint64_t after = 0;  ///< continue after the one of this id
  unsigned limit = 1000;
};

/// Port: vectors, stored beside the results that they stand for, in the store that answers JobStore. They go with
/// them, in the same transaction: when the results of the stage are dropped, expire or are made anew, and when the item
/// is removed. Every method that writes is one transaction and durable when it returns. Errors of all methods: as
/// JobStore.
class VectorStore {
 public:
  virtual ~VectorStore() = default;
  /// All of them, or none. One of the same space, stage and subject of the item is replaced.
  /// Errors: not_found HF-ITM-06 (there is no such item, or a stage has no result there: it is gone meanwhile); invalid
  /// HF-REQ-02 (more than kPutMax, or a vector that is empty or longer than core/similar allows).
  virtual Task<Result<void>> put(ItemId item, std::vector<NewVector> vectors) = 0;
  virtual Task<Result<std::vector<StoredVector>>> load(VectorQuery query) = 0;

  static constexpr std::size_t kPutMax = 1000;
};

/// What every store refuses of `put`. Errors: invalid HF-REQ-02.
Result<void> check_vectors(const std::vector<NewVector>& vectors);

}  // namespace holdfast
