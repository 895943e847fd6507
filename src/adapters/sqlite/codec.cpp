#include "adapters/sqlite/codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace holdfast::sqlite {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kIdPrefix = "itm_";
constexpr std::size_t kUlidDigits = 26;
constexpr std::size_t kUlidBytes = 16;

/// No list inside a row is longer: a number above it is damage, not an order to reserve memory.
constexpr std::uint64_t kListMax = 1U << 20U;

__extension__ using Uint128 = unsigned __int128;

class Packer {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out_ += static_cast<char>(value | 0x80U);
    out_ += static_cast<char>(value);
  }
  void signed_number(std::int64_t value) {
    number(static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63U));
  }
  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }
  void real(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (unsigned shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(bits >> shift & 0xffU);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_{bytes} {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = next();
      value |= (byte & 0x7fU) << shift;
      if (byte < 0x80) return value;
    }
    sound_ = false;
    return 0;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1U ^ (0 - (value & 1U)));
  }
  unsigned small() { return static_cast<unsigned>(number()); }
  std::string text() { return std::string{take(number())}; }
  double real() {
    std::uint64_t bits = 0;
    for (unsigned shift = 0; shift < 64; shift += 8) bits |= std::uint64_t{next()} << shift;
    return std::bit_cast<double>(bits);
  }
  /// How many entries follow; 0 for a number that cannot be.
  std::uint64_t count() {
    const std::uint64_t many = number();
    if (many > kListMax || many > rest_.size()) sound_ = false;  // an entry takes at least one byte
    return sound_ ? many : 0;
  }
  /// Whether all of it was there, and nothing was left over.
  Result<void> finish() const {
    if (sound_ && rest_.empty()) return {};
    return fail(ErrorClass::corrupt, "HF-STO-03", "bytes inside a row of the job store are damaged");
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      sound_ = false;
      size = 0;
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint8_t next() {
    const std::string_view taken = take(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
  }

  std::string_view rest_;
  bool sound_ = true;
};

/// Damaged bytes may ask for any number: no overflow is undefined.
std::int64_t add(std::int64_t left, std::int64_t right) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(left) + static_cast<std::uint64_t>(right));
}

/// A time as its distance from `base`, both ways.
std::int64_t distance(WallTime base, WallTime time) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.time_since_epoch().count()) -
                                   static_cast<std::uint64_t>(base.time_since_epoch().count()));
}
WallTime at_distance(WallTime base, std::int64_t from_base) {
  return WallTime{milliseconds{add(base.time_since_epoch().count(), from_base)}};
}

/// Which fields of a stage follow: most of them have their default value in most jobs. The low two bits are
/// the state.
enum Field : std::uint64_t {
  counters = 4,
  checkpoints = 8,
  started = 16,
  finished = 32,
  warned = 64,
  produced = 128,
  substituted = 256,
  redone = 512,
  filling = 1024,
  lessened = 2048,  // nothing follows
};

std::uint64_t fields_of(const StageRecord& stage) {
  std::uint64_t fields = std::to_underlying(stage.state);
  if ((stage.attempts | stage.interruptions | stage.crashes) != 0) fields |= counters;
  if (stage.position_ms != 0 || stage.crash_position_ms != -1) fields |= checkpoints;
  if (stage.started_at) fields |= started;
  if (stage.finished_at) fields |= finished;
  if (!stage.warnings.empty()) fields |= warned;
  if (!stage.output.empty()) fields |= produced;
  if (stage.fallback) fields |= substituted;
  if (stage.redos != 0) fields |= redone;
  if (!stage.fill.empty()) fields |= filling;
  if (stage.with_less) fields |= lessened;
  return fields;
}

void put_strings(Packer& out, const std::vector<std::string>& strings) {
  out.number(strings.size());
  for (const std::string& text : strings) out.text(text);
}

std::vector<std::string> get_strings(Unpacker& in) {
  std::vector<std::string> strings(in.count());
  for (std::string& text : strings) text = in.text();
  return strings;
}

void put_regions(Packer& out, const std::vector<speech::Region>& regions) {
  out.number(regions.size());
  for (const speech::Region& region : regions) {
    out.signed_number(region.start_ms);
    out.signed_number(speech::length_ms(region));
  }
}

