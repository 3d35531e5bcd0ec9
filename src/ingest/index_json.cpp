#include <utility>

#include <nlohmann/json.hpp>

#include "src/ingest/export_index.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

constexpr std::pair<SeriesRole, const char*> kRoleNames[] = {{SeriesRole::axial_ct, "axial_ct"},
                                                             {SeriesRole::mpr_ct, "mpr_ct"},
                                                             {SeriesRole::thick_ct, "thick_ct"},
                                                             {SeriesRole::localizer, "localizer"},
                                                             {SeriesRole::dose_report, "dose_report"},
                                                             {SeriesRole::secondary_capture, "secondary_capture"},
                                                             {SeriesRole::derived, "derived"},
                                                             {SeriesRole::ap_film, "ap_film"},
                                                             {SeriesRole::lateral_film, "lateral_film"},
                                                             {SeriesRole::other_film, "other_film"},
                                                             {SeriesRole::mr_t1, "mr_t1"},
                                                             {SeriesRole::mr_t2, "mr_t2"},
                                                             {SeriesRole::mr_t2_fs, "mr_t2_fs"},
                                                             {SeriesRole::mr_stir, "mr_stir"},
                                                             {SeriesRole::mr_other, "mr_other"},
                                                             {SeriesRole::unsupported, "unsupported"},
                                                             {SeriesRole::unreadable, "unreadable"},
                                                             {SeriesRole::other, "other"}};

SeriesRole role_of(const std::string& name) {
  for (const auto& [role, role_name] : kRoleNames) {
    if (name == role_name) return role;
  }
  return SeriesRole::other;
}

// Absent in JSON when empty.
template <typename T>
void put(nlohmann::json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

template <typename T>
void get(const nlohmann::json& json, const char* key, std::optional<T>& value) {
  const auto found = json.find(key);
  value = found == json.end() || found->is_null() ? std::nullopt : std::optional<T>(found->get<T>());
}

template <typename T>
void get(const nlohmann::json& json, const char* key, T& value) {
  json.at(key).get_to(value);
}

nlohmann::json image_to_json(const ImageRef& image) {
  nlohmann::json json{
      {"path", path_to_utf8(image.path)}, {"sop_instance_uid", image.sop_instance_uid}, {"instance_number", image.instance_number}};
  if (image.frame != 0) json["frame"] = image.frame;
  put(json, "position_mm", image.position_mm);
  return json;
}

ImageRef image_from_json(const nlohmann::json& json) {
  ImageRef image;
  image.path = path_from_utf8(json.at("path").get<std::string>());
  image.frame = json.value("frame", 0);
  get(json, "sop_instance_uid", image.sop_instance_uid);
  get(json, "instance_number", image.instance_number);
  get(json, "position_mm", image.position_mm);
  return image;
}

void put_optionals(nlohmann::json& json, const Series& series) {
  put(json, "orientation", series.orientation);
  put(json, "pixel_spacing_mm", series.pixel_spacing_mm);
  put(json, "slice_thickness_mm", series.slice_thickness_mm);
  put(json, "slice_spacing_mm", series.slice_spacing_mm);
  put(json, "echo_time_ms", series.echo_time_ms);
  put(json, "repetition_time_ms", series.repetition_time_ms);
  put(json, "inversion_time_ms", series.inversion_time_ms);
}

void get_optionals(const nlohmann::json& json, Series& series) {
  get(json, "orientation", series.orientation);
  get(json, "pixel_spacing_mm", series.pixel_spacing_mm);
  get(json, "slice_thickness_mm", series.slice_thickness_mm);
  get(json, "slice_spacing_mm", series.slice_spacing_mm);
  get(json, "echo_time_ms", series.echo_time_ms);
  get(json, "repetition_time_ms", series.repetition_time_ms);
  get(json, "inversion_time_ms", series.inversion_time_ms);
}

// The text and number members that are always there, by one list for both directions.
template <typename Self, typename Visit>
void visit_members(Self& s, Visit visit) {
  visit("series_uid", s.series_uid), visit("study_uid", s.study_uid), visit("frame_of_reference_uid", s.frame_of_reference_uid);
  visit("sop_class_uid", s.sop_class_uid), visit("transfer_syntax_uid", s.transfer_syntax_uid), visit("modality", s.modality);
  visit("description", s.description), visit("protocol", s.protocol), visit("body_part", s.body_part), visit("image_type", s.image_type);
  visit("kernel", s.kernel), visit("view_position", s.view_position), visit("manufacturer", s.manufacturer);
  visit("laterality", s.laterality), visit("part", s.part), visit("series_number", s.series_number), visit("rows", s.rows);
  visit("columns", s.columns), visit("bits_allocated", s.bits_allocated), visit("bits_stored", s.bits_stored);
  visit("is_signed", s.is_signed), visit("photometric", s.photometric), visit("scan_options", s.scan_options);
  visit("sequence_name", s.sequence_name), visit("score", s.score), visit("reason", s.reason);
}

}  // namespace

std::string to_string(SeriesRole role) {
  for (const auto& [known, name] : kRoleNames) {
    if (known == role) return name;
  }
  return "other";
}

void to_json(nlohmann::json& json, const Series& series) {
  json = nlohmann::json::object();
  visit_members(series, [&](const char* key, const auto& member) { json[key] = member; });
  put_optionals(json, series);
  json["role"] = to_string(series.role);
  json["images"] = nlohmann::json::array();
  for (const auto& image : series.images) json["images"].push_back(image_to_json(image));
}

void from_json(const nlohmann::json& json, Series& series) {
  series = {};
  visit_members(series, [&](const char* key, auto& member) { get(json, key, member); });
  get_optionals(json, series);
  series.role = role_of(json.at("role").get<std::string>());
  for (const auto& image : json.at("images")) series.images.push_back(image_from_json(image));
}

void to_json(nlohmann::json& json, const Study& study) {
  json = {{"study_uid", study.study_uid},
          {"date", study.date},
          {"time", study.time},
          {"description", study.description},
          {"series", study.series}};
}

void from_json(const nlohmann::json& json, Study& study) {
  get(json, "study_uid", study.study_uid);
  get(json, "date", study.date);
  get(json, "time", study.time);
  get(json, "description", study.description);
  get(json, "series", study.series);
}

void to_json(nlohmann::json& json, const Patient& patient) {
  json = {{"patient_id", patient.patient_id},
          {"patient_name", patient.patient_name},
          {"case_id", patient.case_id},
          {"birth_date", patient.birth_date},
          {"sex", patient.sex},
          {"studies", patient.studies}};
}

void from_json(const nlohmann::json& json, Patient& patient) {
  get(json, "patient_id", patient.patient_id);
  get(json, "patient_name", patient.patient_name);
  get(json, "case_id", patient.case_id);
  get(json, "birth_date", patient.birth_date);
  get(json, "sex", patient.sex);
  get(json, "studies", patient.studies);
}

void to_json(nlohmann::json& json, const Failure& failure) {
  json = {{"code", failure.code},       {"sentence", failure.sentence},    {"path", failure.path}, {"patient_id", failure.patient_id},
          {"case_id", failure.case_id}, {"series_uid", failure.series_uid}};
}

void from_json(const nlohmann::json& json, Failure& failure) {
  get(json, "code", failure.code);
  get(json, "sentence", failure.sentence);
  get(json, "path", failure.path);
  get(json, "patient_id", failure.patient_id);
  get(json, "case_id", failure.case_id);
  get(json, "series_uid", failure.series_uid);
}

}  // namespace cemscope::ingest
