#include "src/dicom_out/report_findings.h"

#include <algorithm>
#include <optional>

#include "src/dicom_out/segmentation.h"
#include "src/dicom_out/uid.h"
#include "src/report/words.h"

namespace cemscope::dicom_out {
namespace {

using imaging::VertebraMeasurement;

const Code kMillilitre{"mL", "UCUM", "milliliter"};
const Code kMillimetre{"mm", "UCUM", "millimeter"};
const Code kSquareMillimetre{"mm2", "UCUM", "square millimeter"};
const Code kNoUnit{"1", "UCUM", "no units"};
const Code kHounsfield{"[hnsf'U]", "UCUM", "Hounsfield unit"};

/// A number of vertebrae.csv with its code; the value is the column's name, shortened to 16 characters where it must be.
struct NumberRow {
  std::optional<double> VertebraMeasurement::*member;
  const char *code, *meaning;
  const Code& unit;
};

const NumberRow kNumbers[] = {
    {&VertebraMeasurement::cement_ml, "cement_ml", "Cement volume", kMillilitre},
    {&VertebraMeasurement::cement_half_max_ml, "cement_half_max", "Cement volume above the local half-maximum", kMillilitre},
    {&VertebraMeasurement::cement_600_ml, "cement_600_ml", "Cement volume above 600 HU", kMillilitre},
    {&VertebraMeasurement::cement_1000_ml, "cement_1000_ml", "Cement volume above 1000 HU", kMillilitre},
    {&VertebraMeasurement::saturated_fraction, "saturated", "Share of saturated cement", kNoUnit},
    {&VertebraMeasurement::body_ml, "body_ml", "Volume of the vertebral body", kMillilitre},
    {&VertebraMeasurement::fill, "fill", "Cement in the body by volume of the body", kNoUnit},
    {&VertebraMeasurement::left_ml, "left_ml", "Cement volume left of the mid-sagittal plane", kMillilitre},
    {&VertebraMeasurement::right_ml, "right_ml", "Cement volume right of the mid-sagittal plane", kMillilitre},
    {&VertebraMeasurement::minor_side_fraction, "minor_side", "Share of the body's cement on its smaller side", kNoUnit},
    {&VertebraMeasurement::reach_contralateral, "reach_contra", "Extent past the midline by half-width of the body", kNoUnit},
    {&VertebraMeasurement::band_fill, "band_fill", "Fill of the fracture band", kNoUnit},
    {&VertebraMeasurement::band_evenness, "band_evenness", "Evenness of the fracture band's fill", kNoUnit},
    {&VertebraMeasurement::leak_ml, "leak_ml", "Cement volume outside the vertebra", kMillilitre},
    {&VertebraMeasurement::leak_paravertebral_ml, "leak_para_ml", "Cement volume outside the anterior or lateral wall", kMillilitre},
    {&VertebraMeasurement::leak_disc_ml, "leak_disc_ml", "Cement volume in the disc", kMillilitre},
    {&VertebraMeasurement::leak_canal_ml, "leak_canal_ml", "Cement volume in the spinal canal", kMillilitre},
    {&VertebraMeasurement::leak_foramen_ml, "leak_foramen_ml", "Cement volume in a foramen", kMillilitre},
    {&VertebraMeasurement::leak_vascular_ml, "leak_vascular_ml", "Cement volume in a vessel", kMillilitre},
    {&VertebraMeasurement::needle_tract_ml, "needle_tract_ml", "Cement volume along the needle tract", kMillilitre},
    {&VertebraMeasurement::height_anterior_mm, "height_ant_mm", "Anterior height of the body", kMillimetre},
    {&VertebraMeasurement::height_middle_mm, "height_mid_mm", "Middle height of the body", kMillimetre},
    {&VertebraMeasurement::height_posterior_mm, "height_post_mm", "Posterior height of the body", kMillimetre},
    {&VertebraMeasurement::compression, "compression", "Loss of height against the neighbours", kNoUnit},
};

void add_confidence(std::vector<NumericFinding>& numbers, const char* code, const char* meaning, const imaging::Finding& finding) {
  if (finding.answer != imaging::Answer::not_assessable) numbers.push_back({own_code(code, meaning), finding.confidence, kNoUnit});
}

std::vector<NumericFinding> numbers_of(const VertebraMeasurement& m) {
  std::vector<NumericFinding> numbers;
  for (const auto& row : kNumbers)
    if (const auto& value = m.*row.member) numbers.push_back({own_code(row.code, row.meaning), *value, row.unit});
  numbers.push_back({own_code("confidence", "Confidence in the vertebra and its frame"), m.confidence, kNoUnit});
  add_confidence(numbers, "conf_leakage", "Confidence in the finding on leakage", m.leakage);
  add_confidence(numbers, "conf_midline", "Confidence in the finding on the midline", m.midline_crossed);
  return numbers;
}

void add_finding(std::vector<CodedFinding>& words, const char* code, const char* meaning, const imaging::Finding& finding) {
  const auto name = own_code(code, meaning);
  words.push_back({name, answer_code(finding.answer), ""});
  if (finding.answer != imaging::Answer::not_assessable || finding.reason.empty()) return;
  words.push_back({own_code("not_assessed_why", "Why a finding is not assessable"),
                   {},
                   std::string(meaning) + ": " + report::words_of_code(finding.reason)});
}

void add_word(std::vector<CodedFinding>& words, const char* code, const char* meaning, const std::string& word) {
  if (!word.empty()) words.push_back({own_code(code, meaning), own_code(word, word), ""});
}

std::vector<CodedFinding> words_of(const VertebraMeasurement& m) {
  std::vector<CodedFinding> words;
  add_finding(words, "leakage", "Cement leakage", m.leakage);
  add_finding(words, "leakage_film", "Leakage that a radiograph would show", m.leakage_radiographic);
  add_word(words, "leakage_type", "Type of leakage", to_string(m.leakage_type));
  add_finding(words, "midline_crossed", "Cement crosses the mid-sagittal plane", m.midline_crossed);
  add_word(words, "distribution", "Distribution of the cement", to_string(m.distribution));
  add_word(words, "endplate_contact", "Endplates that the cement touches", m.endplate_contact);
  add_word(words, "texture", "Texture of the cement", m.texture);
  add_word(words, "compress_class", "Class of the compression", m.compression_class);
  words.push_back(
      {own_code("hardware", "Metal in the vertebra"), answer_code(m.hardware ? imaging::Answer::yes : imaging::Answer::no), ""});
  return words;
}

int segment_number(const SegmentFrames& layout, int ordinal, bool is_cement) {
  const auto found = std::find_if(layout.segments.begin(), layout.segments.end(),
                                  [&](const Segment& s) { return s.ordinal == ordinal && s.is_cement == is_cement; });
  return found == layout.segments.end() ? 0 : static_cast<int>(found - layout.segments.begin()) + 1;
}

FindingGroup vertebra_group(const imaging::CtReading& reading, std::size_t treated, const SegmentFrames& layout,
                            const SourceStudy& source) {
  const auto& m = reading.treated[treated].measurement;
  const int ordinal = static_cast<int>(treated) + 1;
  FindingGroup group;
  group.tracking_id = "Vertebra " + vertebra_name(reading, treated);
  group.tracking_uid = tracking_uid(source, {group.tracking_id, m.level, ordinal, false, {}});
  group.finding = own_code("treated_vertebra", "Treated vertebra");
  group.site = level_code(m.level);
  group.segment_number = segment_number(layout, ordinal, false);
  group.numbers = numbers_of(m);
  group.words = words_of(m);
  return group;
}

std::vector<FindingGroup> cement_groups(const imaging::CtReading& reading, const SegmentFrames& layout, const SourceStudy& source) {
  std::vector<FindingGroup> groups;
  for (std::size_t s = 0; s < layout.segments.size(); ++s) {
    const auto& segment = layout.segments[s];
    if (!segment.is_cement) continue;
    const auto& m = reading.treated[static_cast<std::size_t>(segment.ordinal) - 1].measurement;
    const auto volume_ml = report::zone_volume_ml(m, segment.zone);
    if (!volume_ml) continue;
    groups.push_back({segment.label,
                      tracking_uid(source, segment),
                      zone_code(segment.zone),
                      level_code(segment.level),
                      static_cast<int>(s) + 1,
                      {{kVolume, *volume_ml, kMillilitre}},
                      {}});
  }
  return groups;
}

FindingGroup density_group(const imaging::CtReading& reading, const SourceStudy& source) {
  const auto& level = reading.hu_l1_level;
  FindingGroup group;
  group.tracking_id = "Trabecular density " + (level.empty() ? "L1 or nearest" : level);
  group.tracking_uid = uid_from({"tracking", source.series_uid, group.tracking_id});
  group.finding = own_code("trabecular_bone", "Trabecular bone");
  group.site = level_code(level);
  group.numbers = {{{"112031", "DCM", "Attenuation Coefficient"}, *reading.hu_l1, kHounsfield}};
  return group;
}

}  // namespace

std::vector<FindingGroup> finding_groups(const imaging::CtReading& reading, const SegmentFrames& layout, const SourceStudy& source) {
  std::vector<FindingGroup> groups;
  for (std::size_t t = 0; t < reading.treated.size(); ++t) groups.push_back(vertebra_group(reading, t, layout, source));
  const auto cement = cement_groups(reading, layout, source);
  groups.insert(groups.end(), cement.begin(), cement.end());
  if (reading.hu_l1) groups.push_back(density_group(reading, source));
  return groups;
}

std::vector<CodedFinding> overall_findings(const imaging::CtReading& reading) {
  std::vector<CodedFinding> words;
  add_finding(words, "cement_present", "Bone cement in the scan", reading.cement_present);
  return words;
}

std::vector<FindingGroup> film_groups(const std::vector<imaging::VertebraMeasurement>& treated, const SourceStudy& source) {
  std::vector<FindingGroup> groups;
  for (std::size_t i = 0; i < treated.size(); ++i) {
    const auto& m = treated[i];
    const auto name = m.level.empty() ? "V" + std::to_string(i + 1) : m.level;
    FindingGroup group;
    group.tracking_id = "Vertebra " + name + " on radiographs";
    group.tracking_uid = tracking_uid(source, {group.tracking_id, m.level, static_cast<int>(i) + 1, false, {}});
    group.finding = own_code("treated_vertebra", "Treated vertebra");
    group.site = level_code(m.level);
    group.numbers = numbers_of(m);
    group.words = words_of(m);
    group.words.insert(group.words.begin(), {kModality, kRadiography, ""});
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<FindingGroup> mr_groups(const MrFindings& findings, const SourceStudy& source) {
  FindingGroup tissue;
  tissue.tracking_id = "Soft tissue behind the spine";
  tissue.tracking_uid = tracking_uid(source, {tissue.tracking_id, "posterior", 0, false, {}});
  tissue.finding = own_code("soft_tissue", "Soft tissue behind the spine");
  tissue.site = level_code("");
  if (findings.length_mm)
    tissue.numbers.push_back({own_code("st_length_mm", "Length of the soft-tissue injury"), *findings.length_mm, kMillimetre});
  if (findings.area_mm2)
    tissue.numbers.push_back({own_code("st_area_mm2", "Largest area of the soft-tissue injury"), *findings.area_mm2, kSquareMillimetre});
  add_confidence(tissue.numbers, "conf_soft_tissue", "Confidence in the finding on soft tissue", findings.soft_tissue_injury);
  tissue.words.push_back({kModality, kMagneticResonance, ""});
  add_finding(tissue.words, "soft_tissue_inj", "Soft-tissue injury", findings.soft_tissue_injury);
  std::vector<FindingGroup> groups{std::move(tissue)};
  for (const auto& level : findings.acute_levels) {
    FindingGroup group;
    group.tracking_id = "Marrow oedema " + level;
    group.tracking_uid = tracking_uid(source, {group.tracking_id, level, 0, false, {}});
    group.finding = own_code("marrow_oedema", "Marrow oedema");
    group.site = level_code(level);
    group.words = {{kModality, kMagneticResonance, ""},
                   {own_code("marrow_oedema", "Marrow oedema"), answer_code(imaging::Answer::yes), ""}};
    groups.push_back(std::move(group));
  }
  return groups;
}

CodedFinding film_cement_finding(const imaging::Finding& cement_present) {
  return {own_code("cement_on_film", "Bone cement on radiographs"), answer_code(cement_present.answer), ""};
}

std::vector<CodedFinding> marrow_findings(const MrFindings& findings) {
  std::vector<CodedFinding> words;
  add_finding(words, "marrow_oedema", "Marrow oedema of any vertebra", findings.marrow_oedema);
  return words;
}

std::vector<CodedFinding> adjacent_fracture_findings(const imaging::Finding& finding) {
  std::vector<CodedFinding> words;
  add_finding(words, "adjacent_fract", "Fracture of a neighbouring vertebra after surgery", finding);
  return words;
}

}  // namespace cemscope::dicom_out
