#include "ports/vector_store.hpp"

#include "core/similar/embedding.hpp"

namespace holdfast {

Result<void> check_vectors(const std::vector<NewVector>& vectors) {
  const auto unfit = [](std::string what) { return fail(ErrorClass::invalid, "HF-REQ-02", std::move(what)); };
  if (vectors.size() > VectorStore::kPutMax) return unfit("too many vectors at once");
  for (const NewVector& made : vectors) {
    const bool fits = !made.vector.empty() && made.vector.size() <= similar::kDimensionMax;
    if (!fits) return unfit("a vector is too long or empty");
  }
  return {};
}

}  // namespace holdfast
