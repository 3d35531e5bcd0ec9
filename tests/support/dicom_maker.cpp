#include "tests/support/dicom_maker.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpeg/djrploss.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <dcmtk/dcmjpls/djrparam.h>
#include <fmt/format.h>
#include <gdcmImageChangeTransferSyntax.h>
#include <gdcmImageReader.h>
#include <gdcmImageWriter.h>

namespace cemscope::tests {

namespace {

void register_encoders() {
  static std::once_flag once;
  std::call_once(once, [] {
    DcmRLEEncoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
  });
}

void require(const OFCondition& condition, const std::string& what) {
  if (condition.bad()) throw std::runtime_error(what + ": " + condition.text());
}

void put_text(DcmDataset& data_set, const DcmTagKey& key, const std::string& value) {
  if (!value.empty()) require(data_set.putAndInsertOFStringArray(key, OFString(value.data(), value.size())), "text");
}

void put_identity(DcmDataset& data_set, const DicomSpec& spec) {
  const auto sop_uid = spec.sop_uid.empty() ? fmt::format("{}.{}", spec.series_uid, spec.instance_number) : spec.sop_uid;
  put_text(data_set, DCM_SpecificCharacterSet, spec.character_set);
  put_text(data_set, DCM_SOPClassUID, spec.sop_class);
  put_text(data_set, DCM_SOPInstanceUID, sop_uid);
  put_text(data_set, DCM_PatientID, spec.patient_id);
  put_text(data_set, DCM_PatientName, spec.patient_name);
  put_text(data_set, DCM_PatientBirthDate, spec.birth_date);
  put_text(data_set, DCM_PatientSex, spec.sex);
  put_text(data_set, DCM_StudyInstanceUID, spec.study_uid);
  put_text(data_set, DCM_SeriesInstanceUID, spec.series_uid);
  put_text(data_set, DCM_FrameOfReferenceUID, spec.frame_of_reference);
}

void put_descriptions(DcmDataset& data_set, const DicomSpec& spec) {
  put_text(data_set, DCM_Modality, spec.modality);
  put_text(data_set, DCM_ImageType, spec.image_type);
  put_text(data_set, DCM_StudyDate, spec.study_date);
  put_text(data_set, DCM_StudyTime, spec.study_time);
  put_text(data_set, DCM_StudyDescription, spec.study_description);
  put_text(data_set, DCM_SeriesDescription, spec.series_description);
  put_text(data_set, DCM_ConvolutionKernel, spec.kernel);
  put_text(data_set, DCM_SeriesNumber, std::to_string(spec.series_number));
  put_text(data_set, DCM_InstanceNumber, std::to_string(spec.instance_number));
  put_text(data_set, DCM_AcquisitionNumber, std::to_string(spec.acquisition_number));
}

void put_geometry(DcmDataset& data_set, const DicomSpec& spec) {
  put_text(data_set, DCM_ImagePositionPatient, spec.position);
  put_text(data_set, DCM_ImageOrientationPatient, spec.orientation);
  put_text(data_set, DCM_PixelSpacing, spec.pixel_spacing);
  put_text(data_set, DCM_SliceThickness, spec.slice_thickness);
}

std::vector<std::uint16_t> words_of(const DicomSpec& spec) {
  if (!spec.words.empty()) return spec.words;
  std::vector<std::uint16_t> words;
  for (int j = 0; j < spec.rows; ++j) {
    for (int i = 0; i < spec.columns; ++i) words.push_back(test_word(i, j, spec.instance_number - 1));
  }
  return words;
}

void put_words(DcmDataset& data_set, const DicomSpec& spec) {
  const auto words = words_of(spec);
  if (spec.bits_allocated == 16) {
    require(data_set.putAndInsertUint16Array(DCM_PixelData, words.data(), words.size()), "PixelData");
    return;
  }
  const std::vector<Uint8> bytes(words.begin(), words.end());
  require(data_set.putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size()), "PixelData");
}

void put_pixels(DcmDataset& data_set, const DicomSpec& spec) {
  const auto number = [](int value) { return static_cast<Uint16>(value); };
  data_set.putAndInsertUint16(DCM_SamplesPerPixel, 1);
  put_text(data_set, DCM_PhotometricInterpretation, spec.photometric);
  data_set.putAndInsertUint16(DCM_Rows, number(spec.rows));
  data_set.putAndInsertUint16(DCM_Columns, number(spec.columns));
  data_set.putAndInsertUint16(DCM_BitsAllocated, number(spec.bits_allocated));
  data_set.putAndInsertUint16(DCM_BitsStored, number(spec.bits_stored));
  data_set.putAndInsertUint16(DCM_HighBit, number(spec.bits_stored - 1));
  data_set.putAndInsertUint16(DCM_PixelRepresentation, spec.is_signed ? 1 : 0);
  put_text(data_set, DCM_RescaleSlope, spec.slope);
  put_text(data_set, DCM_RescaleIntercept, spec.intercept);
  if (spec.padding && !spec.is_signed) data_set.putAndInsertUint16(DCM_PixelPaddingValue, *spec.padding);
  if (spec.padding && spec.is_signed)
    data_set.putAndInsertSint16(DcmTag(DCM_PixelPaddingValue, EVR_SS), static_cast<Sint16>(*spec.padding));
  put_words(data_set, spec);
}

// Lossless in either syntax: a file of 4.91 may be, and what it holds is then known.
void encode_jpeg2000(const std::filesystem::path& path, gdcm::TransferSyntax::TSType syntax) {
  gdcm::ImageReader reader;
  reader.SetFileName(path.c_str());
  if (!reader.Read()) throw std::runtime_error("GDCM cannot read the image to encode");
  gdcm::ImageChangeTransferSyntax change;
  change.SetTransferSyntax(syntax);
  change.SetInput(reader.GetImage());
  if (!change.Change()) throw std::runtime_error("GDCM cannot encode JPEG 2000");
  gdcm::ImageWriter writer;
  writer.SetFileName(path.c_str());
  writer.SetFile(reader.GetFile());
  writer.SetImage(change.GetOutput());
  if (!writer.Write()) throw std::runtime_error("GDCM cannot write JPEG 2000");
}

// Near-lossless with an error of at most 2; all others as exact as they can be.
OFCondition choose(DcmDataset& data_set, const std::string& syntax, E_TransferSyntax transfer_syntax) {
  const DJLSRepresentationParameter near_lossless(2, OFFalse);
  const DJ_RPLossy lossy(100);
  if (syntax == kJpegLsNear) return data_set.chooseRepresentation(transfer_syntax, &near_lossless);
  if (syntax == kJpegBaseline || syntax == kJpegExtended) return data_set.chooseRepresentation(transfer_syntax, &lossy);
  return data_set.chooseRepresentation(transfer_syntax, nullptr);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  auto name = (std::filesystem::temp_directory_path() / "cemscope-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::uint16_t test_word(int i, int j, int k) { return static_cast<std::uint16_t>((i + 10 * j + 100 * k + 1000) % 4096); }

void write_dicom(const std::filesystem::path& path, const DicomSpec& spec) {
  register_encoders();
  std::filesystem::create_directories(path.parent_path());
  DcmFileFormat file;
  auto& data_set = *file.getDataset();
  put_identity(data_set, spec);
  put_descriptions(data_set, spec);
  put_geometry(data_set, spec);
  put_pixels(data_set, spec);
  if (spec.finish) spec.finish(data_set);
  const bool is_lossy = spec.transfer_syntax == kJpeg2000Lossy, is_jpeg2000 = spec.transfer_syntax == kJpeg2000 || is_lossy;
  const auto syntax = DcmXfer(is_jpeg2000 ? kExplicitLittle : spec.transfer_syntax.c_str()).getXfer();
  require(choose(data_set, is_jpeg2000 ? kExplicitLittle : spec.transfer_syntax, syntax), "encoding");
  require(file.saveFile(path.c_str(), syntax), "saving");
  if (is_jpeg2000) encode_jpeg2000(path, is_lossy ? gdcm::TransferSyntax::JPEG2000 : gdcm::TransferSyntax::JPEG2000Lossless);
}

std::vector<DicomSpec> axial_stack(int n_slices, double step_mm, const DicomSpec& common) {
  std::vector<DicomSpec> slices;
  for (int k = 0; k < n_slices; ++k) {
    auto slice = common;
    slice.instance_number = common.instance_number + k;
    slice.position = fmt::format("-10\\-20\\{}", 30 + k * step_mm);
    slices.push_back(slice);
  }
  return slices;
}

void write_stack(const std::filesystem::path& folder, const std::vector<DicomSpec>& slices) {
  int number = 0;
  for (const auto& slice : slices) write_dicom(folder / fmt::format("I{:04d}", ++number), slice);
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace cemscope::tests
