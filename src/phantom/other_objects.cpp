#include "src/phantom/other_objects.h"

#include <fstream>

#include <dcmtk/dcmsr/dsrdoc.h>
#include <fmt/format.h>

#include "imaging/error.h"
#include "src/phantom/uid.h"

namespace cemscope::phantom {
namespace {

void check(const OFCondition& condition, const char* what) {
  if (condition.bad()) throw Error(ErrorKind::unsupported, fmt::format("{}: {}", what, condition.text()));
}

DSRCodedEntryValue code(const char* value, const char* scheme, const char* meaning) { return {value, scheme, meaning}; }

void add_number(DSRDocumentTree& tree, DSRTypes::E_AddMode mode, const DSRCodedEntryValue& name, const char* value,
                const DSRCodedEntryValue& unit) {
  tree.addContentItem(DSRTypes::RT_contains, DSRTypes::VT_Num, mode);
  check(tree.getCurrentContentItem().setConceptName(name), "dose report");
  check(tree.getCurrentContentItem().setNumericValue(DSRNumericMeasurementValue(value, unit)), "dose report");
}

void add_code(DSRDocumentTree& tree, DSRTypes::E_RelationshipType relation, DSRTypes::E_AddMode mode, const DSRCodedEntryValue& name,
              const DSRCodedEntryValue& value) {
  tree.addContentItem(relation, DSRTypes::VT_Code, mode);
  check(tree.getCurrentContentItem().setConceptName(name), "dose report");
  check(tree.getCurrentContentItem().setCodeValue(value), "dose report");
}

// TID 10011, reduced to the accumulated dose.
void fill_dose_tree(DSRDocumentTree& tree, const std::string& study_uid) {
  tree.addContentItem(DSRTypes::RT_isRoot, DSRTypes::VT_Container);
  check(tree.getCurrentContentItem().setConceptName(code("113701", "DCM", "X-Ray Radiation Dose Report")), "dose report");
  add_code(tree, DSRTypes::RT_hasConceptMod, DSRTypes::AM_belowCurrent, code("121058", "DCM", "Procedure reported"),
           code("77477000", "SCT", "Computed Tomography X-Ray"));
  add_code(tree, DSRTypes::RT_contains, DSRTypes::AM_afterCurrent, code("113705", "DCM", "Scope of Accumulation"),
           code("113014", "DCM", "Study"));
  tree.addContentItem(DSRTypes::RT_hasProperties, DSRTypes::VT_UIDRef, DSRTypes::AM_belowCurrent);
  check(tree.getCurrentContentItem().setConceptName(code("110180", "DCM", "Study Instance UID")), "dose report");
  check(tree.getCurrentContentItem().setStringValue(study_uid.c_str()), "dose report");
  tree.goUp();
  tree.addContentItem(DSRTypes::RT_contains, DSRTypes::VT_Container, DSRTypes::AM_afterCurrent);
  check(tree.getCurrentContentItem().setConceptName(code("113811", "DCM", "CT Accumulated Dose Data")), "dose report");
  add_number(tree, DSRTypes::AM_belowCurrent, code("113812", "DCM", "Total Number of Irradiation Events"), "2",
             code("{events}", "UCUM", "events"));
  add_number(tree, DSRTypes::AM_afterCurrent, code("113813", "DCM", "CT Dose Length Product Total"), "412.5",
             code("mGy.cm", "UCUM", "mGy.cm"));
}

}  // namespace

void write_dose_report(const SeriesIdentity& identity, const SeriesPlan& series, const NameImage& name) {
  DSRDocument document(DSRTypes::DT_XRayRadiationDoseSR);
  fill_dose_tree(document.getTree(), identity.study_uid);
  document.setManufacturer("cemscope phantom");
  document.setManufacturerModelName("simulated");
  document.setDeviceSerialNumber("1");
  document.setSoftwareVersions("1");
  document.completeDocument();
  DcmFileFormat file;
  DcmDataset& dataset = *file.getDataset();
  check(document.write(dataset), "dose report");
  const std::string sop_uid = make_uid(identity.patient.seed, identity.series_uid + " dose");
  put_identity(dataset, identity, series);
  put(dataset, DCM_SOPInstanceUID, sop_uid);
  put(dataset, DCM_InstanceNumber, "1");
  put(dataset, DCM_ContentDate, identity.study.date);
  put(dataset, DCM_ContentTime, identity.study.time);
  put(dataset, DCM_InstanceCreationDate, identity.study.date);
  put(dataset, DCM_InstanceCreationTime, identity.study.time);
  save_dicom(file, name(1, sop_uid), identity.patient.transfer_syntax);
}

void write_dose_page(const SeriesIdentity& identity, const SeriesPlan& series, const NameImage& name) {
  constexpr std::uint16_t kSize = 256;
  DcmFileFormat file;
  DcmDataset& dataset = *file.getDataset();
  const std::string sop_uid = make_uid(identity.patient.seed, identity.series_uid + " page");
  put_identity(dataset, identity, series);
  put(dataset, DCM_ImageType, "DERIVED\\SECONDARY\\OTHER");
  put(dataset, DCM_SOPClassUID, UID_SecondaryCaptureImageStorage);
  put(dataset, DCM_SOPInstanceUID, sop_uid);
  put(dataset, DCM_BodyPartExamined, "LSPINE");
  put(dataset, DCM_ConversionType, "WSD");
  put(dataset, DCM_InstanceNumber, "1");
  put(dataset, DCM_PatientOrientation, "");
  put(dataset, DCM_SamplesPerPixel, std::uint16_t{1});
  put(dataset, DCM_PhotometricInterpretation, "MONOCHROME2");
  put(dataset, DCM_Rows, kSize);
  put(dataset, DCM_Columns, kSize);
  put(dataset, DCM_BitsAllocated, std::uint16_t{8});
  put(dataset, DCM_BitsStored, std::uint16_t{8});
  put(dataset, DCM_HighBit, std::uint16_t{7});
  put(dataset, DCM_PixelRepresentation, std::uint16_t{0});
  std::vector<std::uint8_t> page(static_cast<std::size_t>(kSize) * kSize, 0);
  for (std::size_t row = 20; row < 236; ++row)
    for (std::size_t column = 20; column < 180; ++column)
      page[row * kSize + column] = row % 14 < 5 && (row / 14 + column / 9) % 3 != 0 ? 230 : 0;
  dataset.putAndInsertUint8Array(DCM_PixelData, page.data(), static_cast<unsigned long>(page.size()));
  save_dicom(file, name(1, sop_uid), identity.patient.transfer_syntax);
}

void write_junk(const std::filesystem::path& folder, const std::filesystem::path& any_dicom) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "README.TXT") << "Exported by PACS\r\n";
  std::ofstream(folder / "Thumbs.db", std::ios::binary) << std::string("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) << std::string(504, '\0');
  std::ofstream(folder / "empty.dcm").flush();
  std::ofstream(folder / "notes.dcm") << "this is no DICOM file\n";
  const std::filesystem::path cut = folder / "cut.dcm";
  std::filesystem::copy_file(any_dicom, cut, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::resize_file(cut, std::filesystem::file_size(any_dicom) * 3 / 5);
}

}  // namespace cemscope::phantom
