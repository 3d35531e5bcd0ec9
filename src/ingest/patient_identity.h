#pragma once

#include <string>
#include <vector>

namespace cemscope::ingest {

/// Who a study says its patient is. Texts as in DICOM, UTF-8.
struct Identity {
  std::string name, birth_date, sex;
  auto operator<=>(const Identity&) const = default;
};

/// Whether the two can be the same person: what both state must agree. Names agree when any component group (alphabetic,
/// ideographic, phonetic) does, regardless of case, order and separators; a different spelling is forgiven when birth date and sex agree.
bool can_be_same_person(const Identity& a, const Identity& b);

/// The people behind the distinct identities found under one PatientID: for each of `identities` the number of its person. An identity
/// that could belong to several people is kept apart. Does not depend on the order of `identities`.
std::vector<int> assign_people(const std::vector<Identity>& identities);

}  // namespace cemscope::ingest