std::vector<speech::Region> get_regions(Unpacker& in) {
  std::vector<speech::Region> regions(in.count());
  for (speech::Region& region : regions) {
    region.start_ms = in.signed_number();
    region.end_ms = add(region.start_ms, in.signed_number());
  }
  return regions;
}

/// Which of the fields of a fallback that may be missing follow.
enum FallbackField : std::uint64_t { similar = 1, dated = 2, to_be_redone = 4 };

void put_fallback(Packer& out, const Fallback& fallback, WallTime created_at) {
  out.number((fallback.similarity ? similar : 0U) | (fallback.made_at ? dated : 0U) |
             (fallback.redo ? to_be_redone : 0U));
  for (const auto* text : {&fallback.strategy, &fallback.cause, &fallback.reliability, &fallback.answered})
    out.text(*text);
  if (fallback.similarity) out.real(*fallback.similarity);
  if (fallback.made_at) out.signed_number(distance(created_at, *fallback.made_at));
}

Fallback get_fallback(Unpacker& in, WallTime created_at) {
  Fallback fallback;
  const std::uint64_t fields = in.number();
  for (auto* text : {&fallback.strategy, &fallback.cause, &fallback.reliability, &fallback.answered}) *text = in.text();
  if ((fields & similar) != 0) fallback.similarity = in.real();
  if ((fields & dated) != 0) fallback.made_at = at_distance(created_at, in.signed_number());
  fallback.redo = (fields & to_be_redone) != 0;
  return fallback;
}

void put_stage(Packer& out, const StageRecord& stage, WallTime created_at) {
  const std::uint64_t fields = fields_of(stage);
  out.number(fields);
  if ((fields & counters) != 0) {
    out.number(stage.attempts);
    out.number(stage.interruptions);
    out.number(stage.crashes);
  }
  if ((fields & checkpoints) != 0) {
    out.signed_number(stage.position_ms);
    out.signed_number(stage.crash_position_ms);
  }
  if ((fields & started) != 0) out.signed_number(distance(created_at, *stage.started_at));
  if ((fields & finished) != 0) out.signed_number(distance(created_at, *stage.finished_at));
  if ((fields & warned) != 0) put_strings(out, stage.warnings);
  if ((fields & produced) != 0) out.text(stage.output);
  if ((fields & substituted) != 0) put_fallback(out, *stage.fallback, created_at);
  if ((fields & redone) != 0) out.number(stage.redos);
  if ((fields & filling) != 0) put_regions(out, stage.fill);
}

void get_stage(Unpacker& in, StageRecord& stage, WallTime created_at) {
  const std::uint64_t fields = in.number();
  stage.state = static_cast<StageState>(fields & 3U);
  if ((fields & counters) != 0) {
    stage.attempts = in.small();
    stage.interruptions = in.small();
    stage.crashes = in.small();
  }
  if ((fields & checkpoints) != 0) {
    stage.position_ms = in.signed_number();
    stage.crash_position_ms = in.signed_number();
  }
  if ((fields & started) != 0) stage.started_at = at_distance(created_at, in.signed_number());
  if ((fields & finished) != 0) stage.finished_at = at_distance(created_at, in.signed_number());
  if ((fields & warned) != 0) stage.warnings = get_strings(in);
  if ((fields & produced) != 0) stage.output = in.text();
  if ((fields & substituted) != 0) stage.fallback = get_fallback(in, created_at);
  if ((fields & redone) != 0) stage.redos = in.small();
  if ((fields & filling) != 0) stage.fill = get_regions(in);
  stage.with_less = (fields & lessened) != 0;
}

}  // namespace

std::string pack_id(const ItemId& id) {
  const std::string_view text = id.text();
  if (text.size() != kIdPrefix.size() + kUlidDigits || !text.starts_with(kIdPrefix)) return {};
  Uint128 value = 0;
  for (const char digit : text.substr(kIdPrefix.size())) {
    const std::size_t five_bits = kCrockford.find(digit);
    if (five_bits == std::string_view::npos || value >> 123U != 0)
      return {};  // 26 digits are 130 bits, two too many
    value = value << 5U | five_bits;
  }
  std::string packed(kUlidBytes, '\0');
  for (std::size_t i = kUlidBytes; i-- > 0; value >>= 8U) packed[i] = static_cast<char>(value & 0xffU);
  return packed;
}

