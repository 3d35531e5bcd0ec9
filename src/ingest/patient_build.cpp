#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "src/ingest/case_id.h"
#include "src/ingest/patient_identity.h"
#include "src/ingest/series_build.h"
#include "src/ingest/series_role.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

using Headers = std::vector<const FileHeader*>;

/// The files of one person.
struct Person {
  std::string patient_id, distinction;  ///< distinction: set when the PatientID alone does not say who it is
  Headers headers;                      ///< by path
};

struct PersonResult {
  Patient patient;
  std::vector<Failure> failures;
};

Identity identity_of(const FileHeader& header) {
  return {std::string(header.text(HeaderTag::PatientName)), std::string(header.text(HeaderTag::PatientBirthDate)),
          std::string(header.text(HeaderTag::PatientSex))};
}

// Whether two headers state the same identity, told by the pooled texts alone.
std::tuple<std::uint32_t, std::uint32_t, std::uint32_t> identity_ids(const FileHeader& header) {
  return {header.id(HeaderTag::PatientName), header.id(HeaderTag::PatientBirthDate), header.id(HeaderTag::PatientSex)};
}

std::string distinction_of(const Headers& headers) {
  const auto fullest = std::max_element(headers.begin(), headers.end(), [](auto* a, auto* b) { return identity_of(*a) < identity_of(*b); });
  const auto identity = identity_of(**fullest);
  return identity.name + '\0' + identity.birth_date + '\0' + identity.sex;
}

// The people under one PatientID.
std::vector<Person> people_of(const std::string& patient_id, const Headers& headers) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::size_t> number_of;
  std::vector<Identity> identities;
  for (const auto* header : headers) {
    if (number_of.try_emplace(identity_ids(*header), identities.size()).second) identities.push_back(identity_of(*header));
  }
  const auto person_of = assign_people(identities);
  std::map<int, Headers> grouped;
  for (const auto* header : headers) grouped[person_of[number_of.at(identity_ids(*header))]].push_back(header);
  std::vector<Person> people;
  for (auto& [number, files] : grouped) people.push_back({patient_id, grouped.size() > 1 ? distinction_of(files) : "", std::move(files)});
  return people;
}

std::vector<Person> people_without_id(const Headers& headers) {
  std::map<std::string_view, Headers> by_study;
  for (const auto* header : headers) by_study[header->text(HeaderTag::StudyInstanceUID)].push_back(header);
  std::vector<Person> people;
  for (auto& [uid, files] : by_study) people.push_back({"", "study " + std::string(uid), std::move(files)});
  return people;
}

std::string case_id_of(const Person& person) {
  if (person.patient_id.empty()) return distinguished_file_name("no-id", person.distinction);
  return person.distinction.empty() ? safe_file_name(person.patient_id) : distinguished_file_name(person.patient_id, person.distinction);
}

// The first value that any file states.
std::string stated(const Headers& headers, HeaderTag tag) {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](auto* header) { return !header->text(tag).empty(); });
  return found == headers.end() ? std::string() : std::string((*found)->text(tag));
}

// The first `n` characters when they are all digits, else nothing: a damaged date or time is none.
std::string leading_digits(const std::string& text, std::size_t n) {
  const auto digits = text.substr(0, n);
  return std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }) ? digits : std::string();
}

void sort_series(std::vector<Series>& series) {
  std::sort(series.begin(), series.end(), [](const Series& a, const Series& b) {
    return std::tie(a.series_number, a.series_uid, a.part) < std::tie(b.series_number, b.series_uid, b.part);
  });
}

