#include "src/dicom_out/segmentation.h"

#include <cmath>
#include <map>
#include <memory>
#include <set>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmfg/fgderimg.h>
#include <dcmtk/dcmfg/fgfracon.h>
#include <dcmtk/dcmfg/fgpixmsr.h>
#include <dcmtk/dcmfg/fgplanor.h>
#include <dcmtk/dcmfg/fgplanpo.h>
#include <dcmtk/dcmiod/cielabutil.h>
#include <dcmtk/dcmiod/iodreferences.h>
#include <dcmtk/dcmseg/segdoc.h>
#include <dcmtk/dcmseg/segment.h>
#include <fmt/format.h>

#include "imaging/error.h"
#include "src/dicom_out/derived_object.h"
#include "src/dicom_out/uid.h"
#include "src/ingest/dcmtk_setup.h"
#include "src/report/panel.h"

namespace cemscope::dicom_out {
namespace {

// DCMTK packs a frame's bits in 0.35 ms each. It is given frames of eight pixels instead, and the bits that are packed already take their
// place in the finished data set.
constexpr Uint16 kStandInRows = 1, kStandInColumns = 8;

CodeSequenceMacro macro(const Code& code) { return {code.value.c_str(), code.scheme.c_str(), code.meaning.c_str()}; }

std::string spacing_text(double spacing_mm) { return decimal_string(spacing_mm); }

class SegmentationWriter {
 public:
  SegmentationWriter(const SegmentFrames& layout, const imaging::CtVolume& volume, const SliceSources& sources, const SourceStudy& source,
                     const Producer& producer)
      : layout_(layout), image_(*volume.image), sources_(sources), source_(source), producer_(producer) {}

  DicomObject run() {
    create();
    for (const auto& segment : layout_.segments) add_segment(segment);
    add_shared_groups();
    add_dimensions();
    for (const auto& frame : layout_.frames) add_frame(frame);
    add_references();
    return finish();
  }

 private:
  void create() {
    const IODGeneralEquipmentModule::EquipmentInfo equipment(kProgram, kProgram, producer_.version.c_str(), producer_.version.c_str());
    ContentIdentificationMacro content("1", "CEMENT", "Bone cement by zone, and treated vertebrae", "");
    DcmSegmentation* created = nullptr;
    require(DcmSegmentation::createBinarySegmentation(created, kStandInRows, kStandInColumns, equipment, content), "the segmentation");
    document_.reset(created);
    // The layout is right by construction; checking it takes as long as writing it.
    document_->setCheckFGOnWrite(OFFalse);
    document_->setCheckDimensionsOnWrite(OFFalse);
    document_->getSeries().setSeriesNumber("9001");
    document_->getSeries().setSeriesDescription("cemscope: bone cement segmentation");
    document_->getFrameOfReference().setFrameOfReferenceUID(frame_of_reference().c_str());
    document_->getFrameOfReference().setPositionReferenceIndicator(source_.position_reference.c_str());
  }

  /// A scan without one gets a frame of reference of its own: positions mean nothing without it (PS3.3 C.7.4.1).
  [[nodiscard]] std::string frame_of_reference() const {
    return source_.frame_of_reference_uid.empty() ? uid_from({"frame of reference", source_.series_uid}) : source_.frame_of_reference_uid;
  }

  void add_segment(const Segment& segment) {
    DcmSegment* added = nullptr;
    const auto category = macro(segment.is_cement ? kPhysicalObject : kAnatomicalStructure);
    const auto type = macro(segment.is_cement ? kImplant : level_code(segment.level));
    require(DcmSegment::create(added, segment.label.c_str(), category, type, DcmSegTypes::SAT_AUTOMATIC, kProgram), "a segment");
    Uint16 number = 0;
    require(document_->addSegment(added, number), "a segment");
    added->setTrackingID(segment.label.c_str());
    added->setTrackingUID(tracking_uid(source_, segment).c_str());
    set_colour(*added, segment);
    if (!segment.is_cement) return;
    auto& modifiers = added->getSegmentedPropertyTypeModifierCode();
    for (const auto& code : {kBoneCement, zone_code(segment.zone)}) modifiers.push_back(new CodeSequenceMacro(macro(code)));
    const auto level = level_code(segment.level);
    added->getGeneralAnatomyCode().getAnatomicRegion().set(level.value.c_str(), level.scheme.c_str(), level.meaning.c_str());
  }

