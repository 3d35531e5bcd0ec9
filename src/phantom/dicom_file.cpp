#include "src/phantom/dicom_file.h"

#include <mutex>

#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcrlerp.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <dcmtk/dcmjpls/djrparam.h>
#include <dcmtk/oflog/oflog.h>
#include <fmt/format.h>

#include "imaging/error.h"

namespace cemscope::phantom {
namespace {

struct Encoding {
  E_TransferSyntax syntax;
  const DcmRepresentationParameter* parameter;
};

Encoding encoding_of(TransferSyntax syntax) {
  static const DJ_RPLossless kJpeg;
  static const DJLSRepresentationParameter kJpegLs(0, OFTrue);
  static const DcmRLERepresentationParameter kRle;
  switch (syntax) {
    case TransferSyntax::implicit_little: return {EXS_LittleEndianImplicit, nullptr};
    case TransferSyntax::explicit_little: return {EXS_LittleEndianExplicit, nullptr};
    case TransferSyntax::explicit_big: return {EXS_BigEndianExplicit, nullptr};
    case TransferSyntax::deflated: return {EXS_DeflatedLittleEndianExplicit, nullptr};
    case TransferSyntax::rle: return {EXS_RLELossless, &kRle};
    case TransferSyntax::jpeg_lossless: return {EXS_JPEGProcess14SV1, &kJpeg};
    case TransferSyntax::jpeg_ls: return {EXS_JPEGLSLossless, &kJpegLs};
  }
  return {EXS_LittleEndianExplicit, nullptr};
}

void check(const OFCondition& condition, const std::string& what) {
  if (condition.bad()) throw Error(ErrorKind::unsupported, fmt::format("{}: {}", what, condition.text()));
}

// DCMTK 3.6.7's JPEG-LS encoder leaves the byte that pads a fragment to an even length as memory happened to be.
void clear_padding(DcmDataset& dataset, E_TransferSyntax syntax, const DcmRepresentationParameter* parameter) {
  DcmElement* element = nullptr;
  DcmPixelSequence* fragments = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad()) return;
  if (static_cast<DcmPixelData*>(element)->getEncapsulatedRepresentation(syntax, parameter, fragments).bad()) return;
  for (unsigned long n = 1; n < fragments->card(); ++n) {
    DcmPixelItem* fragment = nullptr;
    Uint8* bytes = nullptr;
    if (fragments->getItem(fragment, n).bad() || fragment->getUint8Array(bytes).bad() || bytes == nullptr) continue;
    const Uint32 length = fragment->getLength();
    if (length > 3 && bytes[length - 3] == 0xff && bytes[length - 2] == 0xd9) bytes[length - 1] = 0;
  }
}

void put_patient(DcmItem& item, const PatientPlan& patient) {
  put(item, DCM_SpecificCharacterSet, patient.character_set);
  put(item, DCM_PatientName, patient.patient_name);
  put(item, DCM_PatientID, patient.patient_id);
  put(item, DCM_PatientBirthDate, patient.birth_date);
  put(item, DCM_PatientSex, patient.sex);
  put(item, DCM_PatientAge, fmt::format("{:03}Y", patient.age));
}

void put_study(DcmItem& item, const SeriesIdentity& identity) {
  const StudyPlan& study = identity.study;
  put(item, DCM_StudyInstanceUID, identity.study_uid);
  put(item, DCM_StudyDate, study.date);
  put(item, DCM_StudyTime, study.time);
  put(item, DCM_ReferringPhysicianName, "");
  put(item, DCM_StudyID, "1");
  put(item, DCM_AccessionNumber, "A" + identity.patient.patient_id);
  put(item, DCM_StudyDescription, study.description);
}

}  // namespace

void prepare_encoders() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    DcmRLEEncoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
  });
}

void put(DcmItem& item, const DcmTagKey& tag, const std::string& value) {
  check(item.putAndInsertOFStringArray(tag, OFString(value.data(), value.size())), "attribute " + std::string(tag.toString().c_str()));
}

void put(DcmItem& item, const DcmTagKey& tag, std::uint16_t value) {
  check(item.putAndInsertUint16(tag, value), "attribute " + std::string(tag.toString().c_str()));
}

std::string decimal_string(double value) { return fmt::format("{:.10g}", value); }

void save_dicom(DcmFileFormat& file, const std::filesystem::path& path, TransferSyntax syntax) {
  const Encoding encoding = encoding_of(syntax);
  DcmDataset& dataset = *file.getDataset();
  if (dataset.tagExists(DCM_PixelData))
    check(dataset.chooseRepresentation(encoding.syntax, encoding.parameter), "encoding of " + path.filename().string());
  const bool is_compressed = encoding.parameter != nullptr;
  if (is_compressed) clear_padding(dataset, encoding.syntax, encoding.parameter);
  const E_TransferSyntax written = is_compressed && !dataset.tagExists(DCM_PixelData) ? EXS_LittleEndianExplicit : encoding.syntax;
  std::filesystem::create_directories(path.parent_path());
  const OFCondition saved = file.saveFile(OFFilename(path.string().c_str()), written);
  if (saved.bad()) throw Error(ErrorKind::unreadable, fmt::format("cannot write {}: {}", path.string(), saved.text()));
}

void put_pixel_format(DcmItem& item, int columns, int rows, int bits_stored, bool is_signed) {
  put(item, DCM_SamplesPerPixel, std::uint16_t{1});
  put(item, DCM_Rows, static_cast<std::uint16_t>(rows));
  put(item, DCM_Columns, static_cast<std::uint16_t>(columns));
  put(item, DCM_BitsAllocated, std::uint16_t{16});
  put(item, DCM_BitsStored, static_cast<std::uint16_t>(bits_stored));
  put(item, DCM_HighBit, static_cast<std::uint16_t>(bits_stored - 1));
  put(item, DCM_PixelRepresentation, static_cast<std::uint16_t>(is_signed ? 1 : 0));
}

void put_identity(DcmItem& item, const SeriesIdentity& identity, const SeriesPlan& series) {
  put_patient(item, identity.patient);
  put_study(item, identity);
  put(item, DCM_Modality, identity.modality);
  put(item, DCM_SeriesInstanceUID, identity.series_uid);
  put(item, DCM_SeriesNumber, fmt::format("{}", series.number));
  put(item, DCM_SeriesDescription, series.description);
  put(item, DCM_SeriesDate, identity.study.date);
  put(item, DCM_SeriesTime, identity.study.time);
  put(item, DCM_Manufacturer, "cemscope phantom");
  put(item, DCM_ManufacturerModelName, "simulated");
  put(item, DCM_InstitutionName, "simulated");
}

}  // namespace cemscope::phantom
