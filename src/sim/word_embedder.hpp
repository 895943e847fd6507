#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/similar/half.hpp"
#include "ports/embedder.hpp"
#include "ports/vector_index.hpp"

/// For tests: meanings that can be read off the words, and an index that can be seen to be right.
namespace holdfast::similar {

/// A text's vector has a place for each of some words that it holds.
class WordEmbedder final : public Embedder {
 public:
  Task<Result<Embeddings>> embed(std::vector<std::string> texts) override {
    if (down) co_return fail(ErrorClass::dependency, "HF-EMB-05", "missing");
    Embeddings made{.model = model, .dimension = 4};
    for (const std::string& text : texts) {
      longest = std::max(longest, text.size());
      std::vector<float> vector{0.1F, 0, 0, 0};
      if (text.contains("rose")) vector[1] = 1;
      if (text.contains("musk")) vector[2] = 1;
      if (text.contains("fig")) vector[3] = 1;
      normalise(vector);
      made.values.insert(made.values.end(), vector.begin(), vector.end());
    }
    co_return made;
  }
  bool down = false;
  std::string model = "words";
  std::size_t longest = 0;
};

/// Looks at every vector in turn.
class PlainIndex final : public VectorIndex {
 public:
  bool add(std::uint64_t id, std::span<const Half> vector) override {
    vectors_[id].assign(vector.begin(), vector.end());
    return true;
  }
  void remove(std::uint64_t id) override { vectors_.erase(id); }
  [[nodiscard]] std::size_t size() const override { return vectors_.size(); }
  Task<std::vector<Near>> nearest(std::vector<float> to, std::size_t count) override {
    std::vector<Near> all;
    for (const auto& [id, vector] : vectors_) {
      all.push_back({.id = id});
      for (std::size_t i = 0; i < to.size(); ++i)
        all.back().similarity += static_cast<double>(to_float(vector[i])) * static_cast<double>(to[i]);
    }
    std::ranges::sort(all, {}, [](const Near& near) { return std::pair{-near.similarity, near.id}; });
    if (all.size() > count) all.resize(count);
    co_return all;
  }

 private:
  std::map<std::uint64_t, std::vector<Half>> vectors_;
};

}  // namespace holdfast::similar
