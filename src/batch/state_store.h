#pragma once

#include <filesystem>
#include <map>
#include <string>

struct sqlite3;

namespace cemscope::batch {

/// What is remembered of a case.
struct CaseState {
  std::string status;       ///< "done" or "failed"
  std::string key;          ///< see case_key; empty when failed
  std::string folder_hash;  ///< of the files in cases/<case id>, so that a folder cut short by a power failure is not taken for finished
  bool is_ct_lost = false;
  bool operator==(const CaseState&) const = default;
};

/// OUT/state.sqlite. Every change is one transaction, so that a killed run loses nothing that was finished.
class StateStore {
 public:
  /// Opens the file, or makes it. Throws Error{usage} when it is there and not ours, Error{unreadable} when it cannot be used.
  explicit StateStore(const std::filesystem::path& file);
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  ~StateStore();

  /// Facts about the run, by name; a resumed run must have the same.
  [[nodiscard]] std::map<std::string, std::string> run_facts() const;
  void set_run_facts(const std::map<std::string, std::string>& facts);

  [[nodiscard]] std::map<std::string, CaseState> cases() const;
  void put(const std::string& case_id, const CaseState& state);
  void remove(const std::string& case_id);

  /// Replaces the file by one with the same content whose bytes depend on nothing else, and closes it.
  void finish();

 private:
  std::filesystem::path file_;
  sqlite3* database_ = nullptr;
};

/// Whether the file is a state file of ours.
bool is_state_file(const std::filesystem::path& file);

}  // namespace cemscope::batch
