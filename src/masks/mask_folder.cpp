#include "src/masks/mask_folder.h"

#include <algorithm>
#include <optional>
#include <set>

#include "src/ingest/file_walk.h"
#include "src/ingest/segmentation_reader.h"
#include "src/masks/vertebra_mask.h"

namespace cemscope::masks {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtensions[] = {".nii", ".nii.gz", ".nrrd", ".dcm"};

/// The path without a mask's extension; empty for other files.
std::optional<std::string> stem_of(const std::string& path) {
  for (const std::string extension : kExtensions)
    if (path.size() > extension.size() && path.ends_with(extension)) return path.substr(0, path.size() - extension.size());
  return std::nullopt;
}

std::set<std::string> names_of(const ingest::Patient& patient) {
  std::set<std::string> names{patient.patient_id, patient.case_id};
  for (const auto& study : patient.studies)
    for (const auto& series : study.series) names.insert(series.series_uid);
  names.erase("");
  return names;
}

void append(std::vector<MaskFiles>& to, const std::map<std::string, std::vector<MaskFiles>>& from, const std::string& key) {
  const auto found = from.find(key);
  if (key.empty() || found == from.end()) return;
  for (const auto& files : found->second)
    if (std::find(to.begin(), to.end(), files) == to.end()) to.push_back(files);
}

}  // namespace

MaskFolder::MaskFolder(const fs::path& folder, const std::vector<ingest::Patient>& patients) : folder_(fs::absolute(folder)) {
  for (const auto& patient : patients)
    for (const auto& name : names_of(patient)) ++owners_[name];
  add_named(ingest::walk_folder(folder_).paths);
  add_segmentations();
}

std::string MaskFolder::owner_of(const std::string& relative_path) const {
  const auto slash = relative_path.find('/');
  auto name = slash == relative_path.npos ? stem_of(relative_path).value_or("") : relative_path.substr(0, slash);
  for (;;) {
    const auto found = owners_.find(name);
    if (found != owners_.end()) return found->second == 1 ? name : std::string{};
    const auto cut = name.rfind('_');
    if (cut == name.npos) return {};
    name.resize(cut);
  }
}

void MaskFolder::add_named(const std::vector<std::string>& paths) {
  std::map<std::string, std::map<std::string, MaskFiles>> structures;  // by owner and folder
  std::map<std::string, std::vector<MaskFiles>> whole;
  for (const auto& path : paths) {
    const auto owner = stem_of(path) ? owner_of(path) : std::string{};
    if (owner.empty()) continue;
    if (structure_of_file(path).empty())
      whole[owner].push_back({folder_ / path});
    else
      structures[owner][fs::path(path).parent_path().string()].push_back(folder_ / path);
  }
  for (auto& [owner, folders] : structures)
    for (auto& [folder, files] : folders) by_owner_[owner].push_back(std::move(files));
  // Beside files of single vertebrae lie those of other organs.
  for (auto& [owner, masks] : whole)
    for (auto& files : masks) {
      const auto beside = structures.find(owner);
      const auto folder = files[0].parent_path().lexically_relative(folder_).string();
      const bool is_other_organ = beside != structures.end() && beside->second.contains(folder == "." ? "" : folder);
      if (!is_other_organ) by_owner_[owner].push_back(std::move(files));
    }
}

void MaskFolder::add_segmentations() {
  for (const auto& patient : ingest::index_export(folder_, {}).patients)
    for (const auto& study : patient.studies)
      for (const auto& series : study.series) {
        if (!ingest::is_segmentation_class(series.sop_class_uid)) continue;
        std::set<std::string> paths;
        for (const auto& image : series.images) paths.insert(image.path);
        auto& masks = series.frame_of_reference_uid.empty() ? by_patient_id_[patient.patient_id]
                                                            : by_frame_of_reference_[series.frame_of_reference_uid];
        for (const auto& path : paths) masks.push_back({folder_ / path});
      }
}

std::vector<MaskFiles> MaskFolder::masks_for(const ingest::Patient& patient, const ingest::Series& series) const {
  std::vector<MaskFiles> masks;
  append(masks, by_owner_, series.series_uid);
  append(masks, by_frame_of_reference_, series.frame_of_reference_uid);
  append(masks, by_owner_, patient.patient_id);
  append(masks, by_owner_, patient.case_id);
  const auto bearers = owners_.find(patient.patient_id);
  if (bearers != owners_.end() && bearers->second == 1) append(masks, by_patient_id_, patient.patient_id);
  return masks;
}

}  // namespace cemscope::masks
