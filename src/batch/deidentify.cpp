#include "src/batch/deidentify.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <cstdint>

#include <fmt/format.h>
#include <boost/multiprecision/cpp_int.hpp>

#include "imaging/error.h"
#include "src/batch/job.h"
#include "src/cohort/clinical_table.h"
#include "src/ingest/series_role.h"
#include "src/report/atomic_file.h"

namespace cemscope::batch {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kDigits = 12;  // 48 bits: a chance of 1e-6 that any two of 20,000 patients share one
constexpr int kMaxShiftDays = 5 * 365;

std::string hex_of(const std::string& bytes) {
  std::string hex;
  for (const unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::uint64_t number_of(const std::string& digest) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(digest[i]);
  return number;
}

std::string moved_back(const std::string& iso, int days) {
  using namespace std::chrono;
  const auto day = sys_days{year(std::stoi(iso.substr(0, 4))) / std::stoi(iso.substr(5, 2)) / std::stoi(iso.substr(8, 2))};
  const year_month_day moved{day - std::chrono::days(days)};
  return fmt::format("{:04}-{:02}-{:02}", int(moved.year()), unsigned(moved.month()), unsigned(moved.day()));
}

std::string random_key() {
  std::string key(kKeyBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1)
    throw Error(ErrorKind::unreadable, "the system gives no random numbers for --deidentify");
  return key;
}

ingest::Series deidentified_series(ingest::Series series, const Pseudonymizer& pseudonymizer) {
  const bool is_film_by_reason = ingest::may_be_film(series);  // a fixed sentence, by which the film is still found
  for (auto* uid : {&series.series_uid, &series.study_uid, &series.frame_of_reference_uid}) *uid = pseudonymizer.uid(*uid);
  for (auto* text : {&series.description, &series.protocol}) text->clear();
  for (auto& image : series.images) image.sop_instance_uid = pseudonymizer.uid(image.sop_instance_uid);
  if (!is_film_by_reason) series.reason = ingest::to_string(series.role);
  return series;
}

}  // namespace

Pseudonymizer::Pseudonymizer(std::string key) : key_(std::move(key)) {}

std::string Pseudonymizer::digest(const std::string& kind, const std::string& text) const {
  const auto message = kind + '\n' + text;
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(message.data()), message.size(),
       bytes.data(), &size);
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string Pseudonymizer::patient(const std::string& case_id) const {
  return fmt::format("P{:.{}}", hex_of(digest("patient", case_id)), kDigits);
}

std::string Pseudonymizer::uid(const std::string& uid) const {
  if (uid.empty()) return {};
  boost::multiprecision::uint128_t number = 0;
  for (const unsigned char byte : digest("uid", uid).substr(0, 16)) number = number << 8 | byte;
  return fmt::format("2.25.{}", number.str());
}

std::string Pseudonymizer::path(const std::string& path) const {
  return path.empty() ? std::string{} : fmt::format("file-{:.{}}", hex_of(digest("path", path)), kDigits);
}

std::string Pseudonymizer::date(const std::string& date, const std::string& case_id) const {
  const auto iso = cohort::iso_date(date);
  if (!iso) return {};
  auto moved = moved_back(*iso, 1 + static_cast<int>(number_of(digest("date", case_id)) % kMaxShiftDays));
  if (date.find('-') == date.npos) std::erase(moved, '-');
  return moved;
}

Pseudonymizer open_pseudonymizer(const std::filesystem::path& key_file) {
  if (!std::filesystem::exists(key_file)) {
    report::write_file(key_file, random_key(), report::Durability::durable);
    ::chmod(key_file.c_str(), S_IRUSR | S_IWUSR);
  }
  auto key = report::read_file(key_file);
  if (key.size() != kKeyBytes)
    throw Error(ErrorKind::usage, "deidentify.key in the output folder is damaged; without it no run can be continued");
  return Pseudonymizer(std::move(key));
}

ingest::Patient deidentified(const ingest::Patient& patient, const Pseudonymizer& pseudonymizer) {
  ingest::Patient result;
  result.patient_id = result.case_id = pseudonymizer.patient(patient.case_id);
  result.sex = patient.sex;
  for (auto study : patient.studies) {
    study.study_uid = pseudonymizer.uid(study.study_uid);
    study.date = pseudonymizer.date(study.date, patient.case_id);
    study.time.clear();
    study.description.clear();
    for (auto& series : study.series) series = deidentified_series(std::move(series), pseudonymizer);
    result.studies.push_back(std::move(study));
  }
  return result;
}

cohort::ClinicalRow deidentified(const cohort::ClinicalRow& row, const std::string& case_id, const Pseudonymizer& pseudonymizer) {
  auto result = row;
  result.patient_id = pseudonymizer.patient(case_id);
  result.surgery_date = pseudonymizer.date(row.surgery_date, case_id);
  result.covariates.clear();
  return result;
}

ingest::Failure deidentified(const ingest::Failure& failure, const Pseudonymizer& pseudonymizer) {
  auto result = failure;
  result.path = pseudonymizer.path(failure.path);
  const auto& who = failure.case_id.empty() ? failure.patient_id : failure.case_id;
  result.patient_id = result.case_id = who.empty() ? std::string{} : pseudonymizer.patient(who);
  result.series_uid = pseudonymizer.uid(failure.series_uid);
  result.sentence = kDetailsLeftOut;
  return result;
}

}  // namespace cemscope::batch
