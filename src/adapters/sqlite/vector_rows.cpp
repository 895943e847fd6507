#include "adapters/sqlite/vector_rows.hpp"

#include "adapters/sqlite/job_rows.hpp"

namespace holdfast::sqlite {
namespace {

constexpr const char* kLoad = R"sql(
SELECT v.id, q.id, v.owner, v.made_at, v.space, v.stage, v.subject, v.model, v.text_sha256, v.vector
FROM vectors v CROSS JOIN queue_items q ON q.item = v.item
WHERE v.space = ?1 AND v.model = ?2 AND v.id > ?3 ORDER BY v.id LIMIT ?4)sql";
constexpr const char* kLoadOfOwner = R"sql(
SELECT v.id, q.id, v.owner, v.made_at, v.space, v.stage, v.subject, v.model, v.text_sha256, v.vector
FROM vectors v INDEXED BY vectors_by_owner CROSS JOIN queue_items q ON q.item = v.item
WHERE v.space = ?1 AND v.model = ?2 AND v.id > ?3 AND v.owner = ?5 ORDER BY v.id LIMIT ?4)sql";

/// Two bytes a number, the lower one first.
std::string encode_halves(const std::vector<similar::Half>& halves) {
  std::string bytes;
  bytes.reserve(halves.size() * 2);
  for (const similar::Half half : halves) {
    bytes += static_cast<char>(half & 0xffU);
    bytes += static_cast<char>(half >> 8U);
  }
  return bytes;
}

/// Errors: corrupt HF-STO-03.
Result<std::vector<similar::Half>> decode_halves(std::string_view bytes) {
  if (bytes.empty() || bytes.size() % 2 != 0)
    return fail(ErrorClass::corrupt, "HF-STO-03", "a vector cannot be read");
  std::vector<similar::Half> halves(bytes.size() / 2);
  for (std::size_t i = 0; i < halves.size(); ++i) {
    const auto low = static_cast<unsigned char>(bytes[2 * i]);
    const auto high = static_cast<unsigned char>(bytes[2 * i + 1]);
    halves[i] = static_cast<similar::Half>(low | high << 8U);
  }
  return halves;
}

std::unexpected<Error> gone() {
  return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such result any more");
}

Result<void> put_vector(Database& database, std::int64_t item, const NewVector& made, WallTime now) {
  HF_TRY(const auto result,
         database.integer("SELECT 1 FROM results WHERE item = ?1 AND stage = ?2 LIMIT 1", item, made.stage));
  if (!result) return gone();
  HF_TRY_VOID(database.run("DELETE FROM vectors WHERE item = ?1 AND stage = ?2 AND space = ?3 AND subject = ?4", item,
                           made.stage, made.space, made.subject));
  const std::string bytes = encode_halves(made.vector);
  return database.run(
      "INSERT INTO vectors(item, owner, stage, space, subject, model, text_sha256, made_at, vector) "
      "SELECT item, owner, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM queue_items WHERE item = ?1",
      item, made.stage, made.space, made.subject, made.model, made.text_sha256, to_ms(now), Blob{bytes});
}

Result<StoredVector> read_vector(const Statement& row) {
  StoredVector stored{.id = row.as<std::uint64_t>(0),
                      .item = read_id(row, 1),
                      .owner = row.text(2),
                      .made_at = from_ms(row.integer(3))};
  stored.made = {.space = row.text(4),
                 .stage = row.text(5),
                 .subject = row.text(6),
                 .model = row.text(7),
                 .text_sha256 = row.text(8)};
  HF_TRY(stored.made.vector, decode_halves(row.view(9)));
  return stored;
}

}  // namespace

Result<void> put_vectors(Database& database, const ItemId& id, const std::vector<NewVector>& vectors, WallTime now) {
  HF_TRY(const auto item, item_of(database, id));
  if (!item) return gone();
  for (const NewVector& made : vectors) HF_TRY_VOID(put_vector(database, *item, made, now));
  return {};
}

Result<void> drop_vectors(Database& database, std::int64_t item, const std::string& stage) {
  return database.run("DELETE FROM vectors WHERE item = ?1 AND stage = ?2", item, stage);
}

Result<std::vector<StoredVector>> load_vectors(Database& database, const VectorQuery& query) {
  const auto& [space, model, owner, after, limit] = query;
  HF_TRY(auto found, owner.empty() ? database.query(kLoad, space, model, after, limit)
                                   : database.query(kLoadOfOwner, space, model, after, limit, owner));
  std::vector<StoredVector> all;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return all;
    HF_TRY(StoredVector one, read_vector(found));
    all.push_back(std::move(one));
  }
}

}  // namespace holdfast::sqlite
