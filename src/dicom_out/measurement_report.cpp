#include "src/dicom_out/measurement_report.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmsr/cmr/tid1500.h>
#include <dcmtk/dcmsr/dsrdoc.h>
#include <fmt/format.h>

#include "src/dicom_out/derived_object.h"
#include "src/dicom_out/uid.h"
#include "src/ingest/dcmtk_setup.h"

namespace cemscope::dicom_out {
namespace {

DSRCodedEntryValue entry(const Code& code) { return {code.value.c_str(), code.scheme.c_str(), code.meaning.c_str()}; }

/// TID 300 has no place for it; the device observer names the program there.
template <typename Measurement>
void name_algorithm(Measurement& measurement, const Producer& producer) {
  if constexpr (requires { measurement.setAlgorithmIdentification(OFString(), OFString()); })
    require(measurement.setAlgorithmIdentification(kProgram, producer.version.c_str()), "the algorithm");
}

/// Both kinds of group have the same functions and no common base.
template <typename Group>
void fill_group(Group& group, const FindingGroup& from, const Producer& producer) {
  require(group.setTrackingIdentifier(from.tracking_id.c_str()), "a tracking identifier");
  require(group.setTrackingUniqueIdentifier(from.tracking_uid.c_str()), "a tracking UID");
  require(group.setFinding(entry(from.finding)), "a finding");
  require(group.addFindingSite(entry(from.site)), "a finding site");
  for (const auto& number : from.numbers) {
    const CMR_SRNumericMeasurementValueWithUnits<CID7181_AbstractMultiDimensionalImageModelComponentUnits> value(
        fmt::format("{:.6g}", number.value).c_str(), entry(number.unit));
    require(group.addMeasurement(entry(number.concept_name), value), "a measurement");
    name_algorithm(group.getMeasurement(), producer);
  }
  for (const auto& word : from.words) {
    const auto status = word.text.empty() ? group.addQualitativeEvaluation(entry(word.concept_name), entry(word.value))
                                          : group.addQualitativeEvaluation(entry(word.concept_name), OFString(word.text.c_str()));
    require(status, "a qualitative finding");
  }
}

DSRCodedEntryValue procedure_code(Procedure procedure) {
  switch (procedure) {
    case Procedure::ct: return {"25045-6", "LN", "CT unspecified body region"};
    case Procedure::mr: return {"25056-3", "LN", "MRI unspecified body region"};
    case Procedure::radiography: return {"363680008", "SCT", "Radiographic imaging procedure"};
  }
  return {};
}

class ReportWriter {
 public:
  ReportWriter(const ReportContent& content, const SourceStudy& source, const Producer& producer)
      : content_(content), source_(source), producer_(producer) {}

  DicomObject run() {
    report_.setLanguage(CID5000_Languages(CID5000_Languages::English_US));
    require(report_.getObservationContext().addDeviceObserver(uid_from({"device", kProgram, producer_.version}).c_str(), kProgram, kProgram,
                                                              kProgram, producer_.version.c_str()),
            "the observer");
    for (const auto procedure : content_.procedures) require(report_.addProcedureReported(procedure_code(procedure)), "the procedure");
    add_image_library();
    for (const auto& group : content_.groups) group.segment_number > 0 ? add_volumetric(group) : add_individual(group);
    for (const auto& word : content_.overall) add_overall(word);
    return finish();
  }

 private:
  void add_image_library() {
    auto& library = report_.getImageLibrary();
    require(library.createNewImageLibrary(), "the image library");
    add_images(source_.sop_class_uid, content_.images);
    for (const auto& other : content_.others) add_images(other.sop_class_uid, other.images);
  }

  void add_images(const std::string& sop_class_uid, const std::vector<dicom_out::SourceImage>& images) {
    auto& library = report_.getImageLibrary();
    require(library.addImageGroup(), "the image library");
    for (const auto& image : images) {
      DcmItem item;
      item.putAndInsertString(DCM_SOPClassUID, sop_class_uid.c_str());
      item.putAndInsertString(DCM_SOPInstanceUID, image.sop_instance_uid.c_str());
      require(library.addImageEntry(item, TID1600_ImageLibrary::withoutDescriptors), "an image of the library");
    }
  }

