#include "src/dicom_out/derived_object.h"

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/cohort/content_hash.h"
#include "src/dicom_out/uid.h"

namespace cemscope::dicom_out {
namespace {

void put(DcmItem& item, const DcmTagKey& key, const std::string& value) {
  require(item.putAndInsertString(key, value.c_str()), "an attribute");
}

// Attributes of type 3 are left out when there is nothing to say.
void put_if_known(DcmItem& item, const DcmTagKey& key, const std::string& value) {
  if (value.empty())
    item.findAndDeleteElement(key);
  else
    put(item, key, value);
}

void put_patient(DcmDataset& data_set, const SourceStudy& source) {
  put(data_set, DCM_PatientName, source.is_deidentified ? source.patient_id : source.patient_name);
  put(data_set, DCM_PatientID, source.patient_id);
  put(data_set, DCM_PatientBirthDate, source.birth_date);
  put(data_set, DCM_PatientSex, source.sex);
  if (!source.is_deidentified) return;
  put(data_set, DCM_PatientIdentityRemoved, "YES");
  put(data_set, DCM_DeidentificationMethod, "cemscope --deidentify: pseudonyms, shifted dates, no free text");
}

void put_study(DcmDataset& data_set, const SourceStudy& source) {
  put(data_set, DCM_StudyInstanceUID, source.study_uid);
  put(data_set, DCM_StudyDate, source.date);
  put(data_set, DCM_StudyTime, source.time);
  put(data_set, DCM_AccessionNumber, source.accession_number);
  put(data_set, DCM_ReferringPhysicianName, source.referring_physician);
  put(data_set, DCM_StudyID, source.study_id);
  put_if_known(data_set, DCM_StudyDescription, source.description);
  put(data_set, DCM_ContentDate, source.date.empty() ? "19000101" : source.date);
  put(data_set, DCM_ContentTime, source.time.empty() ? "000000" : source.time);
}

void put_equipment(DcmDataset& data_set, const Producer& producer) {
  put(data_set, DCM_Manufacturer, kProgram);
  put(data_set, DCM_ManufacturerModelName, kProgram);
  put(data_set, DCM_DeviceSerialNumber, producer.version);
  put(data_set, DCM_SoftwareVersions, fmt::format("{}\\definitions {}", producer.version, producer.definitions));
}

std::string file_bytes(DcmFileFormat& file) {
  constexpr auto kSyntax = EXS_LittleEndianExplicit;
  constexpr auto kEncoding = EET_ExplicitLength;
  require(file.validateMetaInfo(kSyntax), "the meta information");
  std::string bytes(file.calcElementLength(kSyntax, kEncoding) + 1024, '\0');
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file.transferInit();
  const auto written = file.write(stream, kSyntax, kEncoding, nullptr, EGL_recalcGL, EPD_withoutPadding);
  file.transferEnd();
  require(written, "the file");
  void* begin = nullptr;
  offile_off_t length = 0;
  stream.flushBuffer(begin, length);
  bytes.resize(static_cast<std::size_t>(length));
  return bytes;
}

void replace_all(std::string& bytes, const std::string& old_text, const std::string& new_text) {
  for (auto at = bytes.find(old_text); at != bytes.npos; at = bytes.find(old_text, at + old_text.size()))
    bytes.replace(at, old_text.size(), new_text);
}

/// Stands for a UID until the content is known; no other UID ends in this many zeros.
std::string stand_in(char digit) { return std::string("2.25.") + digit + std::string(kUidLength - 6, '0'); }

}  // namespace

void require(const OFCondition& condition, const char* what) {
  if (condition.bad())
    throw Error(ErrorKind::inconsistent, fmt::format("{} cannot be written to a DICOM object: {}", what, condition.text()));
}

std::string decimal_string(double value) {
  if (value == 0.0) return "0";
  auto text = fmt::format("{}", value);
  for (int digits = 15; text.size() > 16 && digits > 0; --digits) text = fmt::format("{:.{}g}", value, digits);
  return text;
}

void put_common(DcmDataset& data_set, const SourceStudy& source, const Producer& producer) {
  put(data_set, DCM_SpecificCharacterSet, "ISO_IR 192");
  put_patient(data_set, source);
  put_study(data_set, source);
  put_equipment(data_set, producer);
  for (const auto& key : {DCM_InstanceCreationDate, DCM_InstanceCreationTime, DCM_SeriesDate, DCM_SeriesTime})
    data_set.findAndDeleteElement(key);
}

void put_coding_scheme(DcmDataset& data_set) {
  DcmItem* item = nullptr;
  require(data_set.findOrCreateSequenceItem(DCM_CodingSchemeIdentificationSequence, item), "CodingSchemeIdentificationSequence");
  put(*item, DCM_CodingSchemeDesignator, kOwnScheme);
  put(*item, DCM_CodingSchemeName, "Codes of the program cemscope");
  put(*item, DCM_CodingSchemeResponsibleOrganization, kProgram);
}

DicomObject sealed(DcmFileFormat& file, const std::string& kind, const std::string& series_uid) {
  // Written once: a segmentation has megabytes, and only the UIDs are not known before the rest is.
  const auto instance = stand_in('1'), series = series_uid.empty() ? stand_in('2') : series_uid;
  put(*file.getDataset(), DCM_SOPInstanceUID, instance);
  put(*file.getDataset(), DCM_SeriesInstanceUID, series);
  DicomObject object;
  object.bytes = file_bytes(file);
  const auto digest = cohort::content_hash(object.bytes);
  object.sop_instance_uid = uid_from({kind, digest});
  object.series_uid = series_uid.empty() ? uid_from({kind, "series", digest}) : series_uid;
  replace_all(object.bytes, instance, object.sop_instance_uid);
  if (series_uid.empty()) replace_all(object.bytes, series, object.series_uid);
  OFString sop_class;
  file.getDataset()->findAndGetOFString(DCM_SOPClassUID, sop_class);
  object.sop_class_uid = sop_class.c_str();
  return object;
}

}  // namespace cemscope::dicom_out
