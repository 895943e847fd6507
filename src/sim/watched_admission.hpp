#pragma once

#include "ports/admission.hpp"
#include "sim/admission_books.hpp"

namespace holdfast::sim {

/// Admission whose decisions are told to the books. `drops_tickets`: a planted bug.
class WatchedAdmission final : public Admission {
 public:
  WatchedAdmission(Admission& inner, AdmissionBooks& books, int node, bool drops_tickets)
      : inner_{inner}, books_{books}, node_{node}, drops_tickets_{drops_tickets} {}

  Task<Result<std::unique_ptr<AdmissionTicket>>> admit(std::string owner,
                                                       std::vector<std::string> bulkheads) override {
    auto asking = inner_.admit(owner, bulkheads);
    auto answer = co_await std::move(asking);
    const bool decided = answer || answer.error().code().starts_with("HF-ADM");
    if (decided) books_.asked(node_, owner, bulkheads, answer ? nullptr : &answer.error());
    if (!answer) co_return std::unexpected{std::move(answer).error()};
    if (drops_tickets_) answer->reset();
    co_return std::make_unique<Ticket>(*std::move(answer), books_, node_);
  }

 private:
  class Ticket final : public AdmissionTicket {
   public:
    Ticket(std::unique_ptr<AdmissionTicket> inner, AdmissionBooks& books, int node)
        : inner_{std::move(inner)}, books_{books}, node_{node} {}
    ~Ticket() override { books_.left(node_); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    std::unique_ptr<AdmissionTicket> inner_;
    AdmissionBooks& books_;
    int node_;
  };

  Admission& inner_;
  AdmissionBooks& books_;
  int node_;
  bool drops_tickets_;
};

}  // namespace holdfast::sim
