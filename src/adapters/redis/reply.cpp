#include "adapters/redis/reply.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>

namespace holdfast::redis {
namespace {

/// Ours are one deep.
constexpr unsigned kDepthMax = 4;
/// Of one list: a portion of keys, and more than it should be. Room for all of them is made before the first is there.
constexpr int kElementsMax = 100'000;

const redisReplyObjectFunctions& usual() {
  static const redisReplyObjectFunctions kUsual = [] {
    redisReader* const reader = redisReaderCreate();
    if (reader == nullptr) std::terminate();  // no memory
    const redisReplyObjectFunctions functions = *reader->fn;
    redisReaderFree(reader);
    return functions;
  }();
  return kUsual;
}

void* create_list(const redisReadTask* task, int elements) {
  return elements <= kElementsMax ? usual().createArray(task, elements) : nullptr;
}

redisReader* make_reader() {
  static redisReplyObjectFunctions limited = [] {
    redisReplyObjectFunctions functions = usual();
    functions.createArray = &create_list;
    return functions;
  }();
  return redisReaderCreateWithFunctions(&limited);
}

std::unexpected<Error> no_redis(const char* what) { return fail(ErrorClass::dependency, "HF-CCH-01", what); }

bool is_code_letter(char c) { return c >= 'A' && c <= 'Z'; }

/// "WRONGPASS": what people can look up.
std::string code_of(std::string_view refusal) {
  constexpr std::size_t kLettersMax = 32;
  refusal = refusal.substr(0, kLettersMax);
  return {refusal.begin(), std::ranges::find_if_not(refusal, is_code_letter)};
}

Reply taken(const redisReply& reply, unsigned depth) {
  const std::string_view text{reply.str != nullptr ? reply.str : "", reply.str != nullptr ? std::size_t(reply.len) : 0};
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      return {.kind = Reply::Kind::text, .text = std::string{text}};
    case REDIS_REPLY_INTEGER:
      return {.kind = Reply::Kind::number, .number = reply.integer};
    case REDIS_REPLY_ERROR:
      return {.kind = Reply::Kind::refused, .text = code_of(text)};
    case REDIS_REPLY_ARRAY: {
      Reply out{.kind = Reply::Kind::list};
      for (std::size_t i = 0; i < reply.elements && depth < kDepthMax; ++i)
        out.list.push_back(taken(*reply.element[i], depth + 1));
      return out;
    }
    default:
      return {};
  }
}

}  // namespace

std::string encode(const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* made = nullptr;
  const auto length = redisFormatCommandArgv(&made, static_cast<int>(words.size()), texts.data(), sizes.data());
  if (length < 0) std::terminate();  // no memory
  std::string out{made, static_cast<std::size_t>(length)};
  redisFreeCommand(made);
  return out;
}

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyReader::ReplyReader() : reader_{make_reader()} {
  if (!reader_) std::terminate();  // no memory
}
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  fed_ += bytes.size();
  if (fed_ <= kReplyMax) (void)redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

Result<std::optional<Reply>> ReplyReader::next() {
  if (fed_ > kReplyMax) return no_redis("the answer is too large");
  void* whole = nullptr;
  if (redisReaderGetReply(reader_.get(), &whole) != REDIS_OK) return no_redis("what answers is no Redis");
  if (whole == nullptr) return std::optional<Reply>{};
  fed_ = 0;
  std::optional<Reply> out{taken(*static_cast<redisReply*>(whole), 0)};
  freeReplyObject(whole);
  return out;
}

}  // namespace holdfast::redis
