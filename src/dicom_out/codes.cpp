#include "src/dicom_out/codes.h"

#include "src/ingest/vertebra_codes.h"

namespace cemscope::dicom_out {
namespace {

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
  const auto code = ingest::vertebra_code(level);
  if (code.empty()) return {"421060004", "SCT", "Vertebral column"};
  return {code, "SCT", level + " vertebra"};
}

Code zone_code(imaging::CementZone zone) { return own_code(to_string(zone), zone_meaning(zone)); }

Code answer_code(imaging::Answer answer) {
  if (answer == imaging::Answer::yes) return {"373066001", "SCT", "Yes"};
  if (answer == imaging::Answer::no) return {"373067005", "SCT", "No"};
  return own_code("not_assessable", "Not assessable");
}

}  // namespace cemscope::dicom_out
