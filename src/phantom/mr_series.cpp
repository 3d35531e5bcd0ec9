#include "src/phantom/mr_series.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "src/phantom/uid.h"

namespace cemscope::phantom {
namespace {

using imaging::MrSequence;

/// What a vendor writes of one sequence. Collected from series of clinical scanners.
struct Habit {
  const char *description, *sequence_name, *scanning_sequence, *options;
  int repetition_ms, echo_ms, inversion_ms;  ///< inversion 0: not written
};

struct Vendor {
  const char *manufacturer, *model;
  Habit t1, t2, t2_fs, stir;
};

const Vendor& vendor_of(MrVendor vendor) {
  static const Vendor kSiemens{"SIEMENS",
                               "Avanto",
                               {"t1_tse_sag", "*tse2d1_3", "SE", "PFP", 550, 11, 0},
                               {"t2_tse_sag", "*tse2d1_15", "SE", "PFP", 3300, 95, 0},
                               {"t2_tse_fs_sag", "*tse2d1_17", "SE", "PFP\\FS", 3500, 85, 0},
                               {"t2_tirm_sag", "*tir2d1_11", "SE\\IR", "IR\\PFP", 4500, 60, 160}};
  static const Vendor kGe{"GE MEDICAL SYSTEMS",
                          "SIGNA HDxt",
                          {"Sag T1 FSE", "", "SE", "FAST_GEMS\\TRF_GEMS", 620, 9, 0},
                          {"Sag T2 FSE", "", "SE", "FAST_GEMS\\TRF_GEMS", 3600, 102, 0},
                          {"Sag T2 FSE", "", "SE", "FAST_GEMS\\TRF_GEMS\\FS", 3600, 102, 0},
                          {"Sag STIR", "", "SE\\IR", "FAST_GEMS\\TRF_GEMS\\IR_GEMS", 5000, 45, 150}};
  static const Vendor kPhilips{"Philips Medical Systems",
                               "Ingenia",
                               {"T1W_TSE_SAG", "TSE", "SE", "OTHER", 500, 8, 0},
                               {"T2W_TSE_SAG", "TSE", "SE", "OTHER", 3000, 100, 0},
                               {"T2W_SPAIR_SAG", "TSE", "SE", "FS", 3000, 80, 0},
                               {"STIR_TSE_SAG", "TIR", "IR", "OTHER", 3800, 60, 165}};
  static const Vendor kCanon{"CANON_MEC",
                             "Vantage Orian",
                             {"Sag T1WI", "FSE", "SE", "", 560, 10, 0},
                             {"Sag T2WI", "FSE", "SE", "", 3400, 100, 0},
                             {"Sag T2WI FatSAT", "FSE", "SE", "FatSAT", 3400, 80, 0},
                             {"Sag STIR", "FastIR", "SE\\IR", "", 4000, 60, 150}};
  static const Vendor kUnitedImaging{"UIH",
                                     "uMR 570",
                                     {"t1_fse_sag", "fse", "SE", "", 580, 10, 0},
                                     {"t2_fse_sag", "fse", "SE", "", 3200, 96, 0},
                                     {"t2_fse_sag_fs", "fse", "SE", "FS", 3200, 90, 0},
                                     {"t2_fse_sag_stir", "fse_ir", "SE\\IR", "", 4200, 56, 150}};
  switch (vendor) {
    case MrVendor::siemens: return kSiemens;
    case MrVendor::ge: return kGe;
    case MrVendor::philips: return kPhilips;
    case MrVendor::canon: return kCanon;
    case MrVendor::united_imaging: return kUnitedImaging;
  }
  return kSiemens;
}

const Habit& habit_of(MrVendor vendor, MrSequence sequence) {
  const Vendor& all = vendor_of(vendor);
  switch (sequence) {
    case MrSequence::t1: return all.t1;
    case MrSequence::t2: return all.t2;
    case MrSequence::t2_fs: return all.t2_fs;
    case MrSequence::stir: return all.stir;
  }
  return all.t2;
}

void put_sequence(DcmItem& item, const Habit& habit) {
  put(item, DCM_ScanningSequence, habit.scanning_sequence);
  put(item, DCM_SequenceVariant, "SK");
  put(item, DCM_ScanOptions, habit.options);
  put(item, DCM_MRAcquisitionType, "2D");
  if (*habit.sequence_name != '\0') put(item, DCM_SequenceName, habit.sequence_name);
  put(item, DCM_RepetitionTime, fmt::format("{}", habit.repetition_ms));
  put(item, DCM_EchoTime, fmt::format("{}", habit.echo_ms));
  put(item, DCM_EchoTrainLength, "15");
  if (habit.inversion_ms > 0) put(item, DCM_InversionTime, fmt::format("{}", habit.inversion_ms));
  put(item, DCM_MagneticFieldStrength, "1.5");
  put(item, DCM_ProtocolName, habit.description);
  put(item, DCM_BodyPartExamined, "LSPINE");
  put(item, DCM_PatientPosition, "HFS");
  put(item, DCM_ImageComments, "simulated, no patient");
}

void put_geometry(DcmItem& item, const imaging::PhantomMrScan& scan, const imaging::SignalImage& image, int slice) {
  imaging::SignalImage::PointType corner;
  image.TransformIndexToPhysicalPoint(imaging::SignalImage::IndexType{{0, 0, slice}}, corner);
  put(item, DCM_ImagePositionPatient, fmt::format("{:.4f}\\{:.4f}\\{:.4f}", corner[0], corner[1], corner[2]));
  put(item, DCM_ImageOrientationPatient, "0\\1\\0\\0\\0\\-1");
  put(item, DCM_PixelSpacing, decimal_string(scan.pixel_mm) + "\\" + decimal_string(scan.pixel_mm));
  put(item, DCM_SliceThickness, decimal_string(scan.thickness_mm));
  put(item, DCM_SpacingBetweenSlices, decimal_string(scan.spacing_mm));
  put(item, DCM_SliceLocation, fmt::format("{:.4f}", corner[0]));
}

std::vector<Uint16> stored_slice(const imaging::SignalImage& image, const imaging::PhantomMrScan& scan, int slice) {
  constexpr float kMost = 4095;
  const std::size_t n = static_cast<std::size_t>(scan.columns) * scan.rows;
  const float* first = image.GetBufferPointer() + n * slice;
  std::vector<Uint16> stored(n);
  std::transform(first, first + n, stored.begin(),
                 [&](float signal) { return static_cast<Uint16>(std::lround(std::clamp(signal, 0.0F, kMost))); });
  return stored;
}

// Odd slices first, then even ones.
int interleaved_number(int slice, int n_slices) { return slice % 2 == 0 ? slice / 2 + 1 : (n_slices + 1) / 2 + slice / 2 + 1; }

}  // namespace

std::string mr_description(MrVendor vendor, MrSequence sequence) { return habit_of(vendor, sequence).description; }

void write_mr_series(const imaging::PhantomMrExam& exam, const SeriesIdentity& identity, const MrSeriesPlan& plan, const NameImage& name) {
  const MrVendor vendor = identity.patient.mr_vendor;
  SeriesPlan series;
  series.number = plan.number, series.description = mr_description(vendor, plan.scan.sequence);
  for (int slice = 0; slice < plan.scan.n_slices; ++slice) {
    DcmFileFormat file;
    DcmDataset& dataset = *file.getDataset();
    const int number = vendor == MrVendor::ge ? interleaved_number(slice, plan.scan.n_slices) : slice + 1;
    const std::string sop_uid = make_uid(identity.patient.seed, fmt::format("{} image {}", identity.series_uid, number));
    put(dataset, DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\NORM");
    put_identity(dataset, identity, series);
    put(dataset, DCM_Manufacturer, vendor_of(vendor).manufacturer);
    put(dataset, DCM_ManufacturerModelName, vendor_of(vendor).model);
    put_sequence(dataset, habit_of(vendor, plan.scan.sequence));
    put(dataset, DCM_SOPClassUID, UID_MRImageStorage);
    put(dataset, DCM_SOPInstanceUID, sop_uid);
    put(dataset, DCM_FrameOfReferenceUID, identity.frame_uid);
    put(dataset, DCM_InstanceNumber, fmt::format("{}", number));
    put(dataset, DCM_AcquisitionDate, identity.study.date);
    put(dataset, DCM_ContentDate, identity.study.date);
    put_geometry(dataset, plan.scan, *exam.volume.image, slice);
    put_pixel_format(dataset, plan.scan.columns, plan.scan.rows, 12);
    put(dataset, DCM_PhotometricInterpretation, "MONOCHROME2");
    const auto stored = stored_slice(*exam.volume.image, plan.scan, slice);
    dataset.putAndInsertUint16Array(DCM_PixelData, stored.data(), static_cast<unsigned long>(stored.size()));
    save_dicom(file, name(number, sop_uid), identity.patient.transfer_syntax);
  }
}

}  // namespace cemscope::phantom
