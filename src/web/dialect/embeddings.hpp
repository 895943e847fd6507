#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ports/job_store.hpp"
#include "web/response.hpp"

/// `POST /v1/embeddings`: its request and its answer. Pure.
namespace holdfast::web::dialect {

struct EmbeddingsCall {
  std::string model;
  std::vector<std::string> texts;
  bool as_base64 = false;
  std::optional<std::int64_t> dimensions{};  ///< that the vectors must have
};

/// Errors: invalid HF-OAI-01.
Result<EmbeddingsCall> read_embeddings(const boost::json::object& body);

/// The answer of a completed item. Errors: as result_of; invalid HF-OAI-01 (the model's vectors are of another length).
Result<Response> embeddings_answer(const ItemRecord& record, const EmbeddingsCall& call);

}  // namespace holdfast::web::dialect
