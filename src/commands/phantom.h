#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cemscope::commands {

struct PhantomArguments {
  std::filesystem::path directory;
  int n_patients = 8;  ///< 1-9999
  std::uint64_t seed = 1;
  std::vector<std::string> modalities = {"CT"};  ///< of CT, XR, MR
  bool has_preoperative = false;                 ///< with CT, MR: every treated patient has both before surgery (plan_preoperative_patient)
  bool is_sample = false;                        ///< the eight patients of sample_dicom instead; n_patients and seed are not used
};

/// `cemscope phantom`: writes a synthetic export with known truth into a new or empty directory: DIR/export, DIR/clinical.csv,
/// DIR/truth.json and DIR/truth_<patient>.npz; with is_sample the export lies in DIR itself and there are no .npz files. A line per patient
/// goes to stderr. Returns 0. Throws Error{usage} for a modality that is not simulated, a count out of range or a directory in use.
int run_phantom(const PhantomArguments& arguments);

}  // namespace cemscope::commands
