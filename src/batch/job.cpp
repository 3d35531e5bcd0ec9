#include "src/batch/job.h"

#include <set>

#include <nlohmann/json.hpp>

#include "src/batch/program.h"
#include "src/cohort/content_hash.h"
#include "src/cohort/measurement_json.h"
#include "src/ingest/text.h"
#include "src/statistics/model_file.h"

namespace cemscope::batch {
namespace {

using nlohmann::json;

// Workers need values only; meaning and source stay behind.
json definitions_json(const cohort::Definitions& definitions) {
  auto values = json::object();
  for (const auto& [name, definition] : definitions.by_name) values[name] = definition.value;
  return {{"version", definitions.version}, {"hash", definitions.hash}, {"values", values}};
}

cohort::Definitions definitions_of(const json& given) {
  cohort::Definitions definitions{given.at("version"), given.at("hash"), {}};
  for (const auto& [name, value] : given.at("values").items()) definitions.by_name[name].value = value;
  return definitions;
}

json files_json(const std::vector<std::filesystem::path>& files) {
  auto paths = json::array();
  for (const auto& file : files) paths.push_back(ingest::path_to_utf8(file.string()));
  return paths;
}

std::vector<std::filesystem::path> files_of(const json& paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) files.emplace_back(ingest::path_from_utf8(path.get<std::string>()));
  return files;
}

json mask_contents(const Job& job) {
  auto contents = json::array();
  for (const auto& mask : job.masks) contents.push_back({mask.series_uid, mask.content_hash});
  return contents;
}

/// The part of a job that its result depends on.
json content_of(const Job& job) {
  return {{"patient", job.patient},
          {"clinical", job.clinical},
          {"definitions", definitions_json(job.definitions)},
          {"model", statistics::to_model_json(job.model)},
          {"prevalence", job.prevalence},
          {"is_deidentified", job.is_deidentified},
          {"has_secondary_captures", job.has_secondary_captures},
          {"mask_contents", mask_contents(job)}};
}

}  // namespace

void to_json(json& json, const Job& job) {
  json = content_of(job);
  json["export_folder"] = job.export_folder.string();
  json["output_folder"] = job.output_folder.string();
  json["n_threads"] = job.n_threads;
  json["masks"] = json::array();
  for (const auto& mask : job.masks)
    json["masks"].push_back({{"series_uid", mask.series_uid}, {"files", files_json(mask.files)}, {"content_hash", mask.content_hash}});
  json["model_hash"] = job.model.hash;  // of the file as it was loaded; the copy above is written anew
}

void from_json(const json& json, Job& job) {
  job.export_folder = json.at("export_folder").get<std::string>();
  job.output_folder = json.at("output_folder").get<std::string>();
  json.at("n_threads").get_to(job.n_threads);
  json.at("patient").get_to(job.patient);
  json.at("clinical").get_to(job.clinical);
  json.at("prevalence").get_to(job.prevalence);
  for (const auto& mask : json.at("masks"))
    job.masks.push_back({mask.at("series_uid"), files_of(mask.at("files")), mask.at("content_hash")});
  json.at("is_deidentified").get_to(job.is_deidentified);
  json.at("has_secondary_captures").get_to(job.has_secondary_captures);
  job.model = statistics::parse_model(json.at("model"), "job");
  json.at("model_hash").get_to(job.model.hash);
  job.definitions = definitions_of(json.at("definitions"));
}

void to_json(json& json, const Outcome& outcome) {
  json = {{"is_scored", outcome.is_scored},
          {"code", outcome.code},
          {"sentence", outcome.sentence},
          {"is_ct_lost", outcome.is_ct_lost},
          {"content_hash", outcome.content_hash}};
}

void from_json(const json& json, Outcome& outcome) {
  json.at("is_scored").get_to(outcome.is_scored);
  json.at("code").get_to(outcome.code);
  json.at("sentence").get_to(outcome.sentence);
  json.at("is_ct_lost").get_to(outcome.is_ct_lost);
  json.at("content_hash").get_to(outcome.content_hash);
}

std::string hash_files(const std::filesystem::path& export_folder, const ingest::Patient& patient) {
  std::set<std::string> paths;
  for (const auto& study : patient.studies)
    for (const auto& series : study.series)
      for (const auto& image : series.images) paths.insert(image.path);
  cohort::ContentHash hash;
  for (const auto& path : paths) {
    hash.add_text(path);
    hash.add_file(export_folder / path);
  }
  return hash.hex();
}

std::string case_key(const Job& job, const std::string& content_hash, const std::string& build) {
  cohort::ContentHash hash;
  for (const auto& part : {program_version(), build, content_hash, content_of(job).dump()}) hash.add_text(part);
  return hash.hex();
}

}  // namespace cemscope::batch
