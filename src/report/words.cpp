#include "src/report/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace cemscope::report {
namespace {

using imaging::Answer;
using imaging::CementZone;
using imaging::VertebraMeasurement;

/// Sentences for the codes that need more than their own words.
const std::map<std::string, std::string>& sentences() {
  static const std::map<std::string, std::string> kSentences{
      {"no_spine_found", "no spine was found in the scan"},
      {"values_clipped_below_cement", "the scan's values are clipped below the density of cement"},
      {"dense_material_off_the_bodies", "something as dense as cement lies where no vertebral body was found"},
      {"metal_hides_cement", "metal hides part of the cement"},
      {"metal_hides_wall", "metal hides the wall of the body"},
      {"cement_at_face_of_body", "cement comes so close to a face of the body that a small leak cannot be ruled out"},
      {"hardware_touches_cement", "metal touches the cement"},
      {"cement_saturated", "much of the cement is above the highest density that the scan can express"},
      {"thick_slices", "the slices are thick; small leaks may be missed"},
      {"body_cut_by_scan_end", "the end of the scan cuts the body"},
      {"treated_levels_disagree", "the clinical table names another number of treated levels than the scan shows"},
      {"treated_levels_differ_from_count", "the clinical table's level is another than the one counted from the sacrum or the last ribs"},
      {"cement_of_earlier_operation",
       "the clinical table does not name this level: cement of an earlier operation, left out of the patient's findings"},
      {"level_count_ambiguous", "counting from the sacrum and from the last ribs gives different levels"},
      {"treated_level_not_found", "not every treated level was found in the scan"},
      {"no_treated_vertebra_found", "no treated vertebra was found"},
      {"no_cement_found", "no cement was found"},
      {"no_cement_found_on_films", "no cement was found on the films"},
      {"hardware_covers_body", "metal covers the body"},
      {"body_outline_unclear", "the outline of the body is not clear enough"},
      {"no_ap_film", "there is no AP film"},
      {"cement_cut_by_film_edge", "the AP film's edge cuts the deposit"},
      {"not_seen_on_ap_film", "the deposit is not seen on the AP film"},
      {"film_rotated", "the film's landmarks of the midline disagree: the patient was turned"},
      {"heights_of_outline", "heights on the film are those of the body's outline: of a concave endplate it shows the rims"},
      {"heights_in_detector_mm", "heights are mm on the detector, larger than the body"},
      {"film_spacing_unknown", "the film's scale is not stated; it was guessed from its size"},
      {"film_tones_inverted_by_content", "the film's tones contradict its tags and were turned over"},
      {"no_cement_in_body", "no cement lies in the body"},
      {"missing_slices_resampled", "missing slices were interpolated"},
      {"uneven_slices_resampled", "unevenly spaced slices were resampled"},
      {"gantry_tilt_sheared", "the gantry tilt was corrected"},
      {"duplicate_slices_dropped", "duplicate slices were left out"},
      {"slice_gap_longest_run_kept", "slices are missing; the longest run without a gap was kept"},
      {"slice_offsets_aligned", "slices that were shifted sideways were aligned"},
      {"sign_reinterpreted", "the sign of the stored values was corrected"},
      {"no_postoperative_ct", "there is no usable post-operative CT"},
      {"ct_unreadable", "the CT could not be read"},
      {"ct_reading_failed", "the CT could not be measured"},
      {"mask_refused", "the mask given for this CT could not be used; failures.csv says why"},
      {"no_clinical_row", "the clinical table has no row for this patient"},
      {"surgery_date_inferred", "the date of surgery was inferred from the studies"},
      {"input_outside_model_range", "an input lies outside the range that the model was built on"},
      {"risk_not_computed", "no risk could be computed"},
      {"no_mr", "there is no MR"},
      {"no_fat_suppressed_mr", "there is no sagittal MR with suppressed fat"},
      {"mr_unreadable", "the MR could not be read"},
      {"fat_not_suppressed", "fat is not suppressed in the picture"},
      {"no_bright_fluid", "fluid is not bright in the picture"},
      {"muscle_not_found", "no muscle to compare with was found"},
      {"canal_unclear", "what was taken for the canal may be something else"},
      {"fluid_beside_fascia_side_unclear", "fluid touches the fascia, and its side cannot be told"},
      {"mr_fat_suppression_failed_in_part", "fat is not suppressed in a part of the MR; that part was left out"},
      {"mr_motion_ghosts", "ghosts of motion lie behind the back on the MR"},
      {"mr_wrapped_in", "an end of the body folds into the MR's field"},
      {"mr_metal", "metal in the spine displaces signal on the MR; the bodies that hold it were left out"},
      {"mr_may_be_ghost_of_canal", "what looks like an injury may be a ghost of the pulsing canal"},
      {"no_acute_body", "no body with marrow oedema"},
      {"mr_older_than_six_weeks", "the MR was made more than six weeks before surgery"},
      {"soft_tissue_read_on_postoperative_mr", "soft tissue was read on an MR made after surgery"},
      {"mr_weighting_by_picture_only", "the MR's tags do not state its weighting; the picture was judged"},
      {"acute_levels_not_named", "levels with marrow oedema could not be named"},
      {"one_time_point", "there is no examination at a second time to compare with"},
      {"levels_not_matched", "the levels of the two examinations could not be matched"},
      {"adjacent_level_not_in_view", "a level next to a treated one is not wholly in view at both times"},
      {"heights_implausible", "heights at the two times cannot belong to the same bodies; one of them was misread"},
      {"followup_unreadable", "the follow-up could not be read"},
      {"heights_unsure", "what the films show of a neighbouring body is not clear enough to call it intact"},
      {"soft_tissue_injury", "soft-tissue injury"},
      {"leakage_radiographic", "leakage (radiograph grade)"},
  };
  return kSentences;
}

/// Number and unit stay on one line.
std::string ml(double value) { return fmt::format("{:.2f}\u00a0mL", value); }

std::string join(const std::vector<std::string>& parts, const char* between) { return fmt::format("{}", fmt::join(parts, between)); }

Statement describe_cement(const VertebraMeasurement& m) {
  std::vector<std::string> others;
  if (m.cement_half_max_ml) others.push_back(fmt::format("half-maximum\u00a0{:.2f}", *m.cement_half_max_ml));
  if (m.cement_600_ml) others.push_back(fmt::format(">\u00a0600\u00a0HU\u00a0{:.2f}", *m.cement_600_ml));
  if (m.cement_1000_ml) others.push_back(fmt::format(">\u00a01000\u00a0HU\u00a0{:.2f}", *m.cement_1000_ml));
  std::string words = ml(*m.cement_ml);
  if (!others.empty()) words += fmt::format(" ({})", join(others, ", "));
  return {"Cement", words, std::nullopt, "", Tone::neutral};
}

std::string leak_list(const VertebraMeasurement& m) {
  std::vector<std::string> parts;
  for (int z = 2; z <= 6; ++z) {
    const auto volume = zone_volume_ml(m, static_cast<CementZone>(z));
    if (volume && *volume > 0.0) parts.push_back(fmt::format("{} {}", words_of_zone(static_cast<CementZone>(z)), ml(*volume)));
  }
  return join(parts, ", ");
}

/// Where films show a leak; they measure no volumes.
std::string words_of_type(imaging::LeakageType type) {
  switch (type) {
    case imaging::LeakageType::paravertebral: return "beside the body";
    case imaging::LeakageType::other: return "disc or canal";
    case imaging::LeakageType::both: return "beside the body, and disc or canal";
    default: return "";
  }
}

Statement describe_leakage(const VertebraMeasurement& m) {
  Statement statement = describe_finding(kLeakageTopic, m.leakage, YesMeans::attention);
  const std::string volumes = leak_list(m);
  const bool has_volumes = m.cement_ml || !volumes.empty();
  const std::string zones = has_volumes ? volumes : words_of_type(m.leakage_type);
  if (m.leakage.answer == Answer::yes && !zones.empty()) statement.words += ": " + zones;
  if (m.leakage.answer == Answer::yes && has_volumes && m.leakage_radiographic.answer != Answer::not_assessable) {
    statement.words += m.leakage_radiographic.answer == Answer::yes ? "; large enough for a radiograph" : "; too small for a radiograph";
  }
  if (m.needle_tract_ml && *m.needle_tract_ml >= 0.005)
    statement.words += fmt::format("; needle tract {} (no leak)", ml(*m.needle_tract_ml));
  return statement;
}

Statement describe_midline(const VertebraMeasurement& m) {
  Statement statement = describe_finding("Midline", m.midline_crossed, YesMeans::good);
  if (m.midline_crossed.answer == Answer::yes) statement.words = "crossed";
  if (m.midline_crossed.answer == Answer::no) statement.words = "not crossed";
  if (m.minor_side_fraction) statement.words += fmt::format("; smaller side {}", percent(*m.minor_side_fraction));
  if (m.left_ml && m.right_ml) statement.words += fmt::format(" (left {:.2f}, right {})", *m.left_ml, ml(*m.right_ml));
  return statement;
}

std::string band_words(const std::string& source) {
  static const std::map<std::string, std::string> kBands{{"collapsed_upper", "collapsed upper third"},
                                                         {"collapsed_lower", "collapsed lower third"},
                                                         {"upper_third", "upper third, no collapse seen"},
                                                         {"preop_mr", "pre-operative MR"},
                                                         {"preop_ct", "pre-operative CT"}};
  const auto found = kBands.find(source);
  return found == kBands.end() ? words_of_code(source) : found->second;
}

Statement describe_distribution(const VertebraMeasurement& m) {
  const bool is_known = m.distribution != imaging::Distribution::not_assessable;
  const bool is_good = m.distribution == imaging::Distribution::satisfactory;
  Statement statement{"Distribution",
                      is_good    ? "satisfactory"
                      : is_known ? "unsatisfactory"
                                 : "not assessable",
                      m.distribution_confidence, "",
                      is_good    ? Tone::good
                      : is_known ? Tone::attention
                                 : Tone::unknown};
  if (!is_known) statement.reason = words_of_code(m.distribution_reason);
  if (!is_known) statement.confidence.reset();
  if (m.band_evenness) statement.words += fmt::format("; evenness {:.2f}", *m.band_evenness);
  if (m.band_fill) statement.words += fmt::format(", fracture band filled {}", percent(*m.band_fill));
  if (!m.band_source.empty()) statement.words += fmt::format(" (band: {})", band_words(m.band_source));
  return statement;
}

/// What examinations before surgery say of the fracture band.
Statement describe_band(const VertebraMeasurement& m) {
  const bool is_carried = m.band_source == "preop_mr" || m.band_source == "preop_ct";
  return {"Fracture band", is_carried ? fmt::format("{}: {}", band_words(m.band_source), m.band_detail) : m.band_detail, std::nullopt, "",
          Tone::neutral};
}

Statement describe_fill(const VertebraMeasurement& m) {
  const bool is_low = *m.fill < 0.20;  // below it residual pain is more frequent (DEFINITIONS: fill)
  std::string words = percent(*m.fill) + " of the body";
  if (m.body_ml) words += fmt::format(" ({:.1f}\u00a0mL)", *m.body_ml);
  return {"Fill", words + (is_low ? "; below 20\u00a0%" : ""), std::nullopt, "", is_low ? Tone::attention : Tone::neutral};
}

Statement describe_texture(const VertebraMeasurement& m) {
  std::vector<std::string> parts;
  if (m.endplate_contact == "none") parts.emplace_back("no endplate reached");
  if (m.endplate_contact == "both") parts.emplace_back("both endplates reached");
  if (m.endplate_contact == "upper" || m.endplate_contact == "lower") parts.push_back(m.endplate_contact + " endplate reached");
  if (!m.texture.empty()) parts.push_back(m.texture + " texture");
  return {"Contact", join(parts, ", "), std::nullopt, "", Tone::neutral};
}

Statement describe_compression(const VertebraMeasurement& m) {
  std::vector<std::string> parts;
  if (m.compression)
    parts.push_back(percent(*m.compression) + (m.compression_class.empty() ? "" : fmt::format(" ({})", m.compression_class)));
  if (m.height_anterior_mm && m.height_middle_mm && m.height_posterior_mm) {
    parts.push_back(fmt::format("heights front {:.1f}, middle {:.1f}, back {:.1f}\u00a0mm", *m.height_anterior_mm, *m.height_middle_mm,
                                *m.height_posterior_mm));
  }
  return {"Compression", join(parts, "; "), std::nullopt, "", Tone::neutral};
}

}  // namespace

