#include "src/ingest/segmentation_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <fmt/format.h>
#include <Eigen/Core>
#include <Eigen/Geometry>

#include "imaging/error.h"
#include "src/ingest/character_set.h"
#include "src/ingest/dcmtk_setup.h"
#include "src/ingest/text.h"
#include "src/ingest/vertebra_codes.h"

namespace cemscope::ingest {
namespace {

using Image = itk::Image<std::int16_t, 3>;

// Supplement 243 came after the dictionary at hand.
constexpr const char* kLabelMapStorage = "1.2.840.10008.5.1.4.1.1.66.7";
constexpr double kLeastStep_mm = 0.01;
constexpr double kMaxOffGrid = 0.1;  // of a voxel; decimal strings round to thousandths

std::string text_of(DcmItem& item, const DcmTagKey& key) {
  OFString value;
  if (item.findAndGetOFStringArray(key, value).bad()) return {};
  return std::string(trimmed({value.c_str(), value.size()}));
}

int number_of(DcmItem& item, const DcmTagKey& key, const char* name) {
  Uint16 number = 0;
  if (item.findAndGetUint16(key, number).bad()) throw Error(ErrorKind::missing_attribute, fmt::format("segmentation: {} is missing", name));
  return number;
}

DcmItem* first_item(DcmItem& item, const DcmTagKey& key) {
  DcmItem* found = nullptr;
  return item.findAndGetSequenceItem(key, found).good() ? found : nullptr;
}

std::vector<DcmItem*> items_of(DcmItem& item, const DcmTagKey& key) {
  std::vector<DcmItem*> items;
  DcmSequenceOfItems* sequence = nullptr;
  if (item.findAndGetSequence(key, sequence).bad()) return items;
  for (auto* object = sequence->nextInContainer(nullptr); object != nullptr; object = sequence->nextInContainer(object))
    items.push_back(static_cast<DcmItem*>(object));
  return items;
}

/// A frame's place: from its own functional groups, else from the shared ones.
struct Groups {
  DcmItem* own;
  DcmItem* shared;

  [[nodiscard]] std::vector<double> numbers(const DcmTagKey& group, const DcmTagKey& key, std::size_t n) const {
    for (auto* groups : {own, shared}) {
      auto* const item = groups != nullptr ? first_item(*groups, group) : nullptr;
      auto values = item != nullptr ? parse_numbers(text_of(*item, key)) : std::vector<double>{};
      if (values.size() == n) return values;
    }
    return {};
  }
};

struct Frame {
  std::size_t index = 0;  ///< in the pixel data
  int segment = 0;        ///< 0: a label map, whose pixels are the numbers
  Eigen::Vector3d corner_mm;
};

struct Plane {
  Eigen::Vector3d row, column;
  double row_spacing_mm = 0, column_spacing_mm = 0, slice_mm = 0;  ///< slice_mm: as stated, 0 when it is not

  [[nodiscard]] Eigen::Vector3d normal() const { return row.cross(column); }
};

Plane plane_of(const Groups& groups) {
  const auto o = groups.numbers(DCM_PlaneOrientationSequence, DCM_ImageOrientationPatient, 6);
  const auto spacing = groups.numbers(DCM_PixelMeasuresSequence, DCM_PixelSpacing, 2);
  if (o.empty() || spacing.empty())
    throw Error(ErrorKind::missing_attribute, "segmentation: ImageOrientationPatient or PixelSpacing is missing in the functional groups");
  Plane plane{{o[0], o[1], o[2]}, {o[3], o[4], o[5]}, spacing[0], spacing[1], 0};
  const bool is_frame =
      std::abs(plane.row.norm() - 1) < 0.01 && std::abs(plane.column.norm() - 1) < 0.01 && std::abs(plane.row.dot(plane.column)) < 0.01;
  if (!is_frame || !(spacing[0] > 0.01 && spacing[1] > 0.01 && spacing[0] < 100 && spacing[1] < 100))
    throw Error(ErrorKind::inconsistent, "segmentation: ImageOrientationPatient or PixelSpacing is impossible");
  plane.row.normalize();
  plane.column = (plane.column - plane.row * plane.row.dot(plane.column)).normalized();
  for (const auto& key : {DCM_SpacingBetweenSlices, DCM_SliceThickness}) {
    const auto value = groups.numbers(DCM_PixelMeasuresSequence, key, 1);
    if (plane.slice_mm == 0 && !value.empty() && value[0] > 0.01) plane.slice_mm = value[0];
  }
  return plane;
}

class Reader {
 public:
  Reader(const std::filesystem::path& path, const std::function<bool(const LabelName&)>& is_wanted) : is_wanted_(is_wanted) {
    prepare_dcmtk();
    if (file_.loadFile(path.c_str()).bad()) throw Error(ErrorKind::unreadable, "the file cannot be read as DICOM");
    data_set_ = file_.getDataset();
  }

