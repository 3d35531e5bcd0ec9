#include "src/masks/vertebra_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <vector>

#include "src/ingest/text.h"

namespace cemscope::masks {
namespace {

struct Section {
  std::string_view letter, word;
  int before, count;  ///< number of the vertebra before the section's first
};

constexpr Section kSections[] = {{"c", "cervical", 0, 7}, {"th", "thoracic", 7, 13}, {"t", "thoracic", 7, 13}, {"l", "lumbar", 19, 6}};
constexpr std::string_view kWordsOfNoMatter[] = {"vertebra", "vertebrae", "vertebral", "body", "corpus", "bone", "of", "the", "label"};

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> number_in(const Section& section, std::string_view ordinal) {
  const auto n = whole_number(ordinal);
  if (!n || *n < 1 || *n > section.count) return std::nullopt;
  return section.word == "thoracic" && *n == 13 ? kT13 : section.before + *n;
}

/// Lower-case words of letters and digits.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : ingest::to_lower(text)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

}  // namespace

std::optional<int> vertebra_number(std::string_view level) {
  const auto name = ingest::to_lower(level);
  if (name == "s1" || name == "s" || name == "sacrum") return kSacrum;
  for (const auto& section : kSections)
    if (name.starts_with(section.letter))
      if (const auto number = number_in(section, std::string_view(name).substr(section.letter.size()))) return number;
  return std::nullopt;
}

std::optional<int> vertebra_of_text(std::string_view text) {
  auto words = words_of(text);
  std::erase_if(words, [](const auto& word) {
    return std::find(std::begin(kWordsOfNoMatter), std::end(kWordsOfNoMatter), word) != std::end(kWordsOfNoMatter);
  });
  if (words.size() == 1) return vertebra_number(words[0]);
  if (words.size() != 2) return std::nullopt;
  for (const auto& section : kSections)
    if (words[0] == section.word) {
      const auto number = number_in(section, words[1]);
      return number ? number : vertebra_number(words[1]);
    }
  return std::nullopt;
}

}  // namespace cemscope::masks
