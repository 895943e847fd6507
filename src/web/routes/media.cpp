#include <fcntl.h>
#include <unistd.h>

#include "async/offload.hpp"
#include "web/file_name.hpp"
#include "web/problem.hpp"
#include "web/range.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

constexpr std::size_t kPiece = 256U << 10U;

/// An open file of the blob store.
class BlobFile {
 public:
  explicit BlobFile(int descriptor) : descriptor_{descriptor} {}
  BlobFile(BlobFile&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  BlobFile& operator=(BlobFile&&) = delete;
  ~BlobFile() {
    if (descriptor_ >= 0) (void)::close(descriptor_);
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Blocking. Fewer bytes than asked for, also none: the file ends before it should. Errors: corrupt
/// HF-STO-03.
Result<std::string> read_at(int descriptor, std::uint64_t offset, std::size_t count) {
  std::string piece(count, '\0');
  const ssize_t got = ::pread(descriptor, piece.data(), count, static_cast<off_t>(offset));
  if (got <= 0) return fail(ErrorClass::corrupt, "HF-STO-03", "the stored file ends early or cannot be read");
  piece.resize(static_cast<std::size_t>(got));
  return piece;
}

Task<Result<void>> send_file(Context* context, BlobFile file, ByteRange range, ResponseSink* sink) {
  while (range.count > 0) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(range.count, kPiece));
    auto read = offload(context->files, [fd = file.descriptor(), offset = range.first, count] {
      return read_at(fd, offset, count);
    });
    HF_CO_TRY(std::string piece, co_await std::move(read));
    range.first += piece.size();
    range.count -= piece.size();
    HF_CO_TRY_VOID(co_await sink->write(std::move(piece)));
  }
  co_return Result<void>{};
}

std::string content_range(ByteRange range, std::uint64_t total) {
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.first + range.count - 1) + "/" +
         std::to_string(total);
}

Response media_response(Context* context, const Job& job, BlobFile file, std::optional<ByteRange> asked) {
  const ByteRange range = asked.value_or(ByteRange{.first = 0, .count = job.input.bytes});
  Response response{.status = asked ? 206U : 200U};
  response.with("Content-Type", job.input.media_type)
      .with("Content-Disposition", attachment(job.input.name))
      .with("Content-Security-Policy", "sandbox; default-src 'none'")
      .with("Accept-Ranges", "bytes")
      .with("ETag", "\"" + job.input.sha256 + "\"");
  if (asked) response.with("Content-Range", content_range(range, job.input.bytes));
  response.stream_bytes = range.count;
  response.stream = [context, range, opened = std::move(file)](ResponseSink* sink) mutable {
    return send_file(context, std::move(opened), range, sink);
  };
  return response;
}

/// The range that counts: none if the file is not the one the client has part of. Source: RFC 9110,
/// section 13.1.5.
Result<std::optional<ByteRange>> asked_range(Exchange* exchange, const Job& job) {
  const std::string condition = exchange->head.field("if-range");
  if (!condition.empty() && condition != "\"" + job.input.sha256 + "\"") return std::optional<ByteRange>{};
  return parse_range(exchange->head.field("range"), job.input.bytes);
}

}  // namespace

Task<Result<Response>> get_media(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  if (job.input.blob.empty()) co_return fail(ErrorClass::not_found, "HF-ITM-06", "the item has no file");
  if (!keeps_file(job)) co_return fail(ErrorClass::not_found, "HF-ITM-09", "the file is no longer kept");
  const auto range = asked_range(exchange, job);
  if (!range) {
    const std::string size = "bytes */" + std::to_string(job.input.bytes);
    co_return to_problem(range.error(), exchange->request_id).with("Content-Range", size);
  }
  HF_CO_TRY(const int descriptor, context->deps.open_blob(job.input.blob));
  co_return media_response(context, job, BlobFile{descriptor}, *range);
}

void add_media_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/v1/items/{id}/media",
                   .operation = "getMedia",
                   .summary = "The file as it was sent.",
                   .parameters = {kItemId, {"Range", "header", "string", "One range of bytes."}},
                   .replies = {{200, "The whole file.", "application/octet-stream", ""},
                               {206, "The bytes asked for.", "application/octet-stream", ""},
                               kNoSuchItem,
                               kNoLongerKept,
                               {416, "The file has no such bytes.", "application/problem+json", "Problem"}},
                   .handler = &get_media});
}

}  // namespace holdfast::web
