// The packages of lock files, from the store, else from where the lock says that they are.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "linker/locked/locked_selection.hpp"
#include "linker/locked/package_network.hpp"
#include "linker/package_supply.hpp"
#include "store/packages/packages.hpp"
#include "store/requirement/requirement.hpp"

namespace cas {

class FetchedFiles;

struct LockSource {
  Pylock lock;
  std::string place;      // for messages: "/project/pylock.toml"
  std::string directory;  // that its relative paths begin at, absolute
  LockWishes wishes;
  // Normalized names of what the user asked for himself; nullopt: the lock does not tell, and everything counts as asked for.
  std::optional<std::set<std::string>> requested;
  // false: its digests are only what the files have that lie there now, and a wrong RECORD is not forgiven for them.
  bool vouched = true;
  // What the user pinned himself, and what has to be all that it needs (pin_completeness.hpp); none: the lock is complete by itself.
  std::vector<Requirement> pins;
  // Files of it that had to be fetched to know their SHA-256 (digest_search.hpp); nullptr: there are none.
  std::shared_ptr<const FetchedFiles> fetched;
};

class LockedSupply final : public PackageSupply {
 public:
  // Called once, when the interpreter is known.
  using Locks =
      std::function<std::vector<LockSource>(const Store& store, const InterpreterFacts& facts, Progress& progress)>;

  // `network` outlives it.
  LockedSupply(Locks locks, PackageNetwork& network);
  ~LockedSupply() override;

  // Throws what select_locked() and fetch_artifacts() throw; UsageError where two locks want two files of one package, InvalidInput
  // where a file has no SHA-256, what refuse_incomplete() throws; what build_source() throws for what has to be built.
  [[nodiscard]] SuppliedPackages supply(const Store& store, const InterpreterFacts& facts, const IngestOptions& options,
                                        Progress& progress) override;

  [[nodiscard]] SuppliedPackages preview(const Store& store, const InterpreterFacts& facts,
                                         Progress& progress) override;

  // Normalized names that stay in the environment, and need not be supplied.
  void set_present(std::set<std::string> names) { present_ = std::move(names); }

  // After the first supply().
  [[nodiscard]] const std::vector<LockSource>& locks() const { return sources_; }

 private:
  struct Entry;

  void choose(const Store& store, const InterpreterFacts& facts, Progress& progress);
  void add(const Store& store, const LockSource& source, const LockedChoice& choice);
  void add(Entry entry);
  void take_over(const Store& store, unsigned threads) const;
  void refuse_lacking(const Store& store, const std::vector<PlannedPackage>& packages,
                      const InterpreterFacts& facts) const;
  [[nodiscard]] static PlannedPackage planned(const Entry& entry, const Package& stored);

  Locks find_locks_;
  PackageNetwork& network_;
  std::vector<LockSource> sources_;
  std::vector<Entry> entries_;
  std::set<std::string> present_;
  bool chosen_ = false;
};

}  // namespace cas
