#include "src/batch/state_store.h"

#include <sqlite3.h>

#include <array>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/report/atomic_file.h"

namespace cemscope::batch {
namespace {

// The application id is "CEMS": tells our file from any other database.
constexpr const char* kSchema =
    "PRAGMA application_id=1128615251; PRAGMA user_version=1;"
    "CREATE TABLE IF NOT EXISTS run(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS cases(case_id TEXT PRIMARY KEY, status TEXT NOT NULL, key TEXT NOT NULL, folder_hash TEXT NOT NULL,"
    " is_ct_lost TEXT NOT NULL) WITHOUT ROWID;";

[[noreturn]] void fail(sqlite3* database) { throw Error(ErrorKind::unreadable, fmt::format("state.sqlite: {}", sqlite3_errmsg(database))); }

/// A prepared statement that finalises itself.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) : database_(database) {
    if (sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) != SQLITE_OK) fail(database);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  void bind(std::initializer_list<std::string> values) {
    int column = 0;
    for (const auto& value : values)
      sqlite3_bind_text(statement_, ++column, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
  }
  bool step() {
    const int result = sqlite3_step(statement_);
    if (result != SQLITE_ROW && result != SQLITE_DONE) fail(database_);
    return result == SQLITE_ROW;
  }
  [[nodiscard]] std::string text(int column) const {
    const auto* value = sqlite3_column_text(statement_, column);
    return value == nullptr
               ? std::string{}
               : std::string(reinterpret_cast<const char*>(value), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

void execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(database);
}

sqlite3* open_database(const std::filesystem::path& file, int flags) {
  sqlite3* database = nullptr;
  if (sqlite3_open_v2(file.c_str(), &database, flags, nullptr) == SQLITE_OK) return database;
  const std::string message = sqlite3_errmsg(database);
  sqlite3_close(database);
  throw Error(ErrorKind::unreadable, fmt::format("state.sqlite: {}", message));
}

void insert_facts(sqlite3* database, const std::map<std::string, std::string>& facts) {
  for (const auto& [name, value] : facts) {
    Statement statement(database, "INSERT INTO run VALUES(?1, ?2)");
    statement.bind({name, value});
    statement.step();
  }
}

void insert_case(sqlite3* database, const std::string& case_id, const CaseState& state) {
  Statement statement(database, "INSERT OR REPLACE INTO cases VALUES(?1, ?2, ?3, ?4, ?5)");
  statement.bind({case_id, state.status, state.key, state.folder_hash, state.is_ct_lost ? "1" : "0"});
  statement.step();
}

/// The same content gives the same bytes: one transaction on an empty file, rows in order. Renamed into place when whole.
void write_new_file(const std::filesystem::path& file, const std::map<std::string, std::string>& facts,
                    const std::map<std::string, CaseState>& states) {
  const auto fresh = file.parent_path() / (std::string(report::kTemporaryPrefix) + file.filename().string());
  std::filesystem::remove(fresh);
  sqlite3* database = open_database(fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> closer(database, &sqlite3_close);
  execute(database, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;");
  execute(database, kSchema);
  execute(database, "BEGIN;");
  insert_facts(database, facts);
  for (const auto& [case_id, state] : states) insert_case(database, case_id, state);
  execute(database, "COMMIT;");
  std::filesystem::rename(fresh, file);
}

}  // namespace

StateStore::StateStore(const std::filesystem::path& file) : file_(file) {
  if (!std::filesystem::exists(file)) write_new_file(file, {}, {});
  if (!is_state_file(file))
    throw Error(ErrorKind::usage, "state.sqlite in the output folder is not one of cemscope's; give another folder");
  database_ = open_database(file, SQLITE_OPEN_READWRITE);
  // What counts as finished is checked against hashes on resume, so that a power cut costs work, never correctness.
  execute(database_, "PRAGMA synchronous=OFF");
}

StateStore::~StateStore() { sqlite3_close(database_); }

std::map<std::string, std::string> StateStore::run_facts() const {
  std::map<std::string, std::string> facts;
  Statement statement(database_, "SELECT name, value FROM run");
  while (statement.step()) facts[statement.text(0)] = statement.text(1);
  return facts;
}

void StateStore::set_run_facts(const std::map<std::string, std::string>& facts) {
  execute(database_, "BEGIN; DELETE FROM run;");
  insert_facts(database_, facts);
  execute(database_, "COMMIT;");
}

std::map<std::string, CaseState> StateStore::cases() const {
  std::map<std::string, CaseState> all;
  Statement statement(database_, "SELECT case_id, status, key, folder_hash, is_ct_lost FROM cases");
  while (statement.step()) all[statement.text(0)] = {statement.text(1), statement.text(2), statement.text(3), statement.text(4) == "1"};
  return all;
}

void StateStore::put(const std::string& case_id, const CaseState& state) { insert_case(database_, case_id, state); }

void StateStore::remove(const std::string& case_id) {
  Statement statement(database_, "DELETE FROM cases WHERE case_id=?1");
  statement.bind({case_id});
  statement.step();
}

void StateStore::finish() {
  const auto facts = run_facts();
  const auto states = cases();
  sqlite3_close(std::exchange(database_, nullptr));
  write_new_file(file_, facts, states);
}

bool is_state_file(const std::filesystem::path& file) {
  // From SQLite's file format: 16 bytes of magic, and the application id big-endian at offset 68.
  std::array<char, 72> header{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(header.data(), header.size());
  return stream.gcount() == static_cast<std::streamsize>(header.size()) &&
         std::string_view(header.data(), 16) == std::string_view("SQLite format 3\0", 16) &&
         std::string_view(header.data() + 68, 4) == "CEMS";
}

}  // namespace cemscope::batch