  LabelVolume run() {
    read_header();
    read_segments();
    read_frames();
    make_grid();
    paint();
    return std::move(result_);
  }

 private:
  void read_header() {
    if (!is_segmentation_class(text_of(*data_set_, DCM_SOPClassUID)))
      throw Error(ErrorKind::unsupported, "the DICOM file is no segmentation");
    columns_ = number_of(*data_set_, DCM_Columns, "Columns");
    rows_ = number_of(*data_set_, DCM_Rows, "Rows");
    bits_ = number_of(*data_set_, DCM_BitsAllocated, "BitsAllocated");
    type_ = text_of(*data_set_, DCM_SegmentationType);
    if (bits_ != 1 && bits_ != 8 && bits_ != 16) throw Error(ErrorKind::unsupported, fmt::format("segmentation of {} bits a pixel", bits_));
    Uint16 maximum = 255;
    (void)data_set_->findAndGetUint16(DCM_MaximumFractionalValue, maximum);
    half_ = type_ == "FRACTIONAL" ? std::max(1, (maximum + 1) / 2) : 1;
  }

  void read_segments() {
    const auto character_set = text_of(*data_set_, DCM_SpecificCharacterSet);
    for (auto* segment : items_of(*data_set_, DCM_SegmentSequence)) {
      const int number = number_of(*segment, DCM_SegmentNumber, "SegmentNumber");
      LabelName name{decode_text(text_of(*segment, DCM_SegmentLabel), character_set), {}};
      if (auto* const type = first_item(*segment, DCM_SegmentedPropertyTypeCodeSequence); type != nullptr)
        name.level = level_of_vertebra_code(text_of(*type, DCM_CodeValue));
      if (number <= 0 || number > INT16_MAX || !is_wanted_(name)) continue;
      result_.names[number] = std::move(name);
    }
  }

  void read_frames() {
    const auto groups = items_of(*data_set_, DCM_PerFrameFunctionalGroupsSequence);
    auto* const shared = first_item(*data_set_, DCM_SharedFunctionalGroupsSequence);
    for (std::size_t index = 0; index < groups.size(); ++index) {
      const Groups both{groups[index], shared};
      const int segment = segment_of(both);
      if (segment != 0 && !result_.names.contains(segment)) continue;
      const auto corner = both.numbers(DCM_PlanePositionSequence, DCM_ImagePositionPatient, 3);
      if (corner.empty()) throw Error(ErrorKind::missing_attribute, "segmentation: a frame has no ImagePositionPatient");
      frames_.push_back({index, segment, {corner[0], corner[1], corner[2]}});
      take_plane(plane_of(both));
    }
    if (frames_.empty()) throw Error(ErrorKind::inconsistent, "the segmentation has no segment that is named as a vertebra");
    n_frames_ = groups.size();
  }

  [[nodiscard]] int segment_of(const Groups& groups) const {
    if (type_ == "LABELMAP") return 0;
    for (auto* of : {groups.own, groups.shared}) {
      auto* const item = of != nullptr ? first_item(*of, DCM_SegmentIdentificationSequence) : nullptr;
      if (item != nullptr) return number_of(*item, DCM_ReferencedSegmentNumber, "ReferencedSegmentNumber");
    }
    throw Error(ErrorKind::missing_attribute, "segmentation: a frame names no segment");
  }

  void take_plane(const Plane& plane) {
    if (!plane_) plane_ = plane;
    const bool is_same = plane.row.dot(plane_->row) > 0.9999 && plane.column.dot(plane_->column) > 0.9999 &&
                         std::abs(plane.row_spacing_mm - plane_->row_spacing_mm) < 1e-3 &&
                         std::abs(plane.column_spacing_mm - plane_->column_spacing_mm) < 1e-3;
    if (!is_same) throw Error(ErrorKind::inconsistent, "segmentation: the frames lie in planes of several orientations or spacings");
  }

  [[nodiscard]] double height_mm(const Frame& frame) const { return frame.corner_mm.dot(plane_->normal()); }

  /// The least distance of two frames, freed of the positions' rounding by the number of steps; a single slice has its stated thickness.
  [[nodiscard]] double slice_spacing_mm() const {
    std::vector<double> heights;
    for (const auto& frame : frames_) heights.push_back(height_mm(frame));
    std::sort(heights.begin(), heights.end());
    const double extent_mm = heights.back() - heights.front();
    double least_mm = extent_mm;
    for (std::size_t n = 1; n < heights.size(); ++n)
      if (heights[n] - heights[n - 1] > kLeastStep_mm) least_mm = std::min(least_mm, heights[n] - heights[n - 1]);
    if (extent_mm > kLeastStep_mm) return extent_mm / std::round(extent_mm / least_mm);
    return plane_->slice_mm > 0 ? plane_->slice_mm : 1.0;
  }

