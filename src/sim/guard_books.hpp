#pragma once

#include "sim/admission_books.hpp"
#include "sim/health_books.hpp"
#include "sim/held_books.hpp"
#include "sim/kept_books.hpp"
#include "sim/ladder_books.hpp"
#include "sim/lease_books.hpp"
#include "sim/mode_books.hpp"
#include "sim/rule_books.hpp"
#include "sim/scenario.hpp"

namespace holdfast::sim {

class Checker;

/// The checker's books of what guard/, recovery and the operators' settings promise.
class GuardBooks {
 public:
  struct Deps {
    const Scenario& scenario;
    const Timeline& timeline;
    const WorkerFaults& services;
    const StoreFaults& store;
    Checker& checker;
    Coverage& coverage;
  };
  explicit GuardBooks(Deps deps);

  void committed(const Commit& commit);
  void frozen(int node, MonoTime until);
  void node_gone(int node) {
    held.node_gone(node);
    leases.node_gone(node);
  }

  HealthBooks health;
  LadderBooks ladders;
  HeldBooks held;
  AdmissionBooks admission;
  KeptBooks kept;
  RuleBooks rules;
  LeaseBooks leases;
  ModeBooks modes;

 private:
  void cover(const Commit& commit);

  const Scenario& scenario_;
  const StoreFaults& store_;
  Coverage& coverage_;
};

}  // namespace holdfast::sim