ItemId unpack_id(std::string_view packed) {
  Uint128 value = 0;
  for (const char byte : packed) value = value << 8U | static_cast<unsigned char>(byte);
  std::string text(kIdPrefix.size() + kUlidDigits, '0');
  kIdPrefix.copy(text.data(), kIdPrefix.size());
  for (std::size_t i = text.size(); i-- > kIdPrefix.size(); value >>= 5U) {
    text[i] = kCrockford[static_cast<std::size_t>(value & 31U)];
  }
  return ItemId{std::move(text)};
}

std::string pack_hex(std::string_view text, std::size_t digits) {
  if (text.size() != digits) return {};
  std::string packed;
  for (std::size_t i = 0; i + 1 < digits; i += 2) {
    const std::size_t high = kHex.find(text[i]);
    const std::size_t low = kHex.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    packed += static_cast<char>(high << 4U | low);
  }
  return packed;
}

std::string unpack_hex(std::string_view packed) {
  std::string text;
  for (const char byte : packed) {
    text += kHex[static_cast<unsigned char>(byte) >> 4U];
    text += kHex[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

std::string encode_plan(const std::vector<StageRecord>& stages) {
  Packer out;
  out.number(stages.size());
  for (const StageRecord& stage : stages) {
    for (const auto* text : {&stage.name, &stage.kind, &stage.title, &stage.bulkhead}) out.text(*text);
  }
  return out.take();
}

bool same_plan(const std::vector<StageRecord>& left, const std::vector<StageRecord>& right) {
  return std::ranges::equal(left, right, [](const StageRecord& a, const StageRecord& b) {
    return a.name == b.name && a.kind == b.kind && a.title == b.title && a.bulkhead == b.bulkhead;
  });
}

Result<std::vector<StageRecord>> decode_plan(std::string_view bytes) {
  Unpacker in{bytes};
  std::vector<StageRecord> stages(in.count());
  for (StageRecord& stage : stages) {
    for (auto* text : {&stage.name, &stage.kind, &stage.title, &stage.bulkhead}) *text = in.text();
  }
  HF_TRY_VOID(in.finish());
  return stages;
}

std::string encode_progress(const std::vector<StageRecord>& stages, WallTime created_at) {
  Packer out;
  for (const StageRecord& stage : stages) put_stage(out, stage, created_at);
  return out.take();
}

Result<void> decode_progress(std::string_view bytes, WallTime created_at, std::vector<StageRecord>& stages) {
  Unpacker in{bytes};
  for (StageRecord& stage : stages) get_stage(in, stage, created_at);
  return in.finish();
}

std::string encode_strings(const std::vector<std::string>& strings) {
  if (strings.empty()) return {};
  Packer out;
  put_strings(out, strings);
  return out.take();
}

Result<std::vector<std::string>> decode_strings(std::string_view bytes) {
  if (bytes.empty()) return std::vector<std::string>{};
  Unpacker in{bytes};
  auto strings = get_strings(in);
  HF_TRY_VOID(in.finish());
  return strings;
}

std::string encode_words(const std::vector<Word>& words, std::int64_t start_ms) {
  if (words.empty()) return {};
  Packer out;
  out.number(words.size());
  for (const Word& word : words) {
    out.signed_number(word.start_ms - start_ms);
    out.signed_number(word.end_ms - word.start_ms);
    out.text(word.text);
    out.real(word.probability);
  }
  return out.take();
}

Result<std::vector<Word>> decode_words(std::string_view bytes, std::int64_t start_ms) {
  if (bytes.empty()) return std::vector<Word>{};
  Unpacker in{bytes};
  std::vector<Word> words(in.count());
  for (Word& word : words) {
    word.start_ms = add(start_ms, in.signed_number());
    word.end_ms = add(word.start_ms, in.signed_number());
    word.text = in.text();
    word.probability = in.real();
  }
  HF_TRY_VOID(in.finish());
  return words;
}

}  // namespace holdfast::sqlite
