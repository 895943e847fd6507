#include "ports/worker_pool.hpp"

#include <utility>

namespace holdfast {

std::string_view to_word(WorkerKind kind) {
  switch (kind) {
    case WorkerKind::media:
      return "media";
    case WorkerKind::speech:
      return "speech";
    case WorkerKind::language:
      return "language";
    case WorkerKind::embedding:
      return "embedding";
  }
  std::unreachable();
}

}  // namespace holdfast
