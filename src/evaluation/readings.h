#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cemscope::evaluation {

/// Cells of a row by column name, in the columns and words of vertebrae.csv or patients.csv; empty cells are left out.
using Cells = std::map<std::string, std::string>;

/// One treated vertebra in one modality.
struct VertebraReading {
  std::string modality;                            ///< "CT" or "XR"
  std::string level;                               ///< "L1", or empty when unnamed
  std::optional<std::array<double, 3>> centre_mm;  ///< LPS, CT only
  Cells cells;
  std::set<std::string> borderline;  ///< columns for which either answer is right
};

struct PatientReading {
  std::string case_id;                     ///< of an output folder; empty in a truth
  Cells cells;                             ///< of the patient's own row
  std::set<std::string> borderline;        ///< columns of the patient's row
  std::set<std::string> modalities;        ///< in which the treated vertebrae are fully listed, so that others are invented
  std::vector<VertebraReading> vertebrae;  ///< in the order given
};

/// What a reader, a simulation or the program says of some patients, by patient ID.
struct Readings {
  std::map<std::string, PatientReading> patients;
};

/// patients.csv and vertebrae.csv of an output folder. Throws Error{unreadable} when one is missing.
Readings read_output(const std::filesystem::path& folder);

/// A truth: a truth.json of `cemscope phantom` or of a cohort, else a reader's CSV in the columns of vertebrae.csv (when it has a column
/// `level` or `modality`) or patients.csv. In a reader's table of vertebrae each row is a treated vertebra, modality CT where none is
/// given; a row with the level "none" says that the patient has none. Findings read yes, no or not_assessable (or as in a clinical table).
/// Throws Error{unreadable} when it cannot be read, Error{inconsistent} naming the row and column of what cannot be understood.
Readings read_truth(const std::filesystem::path& path);

/// The parts of read_truth, for bytes in memory; `where` names them in messages.
Readings parse_truth_json(const std::string& text, const std::string& where);
Readings parse_truth_csv(const std::string& text, const std::string& where);

/// A number of a cell; empty when there is none.
std::optional<double> number_in(const Cells& cells, const std::string& column);

/// The cell, or an empty text.
std::string text_in(const Cells& cells, const std::string& column);

}  // namespace cemscope::evaluation
