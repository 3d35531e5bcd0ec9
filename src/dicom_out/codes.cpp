#include "src/dicom_out/codes.h"

#include <algorithm>

namespace cemscope::dicom_out {
namespace {

struct Level {
  const char *name, *code;
};

// PS3.16, CID 7603.
constexpr Level kLevels[] = {{"C1", "14806007"}, {"C2", "39976000"}, {"C3", "113205007"}, {"C4", "5329002"},   {"C5", "36978003"},
                             {"C6", "36054005"}, {"C7", "87391001"}, {"T1", "64864005"},  {"T2", "53733008"},  {"T3", "1626008"},
                             {"T4", "73071006"}, {"T5", "56401006"}, {"T6", "45296009"},  {"T7", "62487009"},  {"T8", "11068009"},
                             {"T9", "82687006"}, {"T10", "7610001"}, {"T11", "12989004"}, {"T12", "23215003"}, {"L1", "66794005"},
                             {"L2", "14293000"}, {"L3", "36470004"}, {"L4", "11994002"},  {"L5", "49668003"}};

const char* zone_meaning(imaging::CementZone zone) {
  using enum imaging::CementZone;
  switch (zone) {
    case body: return "Cement in the vertebral body";
    case paravertebral: return "Cement outside the anterior or lateral wall";
    case disc: return "Cement in the intervertebral disc";
    case canal: return "Cement in the spinal canal";
    case foramen: return "Cement in an intervertebral foramen";
    case vascular: return "Cement in a vessel";
    case needle_tract: return "Cement along the needle tract";
  }
  return "Cement";
}

}  // namespace

Code own_code(const std::string& value, const std::string& meaning) { return {value, kOwnScheme, meaning}; }

Code level_code(const std::string& level) {
  const auto found = std::find_if(std::begin(kLevels), std::end(kLevels), [&](const Level& known) { return level == known.name; });
  if (found == std::end(kLevels)) return {"421060004", "SCT", "Vertebral column"};
  return {found->code, "SCT", level + " vertebra"};
}

Code zone_code(imaging::CementZone zone) { return own_code(to_string(zone), zone_meaning(zone)); }

Code answer_code(imaging::Answer answer) {
  if (answer == imaging::Answer::yes) return {"373066001", "SCT", "Yes"};
  if (answer == imaging::Answer::no) return {"373067005", "SCT", "No"};
  return own_code("not_assessable", "Not assessable");
}

}  // namespace cemscope::dicom_out