  void make_grid() {
    const auto by_height = [&](const Frame& a, const Frame& b) { return height_mm(a) < height_mm(b); };
    const auto [lowest, highest] = std::minmax_element(frames_.begin(), frames_.end(), by_height);
    slice_mm_ = slice_spacing_mm();
    const double n_steps = (height_mm(*highest) - height_mm(*lowest)) / slice_mm_;
    if (!(n_steps < static_cast<double>(kMostLabelVoxels)))
      throw Error(ErrorKind::inconsistent, "segmentation: the frames' positions are impossible");
    const std::int64_t n_slices = std::llround(n_steps) + 1;
    if (rows_ * columns_ * n_slices > kMostLabelVoxels || rows_ == 0 || columns_ == 0)
      throw Error(ErrorKind::unsupported, fmt::format("segmentation of {} x {} x {} voxels", columns_, rows_, n_slices));
    result_.image = Image::New();
    result_.image->SetRegions(
        Image::SizeType{{static_cast<std::size_t>(columns_), static_cast<std::size_t>(rows_), static_cast<std::size_t>(n_slices)}});
    result_.image->SetSpacing(std::array<double, 3>{plane_->column_spacing_mm, plane_->row_spacing_mm, slice_mm_}.data());
    origin_mm_ = lowest->corner_mm;
    result_.image->SetOrigin(origin_mm_.data());
    Image::DirectionType direction;
    const Eigen::Vector3d normal = plane_->normal();
    for (int axis = 0; axis < 3; ++axis) {
      direction[axis][0] = plane_->row[axis];
      direction[axis][1] = plane_->column[axis];
      direction[axis][2] = normal[axis];
    }
    result_.image->SetDirection(direction);
    result_.image->Allocate(true);
  }

  /// The slice of a frame; frames of one grid differ along the normal only.
  [[nodiscard]] std::int64_t slice_of(const Frame& frame) const {
    const Eigen::Vector3d offset = frame.corner_mm - origin_mm_;
    const double k = offset.dot(plane_->normal()) / slice_mm_;
    const double i = offset.dot(plane_->row) / plane_->column_spacing_mm, j = offset.dot(plane_->column) / plane_->row_spacing_mm;
    if (std::max({std::abs(k - std::round(k)), std::abs(i), std::abs(j)}) > kMaxOffGrid)
      throw Error(ErrorKind::inconsistent, "segmentation: the frames lie on no common grid");
    return std::llround(k);
  }

  void paint() {
    const auto n_pixels = static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_);
    load_pixels((n_pixels * n_frames_ * static_cast<std::size_t>(bits_) + 7) / 8);
    auto* const buffer = result_.image->GetBufferPointer();
    for (const auto& frame : frames_) {
      auto* const slice = buffer + static_cast<std::size_t>(slice_of(frame)) * n_pixels;
      for (std::size_t p = 0; p < n_pixels; ++p) {
        const int value = pixel(frame.index * n_pixels + p);
        if (frame.segment != 0 && value >= half_) slice[p] = static_cast<std::int16_t>(frame.segment);
        if (frame.segment == 0 && result_.names.contains(value)) slice[p] = static_cast<std::int16_t>(value);
      }
    }
  }

  void load_pixels(std::size_t n_bytes) {
    if (data_set_->chooseRepresentation(EXS_LittleEndianExplicit, nullptr).bad())
      throw Error(ErrorKind::unsupported, "the segmentation's pixels cannot be decoded");
    unsigned long count = 0;
    const bool is_found = bits_ == 16 ? data_set_->findAndGetUint16Array(DCM_PixelData, words_, &count).good()
                                      : data_set_->findAndGetUint8Array(DCM_PixelData, bytes_, &count).good();
    if (!is_found || count * (bits_ == 16 ? 2U : 1U) < n_bytes)
      throw Error(ErrorKind::unreadable, "the segmentation's pixels are cut short");
  }

  [[nodiscard]] int pixel(std::size_t n) const {
    if (bits_ == 1) return bytes_[n / 8] >> (n % 8) & 1;
    return bits_ == 8 ? bytes_[n] : words_[n];
  }

  const std::function<bool(const LabelName&)>& is_wanted_;
  DcmFileFormat file_;
  DcmDataset* data_set_ = nullptr;
  std::int64_t rows_ = 0, columns_ = 0;
  int bits_ = 1, half_ = 1;
  std::string type_;
  std::optional<Plane> plane_;
  std::vector<Frame> frames_;
  std::size_t n_frames_ = 0;
  double slice_mm_ = 1;
  Eigen::Vector3d origin_mm_;
  const Uint8* bytes_ = nullptr;
  const Uint16* words_ = nullptr;
  LabelVolume result_;
};

}  // namespace

bool is_segmentation_class(std::string_view sop_class_uid) {
  return sop_class_uid == UID_SegmentationStorage || sop_class_uid == kLabelMapStorage;
}

LabelVolume read_segmentation(const std::filesystem::path& path, const std::function<bool(const LabelName&)>& is_wanted) {
  return Reader(path, is_wanted).run();
}

}  // namespace cemscope::ingest
