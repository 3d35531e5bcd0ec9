#include "src/ingest/patient_identity.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string_view>

#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

bool is_separator(char c) { return c == '^' || c == ' ' || c == ',' || c == '.' || c == '-' || c == '\''; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// "Zhang^San" and "SAN ZHANG" alike: components in lower case, sorted, joined. Names in other scripts keep their order, which does
// not vary, while the separator between family and given name does.
std::string normal_form(std::string_view group) {
  std::vector<std::string> components(1);
  for (const char c : to_lower(group)) {
    if (is_separator(c))
      components.emplace_back();
    else
      components.back() += c;
  }
  if (is_ascii(group)) std::sort(components.begin(), components.end());
  return std::accumulate(components.begin(), components.end(), std::string());
}

std::vector<std::string> normal_forms(std::string_view name) {
  std::vector<std::string> forms;
  for (const auto group : split_values(name, '=')) {
    auto form = normal_form(group);
    if (!form.empty()) forms.push_back(std::move(form));
  }
  return forms;
}

bool have_common_form(const std::string& a, const std::string& b) {
  const auto forms_a = normal_forms(a), forms_b = normal_forms(b);
  if (forms_a.empty() || forms_b.empty()) return true;
  return std::any_of(forms_a.begin(), forms_a.end(),
                     [&](const auto& form) { return std::find(forms_b.begin(), forms_b.end(), form) != forms_b.end(); });
}

std::string known_sex(const std::string& sex) { return sex == "M" || sex == "F" ? sex : ""; }

bool contradict(const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; }

int n_stated(const Identity& identity) {
  return static_cast<int>(!identity.name.empty()) + static_cast<int>(!identity.birth_date.empty()) +
         static_cast<int>(!known_sex(identity.sex).empty());
}

// The fullest first, so that a bare identity joins a full one and not the other way round.
std::vector<std::size_t> by_completeness(const std::vector<Identity>& identities) {
  std::vector<std::size_t> order(identities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) {
    const auto stated_a = n_stated(identities[a]), stated_b = n_stated(identities[b]);
    return stated_a != stated_b ? stated_a > stated_b : identities[a] < identities[b];
  });
  return order;
}

}  // namespace

bool can_be_same_person(const Identity& a, const Identity& b) {
  if (contradict(a.birth_date, b.birth_date) || contradict(known_sex(a.sex), known_sex(b.sex))) return false;
  if (have_common_form(a.name, b.name)) return true;
  return !a.birth_date.empty() && a.birth_date == b.birth_date && !known_sex(a.sex).empty() && a.sex == b.sex;
}

std::vector<int> assign_people(const std::vector<Identity>& identities) {
  std::vector<int> person(identities.size(), -1);
  std::vector<std::vector<std::size_t>> people;
  for (const auto i : by_completeness(identities)) {
    std::vector<std::size_t> matches;
    for (std::size_t p = 0; p < people.size(); ++p) {
      const auto fits = [&](std::size_t j) { return can_be_same_person(identities[i], identities[j]); };
      if (std::all_of(people[p].begin(), people[p].end(), fits)) matches.push_back(p);
    }
    if (matches.size() != 1) people.emplace_back();
    const auto chosen = matches.size() == 1 ? matches[0] : people.size() - 1;
    people[chosen].push_back(i);
    person[i] = static_cast<int>(chosen);
  }
  return person;
}

}  // namespace cemscope::ingest
