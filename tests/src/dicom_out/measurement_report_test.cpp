#include "src/dicom_out/measurement_report.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmsr/dsrdoc.h>

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/src/dicom_out/reading_maker.h"

namespace cemscope::dicom_out {
namespace {

using testing::HasSubstr;
using testing::Not;

const Producer kProducer{"0.0.1", "1 hash"};

imaging::CtReading measured() {
  const auto volume = tests::volume_of({9, 7, 5}, Eigen::Matrix3d::Identity(), {1, 1, 1}, {0, 0, 0});
  auto reading = tests::reading_of(volume, "T12", {4, 3, 2});
  auto& m = reading.treated[0].measurement;
  m.cement_ml = 4.25;
  m.leak_disc_ml = 0.125;
  m.leakage = {imaging::Answer::yes, 0.9, ""};
  m.midline_crossed = {imaging::Answer::not_assessable, 0.0, "metal_hides_wall"};
  reading.bodies.image->SetPixel({4, 3, 2}, 1);
  reading.cement.image->SetPixel({4, 3, 3}, 3);
  return reading;
}

/// The report as DCMTK's own reader prints it.
std::string printed(const DicomObject& object) {
  DcmInputBufferStream stream;
  stream.setBuffer(object.bytes.data(), static_cast<offile_off_t>(object.bytes.size()));
  stream.setEos();
  DcmFileFormat file;
  EXPECT_TRUE(file.read(stream).good());
  DSRDocument document;
  EXPECT_TRUE(document.read(*file.getDataset()).good());
  std::ostringstream text;
  document.print(text, DSRTypes::PF_printAllCodes | DSRTypes::PF_printSOPInstanceUID);
  return text.str();
}

DicomObject report_of(const imaging::CtReading& reading) {
  const auto source = tests::source_study();
  SegmentFrames layout;
  layout.segments = {{"Vertebra T12", "T12", 1, false, {}}, {"Cement T12 disc leak", "T12", 1, true, imaging::CementZone::disc}};
  ReportContent content{finding_groups(reading, layout, source), overall_findings(reading), {{"1.2.826.0.1.1.1.4", 0}}, {}};
  content.segmentation = {"", "1.2.840.10008.5.1.4.1.1.66.4", "2.25.77", "2.25.78"};
  return write_measurement_report(content, source, kProducer);
}

TEST(MeasurementReport, HoldsNumbersInUcumUnitsAndCodedFindings) {
  const auto text = printed(report_of(measured()));
  EXPECT_THAT(text, HasSubstr("Comprehensive 3D SR"));
  EXPECT_THAT(text, HasSubstr("(cement_ml,99CEMSCOPE,\"Cement volume\")=\"4.25\" (mL,UCUM"));
  EXPECT_THAT(text, HasSubstr("(leakage,99CEMSCOPE,\"Cement leakage\")=(373066001,SCT,\"Yes\")"));
  EXPECT_THAT(text, HasSubstr("(23215003,SCT,\"T12 vertebra\")"));
  EXPECT_THAT(text, HasSubstr("\"Cement T12 disc leak\""));
  EXPECT_THAT(text, HasSubstr("(118565006,SCT,\"Volume\")=\"0.125\" (mL,UCUM"));
}

TEST(MeasurementReport, ReferencesSegmentsAndSourceImages) {
  const auto text = printed(report_of(measured()));
  EXPECT_THAT(text, HasSubstr("2.25.77"));
  EXPECT_THAT(text, HasSubstr("1.2.826.0.1.1.1.4"));
  EXPECT_THAT(text, HasSubstr("\"1.2.826.0.1.1.1\""));
}

TEST(MeasurementReport, WhatWasNotAssessedIsNoNoAndHasItsReason) {
  const auto text = printed(report_of(measured()));
  EXPECT_THAT(text, HasSubstr("(midline_crossed,99CEMSCOPE,\"Cement crosses the mid-sagittal plane\")=(not_assessable,"));
  EXPECT_THAT(text, HasSubstr("Cement crosses the mid-sagittal plane: metal"));
  EXPECT_THAT(text, Not(HasSubstr("fill,99CEMSCOPE")));
}

TEST(MeasurementReport, AScanWithoutCementSaysSo) {
  auto reading = measured();
  reading.treated.clear();
  reading.cement_present = {imaging::Answer::no, 0.95, ""};
  const ReportContent content{{}, overall_findings(reading), {{"1.2.826.0.1.1.1.4", 0}}, {}};
  const auto text = printed(write_measurement_report(content, tests::source_study(), kProducer));
  EXPECT_THAT(text, HasSubstr("(cement_present,99CEMSCOPE,\"Bone cement in the scan\")=(373067005,SCT,\"No\")"));
}

TEST(MeasurementReport, TheSameInputGivesTheSameBytes) { EXPECT_EQ(report_of(measured()).bytes, report_of(measured()).bytes); }

// What films and MR show, beside no CT at all: the film's study, the MR as other evidence.
TEST(MeasurementReport, HoldsFilmsAndMr) {
  const auto source = tests::source_study();
  imaging::VertebraMeasurement seen;
  seen.level = "L3";
  seen.minor_side_fraction = 0.25;
  seen.leakage = {imaging::Answer::no, 0.6, ""};
  seen.midline_crossed = {imaging::Answer::yes, 0.9, ""};
  MrFindings mr;
  mr.soft_tissue_injury = {imaging::Answer::yes, 0.8, ""};
  mr.length_mm = 56;
  mr.area_mm2 = 702;
  mr.marrow_oedema = {imaging::Answer::yes, 0.9, ""};
  mr.acute_levels = {"L3"};
  ReportContent content{
      film_groups({seen}, source), {film_cement_finding({imaging::Answer::yes, 0.9, ""})}, {{"1.2.826.0.1.1.1.4", 0}}, {}};
  for (auto& group : mr_groups(mr, source)) content.groups.push_back(std::move(group));
  for (auto& word : marrow_findings(mr)) content.overall.push_back(std::move(word));
  content.overall.push_back(adjacent_fracture_findings({imaging::Answer::not_assessable, 0, "no_later_scan"}).front());
  content.others = {{"1.2.826.0.9", "1.2.826.0.9.1", "1.2.840.10008.5.1.4.1.1.4", {{"1.2.826.0.9.1.1", 0}}}};
  content.procedures = {Procedure::radiography, Procedure::mr};
  const auto text = printed(write_measurement_report(content, source, kProducer));
  EXPECT_THAT(text, HasSubstr("\"Vertebra L3 on radiographs\""));
  EXPECT_THAT(text, HasSubstr("(36470004,SCT,\"L3 vertebra\")"));
  EXPECT_THAT(text, HasSubstr("(conf_leakage,99CEMSCOPE,\"Confidence in the finding on leakage\")=\"0.6\" (1,UCUM"));
  EXPECT_THAT(text, HasSubstr("(st_length_mm,99CEMSCOPE,\"Length of the soft-tissue injury\")=\"56\" (mm,UCUM"));
  EXPECT_THAT(text, HasSubstr("(st_area_mm2,99CEMSCOPE,\"Largest area of the soft-tissue injury\")=\"702\" (mm2,UCUM"));
  EXPECT_THAT(text, HasSubstr("(121139,DCM,\"Modality\")=(MR,DCM"));
  EXPECT_THAT(text, HasSubstr("\"Marrow oedema L3\""));
  EXPECT_THAT(text, HasSubstr("1.2.826.0.9.1.1"));
  EXPECT_THAT(text, HasSubstr("(363680008,SCT"));
}

TEST(FindingGroups, EveryCodeFitsItsValueRepresentation) {
  auto reading = measured();
  SegmentFrames layout;
  for (const auto& group : finding_groups(reading, layout, tests::source_study())) {
    for (const auto& number : group.numbers) EXPECT_LE(number.concept_name.value.size(), 16U) << number.concept_name.value;
    for (const auto& word : group.words) EXPECT_LE(std::max(word.concept_name.value.size(), word.value.value.size()), 16U);
  }
  MrFindings mr;
  mr.length_mm = mr.area_mm2 = 1;
  mr.acute_levels = {"L1"};
  for (const auto& group : mr_groups(mr, tests::source_study())) {
    EXPECT_LE(group.finding.value.size(), 16U) << group.finding.value;
    for (const auto& number : group.numbers) EXPECT_LE(number.concept_name.value.size(), 16U) << number.concept_name.value;
    for (const auto& word : group.words) EXPECT_LE(word.concept_name.value.size(), 16U) << word.concept_name.value;
  }
}

}  // namespace
}  // namespace cemscope::dicom_out
