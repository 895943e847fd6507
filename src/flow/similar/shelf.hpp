#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/embedder.hpp"
#include "ports/vector_index.hpp"
#include "ports/vector_store.hpp"

namespace holdfast::similar {

/// A text that is to be found again: a result of a stage of an item, or what that was asked for.
struct ShelvedText {
  ItemId item;
  std::string space;    ///< what is compared with what: "brief", "memory"
  std::string stage;    ///< whose result it belongs to
  std::string subject;  ///< which part of it
  std::string text;     ///< what stands beyond kTextBytesMax is not read
};

/// One that is like what was looked for. Its item may be gone meanwhile: whoever shows it has to look.
struct Found {
  std::uint64_t id = 0;
  ItemId item;
  std::string stage;
  std::string subject;
  double similarity = 0;  ///< -1..1
  WallTime made_at{};
};

/// Where it is looked: in one space, among the texts of one owner; nobody's: of all.
struct Place {
  std::string space;
  std::string owner;
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// Texts of which is found again what is nearest to another, by their vectors. Those of the places that were asked for
/// last are held in memory; each question first takes in what the store has got since. Used from one executor.
class Shelf {
 public:
  struct Deps {
    VectorStore& store;
    Embedder& embedder;
    std::function<std::unique_ptr<VectorIndex>()> make_index;
  };
  explicit Shelf(Deps deps) : deps_{std::move(deps)} {}

  /// Durable when it returns. Errors: as Embedder; not_found HF-ITM-06 (the result is gone meanwhile); as JobStore.
  Task<Result<void>> put(ShelvedText text);
  /// The same with several, all of one item, at most kTextsMax: all of them or none.
  Task<Result<void>> put_all(std::vector<ShelvedText> texts);
  /// The nearest first, at most so many, none less alike than `similarity_min`. Errors: as Embedder; as JobStore.
  Task<Result<std::vector<Found>>> nearest(Place place, std::string text, std::size_t count, double similarity_min);
  /// Whoever finds that something is gone says so, and it is not found again.
  void forget(const Place& place, std::uint64_t id);
  /// Whatever is held of an item, in all places: its vectors are taken out of memory.
  void forget(const ItemId& item);
  /// Everything that is held is put away, and made again from the store when it is asked for.
  void forget_all() { held_.clear(); }
  /// What the model is called that answered last; empty: none has.
  [[nodiscard]] const std::string& model() const { return model_; }

  static constexpr std::size_t kPlacesMax = 16;
  static constexpr unsigned kPage = 1000;

 private:
  /// What is in memory of a place. Shared with questions under way, as it may be put away for another one meanwhile.
  struct Held {
    Place place;
    std::string model;
    std::unique_ptr<VectorIndex> index;
    std::map<std::uint64_t, Found> texts;
    std::map<std::string, std::uint64_t> newest;  ///< by item, stage and subject: an older one has been replaced
    std::uint64_t last = 0;                       ///< id of the newest that was taken in
  };
  std::shared_ptr<Held> hold(const Place& place, const std::string& model);
  Task<Result<void>> take_in(std::shared_ptr<Held> held);
  static void add(Held& held, StoredVector stored);
  static void drop(Held& held, std::uint64_t id);

  Deps deps_;
  std::list<std::shared_ptr<Held>> held_;  ///< the one asked for last first
  std::string model_;
};

}  // namespace holdfast::similar