Study build_study(const Headers& headers, std::vector<Failure>& failures) {
  Study study;
  study.study_uid = headers.front()->text(HeaderTag::StudyInstanceUID);
  study.date = stated(headers, HeaderTag::StudyDate);
  if (study.date.empty()) study.date = stated(headers, HeaderTag::AcquisitionDate);
  study.date = leading_digits(study.date, 8);
  study.time = leading_digits(stated(headers, HeaderTag::StudyTime), 6);
  study.description = stated(headers, HeaderTag::StudyDescription);
  std::map<std::string_view, Headers> by_series;
  for (const auto* header : headers) by_series[header->text(HeaderTag::SeriesInstanceUID)].push_back(header);
  for (const auto& [uid, files] : by_series) {
    auto built = build_series(files);
    std::move(built.series.begin(), built.series.end(), std::back_inserter(study.series));
    std::move(built.failures.begin(), built.failures.end(), std::back_inserter(failures));
  }
  sort_series(study.series);
  study.series = with_ct_scores(std::move(study.series));
  return study;
}

std::vector<Failure> identity_failures(const Person& person) {
  if (person.distinction.empty()) return {};
  if (person.patient_id.empty()) {
    return {{"missing_patient_id", "no PatientID (0010,0020): the study stands as a case of its own", "", "", "", ""}};
  }
  return {{"patient_id_conflict",
           "files with this PatientID (0010,0020) name people of different name, birth date or sex; each is kept as a case of its own", "",
           "", "", ""}};
}

PersonResult build_person(const Person& person) {
  PersonResult result{{}, identity_failures(person)};
  auto& patient = result.patient;
  patient.patient_id = person.patient_id;
  patient.patient_name = stated(person.headers, HeaderTag::PatientName);
  patient.birth_date = stated(person.headers, HeaderTag::PatientBirthDate);
  patient.sex = stated(person.headers, HeaderTag::PatientSex);
  patient.case_id = case_id_of(person);
  std::map<std::string_view, Headers> by_study;
  for (const auto* header : person.headers) by_study[header->text(HeaderTag::StudyInstanceUID)].push_back(header);
  for (const auto& [uid, files] : by_study) patient.studies.push_back(build_study(files, result.failures));
  std::sort(patient.studies.begin(), patient.studies.end(),
            [](const Study& a, const Study& b) { return std::tie(a.date, a.time, a.study_uid) < std::tie(b.date, b.time, b.study_uid); });
  return result;
}

// A file cut off before its study is named belongs to nobody.
bool can_be_placed(const FileHeader& header) {
  return header.kind == FileKind::dicom && (header.is_usable() || !header.text(HeaderTag::StudyInstanceUID).empty());
}

std::vector<Person> all_people(const std::vector<FileHeader>& headers) {
  std::map<std::string_view, Headers> by_id;
  for (const auto& header : headers) {
    if (can_be_placed(header)) by_id[header.text(HeaderTag::PatientID)].push_back(&header);
  }
  std::vector<Person> people;
  for (const auto& [id, files] : by_id) {
    auto found = id.empty() ? people_without_id(files) : people_of(std::string(id), files);
    std::move(found.begin(), found.end(), std::back_inserter(people));
  }
  return people;
}

// Two case ids that differ by upper and lower case alone would share a folder on some file systems.
void make_unique(std::vector<PersonResult>& results) {
  std::set<std::string> taken;
  for (auto& result : results) {
    auto& id = result.patient.case_id;
    for (int n = 2; !taken.insert(to_lower(id)).second; ++n) id = distinguished_file_name(id, std::to_string(n));
  }
}

}  // namespace

BuiltIndex build_patients(const std::vector<FileHeader>& headers) {
  std::vector<PersonResult> results;
  for (const auto& person : all_people(headers)) results.push_back(build_person(person));
  make_unique(results);
  BuiltIndex index;
  for (auto& [patient, failures] : results) {
    for (auto& failure : failures) {
      failure.patient_id = patient.patient_id;
      failure.case_id = patient.case_id;
      index.failures.push_back(std::move(failure));
    }
    index.patients.push_back(std::move(patient));
  }
  std::sort(index.patients.begin(), index.patients.end(), [](const auto& a, const auto& b) { return a.case_id < b.case_id; });
  return index;
}

}  // namespace cemscope::ingest
