#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/cohort/clinical_table.h"
#include "src/ingest/export_index.h"

namespace cemscope::batch {

/// Replaces identifiers by keyed pseudonyms (HMAC-SHA256): the same identifier gets the same pseudonym under one key, and without the key
/// none can be computed back or recognised. The key belongs to the output folder and is kept apart from what is passed on.
class Pseudonymizer {
 public:
  /// `key`: 32 random bytes.
  explicit Pseudonymizer(std::string key);

  [[nodiscard]] std::string patient(const std::string& case_id) const;  ///< "P" and 12 hexadecimal digits
  [[nodiscard]] std::string uid(const std::string& uid) const;          ///< a UID below 2.25; empty stays empty
  [[nodiscard]] std::string path(const std::string& path) const;        ///< "file-" and 12 hexadecimal digits; empty stays empty
  /// The date moved back by the case's own offset of 1 to 5 * 365 days, so that intervals stay; "YYYY-MM-DD" or "YYYYMMDD" as given,
  /// empty when it is no date.
  [[nodiscard]] std::string date(const std::string& date, const std::string& case_id) const;

 private:
  [[nodiscard]] std::string digest(const std::string& kind, const std::string& text) const;
  std::string key_;
};

/// The key of an output folder, made at random when there is none yet (file mode 0600).
Pseudonymizer open_pseudonymizer(const std::filesystem::path& key_file);

/// The patient with pseudonyms for ids and UIDs, shifted dates, and without names, birth date, times and free text. File paths of the
/// images stay, since the files are read by them; they must not get into a result.
ingest::Patient deidentified(const ingest::Patient& patient, const Pseudonymizer& pseudonymizer);

/// The row of the case with pseudonym and shifted date; unknown columns, which may hold anything, are left out.
cohort::ClinicalRow deidentified(const cohort::ClinicalRow& row, const std::string& case_id, const Pseudonymizer& pseudonymizer);

/// The failure with pseudonyms and its code in place of the sentence, which may quote what was found.
ingest::Failure deidentified(const ingest::Failure& failure, const Pseudonymizer& pseudonymizer);

}  // namespace cemscope::batch
