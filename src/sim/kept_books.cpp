#include "sim/kept_books.hpp"

namespace holdfast::sim {

void KeptBooks::asked(const std::string& document, const std::string& text) {
  possible_[document].insert(text);
  for (auto& [reader, readable] : readable_) {
    if (reader.second == document) readable.insert(text);
  }
}

void KeptBooks::found(int node, const std::string& document, const std::string& text) {
  const auto readable = readable_.extract({node, document});
  if (!readable || !readable.mapped().contains(text))
    complain_(node_name(node) + ": its " + document + " after a restart are " + text + " and were set to " +
              (readable && !readable.mapped().empty() ? *readable.mapped().rbegin() : "nothing"));
  coverage_.reached("kept/" + document);
}

}  // namespace holdfast::sim
