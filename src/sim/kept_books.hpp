#pragma once

#include <map>
#include <set>
#include <string>

#include "sim/complain.hpp"
#include "sim/coverage.hpp"

namespace holdfast::sim {

/// Documents that operators change while a server runs: after a restart they are as somebody was told that they are.
class KeptBooks {
 public:
  KeptBooks(Complain complain, Coverage& coverage) : complain_{std::move(complain)}, coverage_{coverage} {}

  /// It is so before anybody changed it.
  void begins(const std::string& document, std::string text) { possible_[document] = {std::move(text)}; }
  /// Somebody asks for a change: from now on it may be made. One change of a document at a time.
  void asked(const std::string& document, const std::string& text);
  /// They were told that it is made: nothing else is possible any more.
  void done(const std::string& document, std::string text) { possible_[document] = {std::move(text)}; }
  /// A node that starts begins to read it.
  void reads(int node, const std::string& document) { readable_[{node, document}] = possible_[document]; }
  /// It has, and this is what it goes by.
  void found(int node, const std::string& document, const std::string& text);

 private:
  Complain complain_;
  Coverage& coverage_;
  std::map<std::string, std::set<std::string>> possible_;
  std::map<std::pair<int, std::string>, std::set<std::string>> readable_;  ///< at some time since it began to read
};

}  // namespace holdfast::sim
