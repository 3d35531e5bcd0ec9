#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "src/ingest/export_index.h"

namespace cemscope::masks {

/// The files of one mask: one, or one per structure.
using MaskFiles = std::vector<std::filesystem::path>;

/// A folder of masks, indexed once. A file belongs to whom its name, or the name of the folder in which it lies, says: a PatientID, a case
/// id or a SeriesInstanceUID, alone or followed by '_' and anything ("P1.nii.gz", "P1_seg-vert.nii.gz",
/// "P1/segmentations/vertebrae_L1.nii.gz"); of several that fit the longest. A DICOM SEG of any name belongs to the series of its
/// FrameOfReferenceUID, and without one to the patient of its PatientID. Names are compared, never joined to a path, so that no identifier
/// leads out of the folder; symbolic links are not followed. Identifiers that two patients share belong to neither.
class MaskFolder {
 public:
  /// `patients`: all of the export, whether they are to be scored or not. Throws Error{unreadable} when the folder cannot be read.
  MaskFolder(const std::filesystem::path& folder, const std::vector<ingest::Patient>& patients);

  /// The masks to try for the series, the most closely named first: those of the series, of its frame of reference, of the patient.
  [[nodiscard]] std::vector<MaskFiles> masks_for(const ingest::Patient& patient, const ingest::Series& series) const;

 private:
  void add_named(const std::vector<std::string>& paths);
  void add_segmentations();
  [[nodiscard]] std::string owner_of(const std::string& relative_path) const;

  std::filesystem::path folder_;
  std::map<std::string, int> owners_;  ///< names and how many patients bear each
  std::map<std::string, std::vector<MaskFiles>> by_owner_, by_frame_of_reference_, by_patient_id_;
};

}  // namespace cemscope::masks