std::vector<Statement> describe_vertebra(const VertebraMeasurement& m) {
  std::vector<Statement> statements;
  if (m.cement_ml) statements.push_back(describe_cement(m));
  statements.push_back(describe_leakage(m));
  statements.push_back(describe_midline(m));
  statements.push_back(describe_distribution(m));
  if (!m.band_detail.empty()) statements.push_back(describe_band(m));
  if (m.fill) statements.push_back(describe_fill(m));
  statements.push_back(describe_texture(m));
  statements.push_back(describe_compression(m));
  if (m.hardware) statements.push_back({"Hardware", "metal beside the cement", std::nullopt, "", Tone::attention});
  std::erase_if(statements, [](const Statement& s) { return s.words.empty(); });
  return statements;
}

Statement describe_finding(const std::string& topic, const imaging::Finding& finding, YesMeans yes_means) {
  if (finding.answer == Answer::not_assessable)
    return {topic, "not assessable", std::nullopt, words_of_code(finding.reason), Tone::unknown};
  const bool is_good = (finding.answer == Answer::yes) == (yes_means == YesMeans::good);
  return {topic, imaging::to_string(finding.answer), finding.confidence, "", is_good ? Tone::good : Tone::attention};
}

std::string words_of_code(const std::string& code) {
  const auto colon = code.find(':');
  if (colon != std::string::npos) return words_of_code(code.substr(0, colon)) + ": " + words_of_code(code.substr(colon + 1));
  const auto found = sentences().find(code);
  if (found != sentences().end()) return found->second;
  std::string words = code;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string words_of_zone(CementZone zone) {
  switch (zone) {
    case CementZone::body: return "body";
    case CementZone::paravertebral: return "paravertebral";
    case CementZone::disc: return "disc";
    case CementZone::canal: return "canal";
    case CementZone::foramen: return "foramen";
    case CementZone::vascular: return "vascular";
    case CementZone::needle_tract: return "needle tract";
  }
  return "cement";
}

std::string words_of_level(const VertebraMeasurement& m) { return m.level.empty() ? "Level not named" : m.level; }

std::optional<double> zone_volume_ml(const VertebraMeasurement& m, CementZone zone) {
  switch (zone) {
    case CementZone::paravertebral: return m.leak_paravertebral_ml;
    case CementZone::disc: return m.leak_disc_ml;
    case CementZone::canal: return m.leak_canal_ml;
    case CementZone::foramen: return m.leak_foramen_ml;
    case CementZone::vascular: return m.leak_vascular_ml;
    case CementZone::needle_tract: return m.needle_tract_ml;
    case CementZone::body: break;
  }
  if (m.left_ml && m.right_ml) return *m.left_ml + *m.right_ml;
  if (!m.cement_ml) return std::nullopt;
  return std::max(0.0, *m.cement_ml - m.leak_ml.value_or(0.0) - m.needle_tract_ml.value_or(0.0));
}

std::string percent(double fraction) {
  const double value = 100.0 * fraction;
  return value != 0.0 && value < 9.95 ? fmt::format("{:.1f}\u00a0%", value) : fmt::format("{:.0f}\u00a0%", value);
}

}  // namespace cemscope::report