  void add_volumetric(const FindingGroup& from) {
    require(report_.addVolumetricROIMeasurements(), "a measurement group");
    auto& group = report_.getVolumetricROIMeasurements();
    const auto& segmentation = content_.segmentation.value();
    DSRImageReferenceValue segment(segmentation.sop_class_uid.c_str(), segmentation.sop_instance_uid.c_str());
    segment.getSegmentList().addItem(static_cast<Uint16>(from.segment_number));
    require(group.setReferencedSegment(segment), "a segment");
    require(group.setSourceSeriesForSegmentation(source_.series_uid.c_str()), "the source series");
    fill_group(group, from, producer_);
  }

  void add_individual(const FindingGroup& from) {
    require(report_.addIndividualMeasurements(), "a measurement group");
    fill_group(report_.getIndividualMeasurements(), from, producer_);
  }

  void add_overall(const CodedFinding& word) {
    const auto status = word.text.empty() ? report_.addQualitativeEvaluation(entry(word.concept_name), entry(word.value))
                                          : report_.addQualitativeEvaluation(entry(word.concept_name), OFString(word.text.c_str()));
    require(status, "a qualitative finding");
  }

  DicomObject finish() {
    DSRDocument document(DSRTypes::DT_Comprehensive3DSR);
    require(document.setTreeFromRootTemplate(report_, OFTrue), "the report's content");
    require(document.getTree().changeDocumentType(DSRTypes::DT_Comprehensive3DSR, OFFalse), "the document type");
    require(document.createNewSeriesInStudy(source_.study_uid.c_str()), "the study");
    document.setSpecificCharacterSetType(DSRTypes::CS_UTF8);
    document.setSeriesNumber("9002");
    document.setInstanceNumber("1");
    document.setSeriesDescription("cemscope: bone cement measurements");
    document.setPreliminaryFlag(DSRTypes::PF_Final);
    require(document.completeDocument(), "the report");
    add_evidence(document.getCurrentRequestedProcedureEvidence());
    add_other_evidence(document);
    DcmFileFormat file;
    auto& data_set = *file.getDataset();
    require(document.write(data_set), "the report");
    put_common(data_set, source_, producer_);
    put_coding_scheme(data_set);
    return sealed(file, "SR");
  }

  void add_evidence(DSRSOPInstanceReferenceList& evidence) {
    const auto add = [&](const std::string& series, const std::string& sop_class, const std::string& instance) {
      require(evidence.addItem(source_.study_uid.c_str(), series.c_str(), sop_class.c_str(), instance.c_str()), "the evidence");
    };
    for (const auto& image : content_.images) add(source_.series_uid, source_.sop_class_uid, image.sop_instance_uid);
    if (const auto& segmentation = content_.segmentation)
      add(segmentation->series_uid, segmentation->sop_class_uid, segmentation->sop_instance_uid);
  }

  /// What belongs to another study is no evidence of the current procedure.
  void add_other_evidence(DSRDocument& document) {
    for (const auto& other : content_.others) {
      const bool is_same_study = other.study_uid == source_.study_uid;
      auto& evidence = is_same_study ? document.getCurrentRequestedProcedureEvidence() : document.getPertinentOtherEvidence();
      for (const auto& image : other.images)
        require(evidence.addItem(other.study_uid.c_str(), other.series_uid.c_str(), other.sop_class_uid.c_str(),
                                 image.sop_instance_uid.c_str()),
                "the evidence");
    }
  }

  const ReportContent& content_;
  const SourceStudy& source_;
  const Producer& producer_;
  TID1500_MeasurementReport report_{
      CID7021_MeasurementReportDocumentTitles(CID7021_MeasurementReportDocumentTitles::ImagingMeasurementReport)};
};

}  // namespace

DicomObject write_measurement_report(const ReportContent& content, const SourceStudy& source, const Producer& producer) {
  ingest::prepare_dcmtk();
  return ReportWriter(content, source, producer).run();
}

}  // namespace cemscope::dicom_out
