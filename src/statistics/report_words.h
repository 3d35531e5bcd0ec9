#pragma once

#include <string>

namespace cemscope::statistics {

enum class Language { english, chinese };

/// A sentence or label in the language of the report.
inline const char* say(Language language, const char* english, const char* chinese) {
  return language == Language::chinese ? chinese : english;
}

/// A sentence for the reader in both languages.
struct Note {
  std::string english, chinese;
  [[nodiscard]] const std::string& in(Language language) const { return language == Language::chinese ? chinese : english; }
};

/// "<0.001" or three decimals.
std::string p_words(double p);

/// Text with & < > " as entities.
std::string escaped(const std::string& text);

/// A predictor's label: the contract's name for known columns, else the column.
std::string term_label(const std::string& term, Language language);

}  // namespace cemscope::statistics
