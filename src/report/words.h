#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imaging/vertebra_measurement.h"

namespace cemscope::report {

/// How a finding is to be coloured: as expected, calling for attention, or unknown.
enum class Tone { neutral, good, attention, unknown };

/// A finding in words, as pictures and the HTML report print it. Plain UTF-8 text, not escaped.
struct Statement {
  std::string topic;                 ///< "Leakage"
  std::string words;                 ///< "yes: paravertebral 0.51 mL"
  std::optional<double> confidence;  ///< 0-1
  std::string reason;                ///< why it could not be assessed, in words; empty when it was
  Tone tone = Tone::neutral;
};

/// Topic of the statement on leakage.
inline constexpr const char* kLeakageTopic = "Leakage";

/// All findings of a treated vertebra, in reading order: cement, leakage, midline, distribution, fill, endplates and texture, compression,
/// hardware. What was not measured is left out, except yes/no findings, which say "not assessable" and why.
std::vector<Statement> describe_vertebra(const imaging::VertebraMeasurement& measurement);

/// A yes/no finding: the topic with "yes", "no" or "not assessable"; a `yes` calls for attention when `yes_is_good` says so.
enum class YesMeans { good, attention };
Statement describe_finding(const std::string& topic, const imaging::Finding& finding, YesMeans yes_means);

/// A stable code ("metal_hides_wall") as a sentence for people; an unknown code becomes its own words ("metal hides wall");
/// "leakage:metal_hides_wall" names the finding first.
std::string words_of_code(const std::string& code);

/// "paravertebral", "needle tract" ...
std::string words_of_zone(imaging::CementZone zone);

/// "L1", or "Level not named".
std::string words_of_level(const imaging::VertebraMeasurement& measurement);

/// Volume of a zone's cement as measured, mL; empty when not measured. The body's is the total less leaks and needle tract.
std::optional<double> zone_volume_ml(const imaging::VertebraMeasurement& measurement, imaging::CementZone zone);

/// 0.194 -> "19 %"; 0.0053 -> "0.5 %".
std::string percent(double fraction);

}  // namespace cemscope::report