  static void set_colour(DcmSegment& to, const Segment& segment) {
    const auto colour = segment.is_cement ? report::zone_style(segment.zone).colour : report::Colour{225, 215, 180};
    double l = 0, a = 0, b = 0;
    IODCIELabUtil::rgb2DicomLab(l, a, b, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
    const auto rounded = [](double value) { return static_cast<Uint16>(std::lround(value)); };
    to.setRecommendedDisplayCIELabValue(rounded(l), rounded(a), rounded(b));
  }

  void add_shared_groups() {
    const auto& spacing = image_.GetSpacing();
    const auto& d = image_.GetDirection();
    FGPixelMeasures measures;
    measures.setPixelSpacing(fmt::format("{}\\{}", spacing_text(spacing[1]), spacing_text(spacing[0])).c_str());
    measures.setSliceThickness(spacing_text(spacing[2]).c_str());
    measures.setSpacingBetweenSlices(spacing_text(spacing[2]).c_str());
    require(document_->addForAllFrames(measures), "PixelMeasuresSequence");
    const auto text = [&](int row, int axis) { return OFString(decimal_string(d[row][axis]).c_str()); };
    const std::unique_ptr<FGPlaneOrientationPatient> orientation(
        FGPlaneOrientationPatient::createMinimal(text(0, 0), text(1, 0), text(2, 0), text(0, 1), text(1, 1), text(2, 1)));
    if (!orientation) throw Error(ErrorKind::inconsistent, "the orientation of the volume cannot be written to a DICOM object");
    require(document_->addForAllFrames(*orientation), "PlaneOrientationSequence");
  }

  void add_dimensions() {
    auto& dimensions = document_->getDimensions();
    const auto organization = uid_from({"dimensions", source_.series_uid});
    require(dimensions.addDimensionIndex(DCM_ReferencedSegmentNumber, organization.c_str(), DCM_SegmentIdentificationSequence, "Segment"),
            "a dimension");
    require(dimensions.addDimensionIndex(DCM_ImagePositionPatient, organization.c_str(), DCM_PlanePositionSequence, "Position"),
            "a dimension");
    std::set<int> slices;
    for (const auto& frame : layout_.frames) slices.insert(frame.k);
    for (const int k : slices) rank_of_slice_.emplace(k, static_cast<Uint32>(rank_of_slice_.size() + 1));
  }

  void add_frame(const SegmentFrame& frame) {
    itk::Point<double, 3> corner;
    image_.TransformIndexToPhysicalPoint(itk::Index<3>{-layout_.grid.first_i, -layout_.grid.first_j, frame.k}, corner);
    const auto text = [&](int axis) { return OFString(decimal_string(corner[axis]).c_str()); };
    const std::unique_ptr<FGPlanePosPatient> position(FGPlanePosPatient::createMinimal(text(0), text(1), text(2)));
    const auto number = static_cast<Uint16>(frame.segment + 1);
    FGFrameContent content;
    content.setDimensionIndexValues(number, 0);
    content.setDimensionIndexValues(rank_of_slice_.at(frame.k), 1);
    const auto derivation = derivation_of(frame.k);
    OFVector<FGBase*> groups;
    for (FGBase* group : std::initializer_list<FGBase*>{position.get(), &content, derivation.get()}) groups.push_back(group);
    Uint8 stand_in[kStandInRows * kStandInColumns] = {};
    require(document_->addFrame(stand_in, number, groups), "a frame");
  }

  [[nodiscard]] std::unique_ptr<FGDerivationImage> derivation_of(int k) {
    OFVector<ImageSOPInstanceReferenceMacro> images;
    for (const auto& source : sources_.at(static_cast<std::size_t>(k))) {
      ImageSOPInstanceReferenceMacro image;
      image.setReferencedSOPClassUID(source_.sop_class_uid.c_str());
      image.setReferencedSOPInstanceUID(source.sop_instance_uid.c_str());
      if (source.frame > 0) image.addReferencedFrameNumber(static_cast<Uint32>(source.frame));
      images.push_back(image);
      used_images_.insert(source.sop_instance_uid);
    }
    return std::unique_ptr<FGDerivationImage>(DcmSegmentation::createDerivationImageFG(images, ""));
  }

  void add_references() {
    IODReferences references;
    for (const auto& uid : used_images_)
      references.add(new IODImageReference(source_.patient_id.c_str(), source_.study_uid.c_str(), source_.series_uid.c_str(), uid.c_str(),
                                           source_.sop_class_uid.c_str()));
    document_->getCommonInstanceReference().addReferences(references, source_.study_uid.c_str());
  }

  DicomObject finish() {
    DcmFileFormat file;
    auto& data_set = *file.getDataset();
    document_->getStudy().setStudyInstanceUID(source_.study_uid.c_str());
    require(document_->writeDataset(data_set), "the segmentation");
    put_common(data_set, source_, producer_);
    put_coding_scheme(data_set);
    require(data_set.putAndInsertUint16(DCM_Rows, static_cast<Uint16>(layout_.grid.rows)), "Rows");
    require(data_set.putAndInsertUint16(DCM_Columns, static_cast<Uint16>(layout_.grid.columns)), "Columns");
    require(data_set.putAndInsertString(DCM_ContentCreatorName, ""), "ContentCreatorName");
    put_pixels(data_set);
    return sealed(file, "SEG");
  }

  void put_pixels(DcmDataset& data_set) {
    auto pixels = std::make_unique<DcmPixelData>(DcmTag(DCM_PixelData, EVR_OB));
    require(pixels->putUint8Array(layout_.bits.data(), layout_.bits.size()), "PixelData");
    require(data_set.insert(pixels.get(), OFTrue), "PixelData");
    pixels.release();
  }

  const SegmentFrames& layout_;
  const imaging::HuImage& image_;
  const SliceSources& sources_;
  const SourceStudy& source_;
  const Producer& producer_;
  std::unique_ptr<DcmSegmentation> document_;
  std::map<int, Uint32> rank_of_slice_;
  std::set<std::string> used_images_;
};

/// Frames of one file have one SOP Instance UID.
bool share_a_file(const std::vector<ingest::ImageRef>& slices) {
  std::set<std::string> uids;
  for (const auto& slice : slices)
    if (!slice.path.empty() && !uids.insert(slice.sop_instance_uid).second) return true;
  return false;
}

}  // namespace

SliceSources slice_sources(const std::vector<ingest::ImageRef>& slices) {
  const auto n = static_cast<int>(slices.size());
  const auto nearest = [&](int k, int step) {
    while (k >= 0 && k < n && slices[static_cast<std::size_t>(k)].path.empty()) k += step;
    return k >= 0 && k < n ? k : -1;
  };
  const bool is_multi_frame = share_a_file(slices);
  SliceSources sources(slices.size());
  for (int k = 0; k < n; ++k) {
    for (const int from : std::set<int>{nearest(k, -1), nearest(k, 1)}) {
      if (from < 0) continue;
      const auto& image = slices[static_cast<std::size_t>(from)];
      sources[static_cast<std::size_t>(k)].push_back({image.sop_instance_uid, is_multi_frame ? image.frame + 1 : 0});
    }
  }
  return sources;
}

std::string tracking_uid(const SourceStudy& source, const Segment& segment) {
  if (segment.level.empty()) return uid_from({"tracking", source.series_uid, segment.label});
  return uid_from({"tracking", source.patient_id, source.patient_name, source.birth_date, segment.label});
}

DicomObject write_segmentation(const SegmentFrames& layout, const imaging::CtVolume& volume, const SliceSources& sources,
                               const SourceStudy& source, const Producer& producer) {
  if (layout.frames.empty()) throw Error(ErrorKind::inconsistent, "a segmentation without a frame cannot be written");
  ingest::prepare_dcmtk();
  return SegmentationWriter(layout, volume, sources, source, producer).run();
}

}  // namespace cemscope::dicom_out
