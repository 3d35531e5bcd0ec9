#include "src/ingest/character_set.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcspchrs.h>

#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

constexpr char kEscape = '\x1B';

bool is_plain_ascii(std::string_view bytes) {
  return std::none_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c == kEscape; });
}

// Spellings met in the field that the standard does not know.
std::string standard_name(std::string_view character_set) {
  std::string name(character_set);
  for (auto& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (name == "UTF-8" || name == "UTF8" || name == "ISO_IR192" || name == "ISO IR 192" || name == "ISO-IR 192") return "ISO_IR 192";
  if (name == "GB2312" || name == "GB_2312-80" || name == "CP936" || name == "ISO_IR 58") return "GB18030";
  if (name == "ISO-8859-1" || name == "ISO_IR100" || name == "ISO IR 100") return "ISO_IR 100";
  return name;
}

// One converter per character set and thread; opening the tables costs more than a conversion.
DcmSpecificCharacterSet* converter_for(const std::string& character_set) {
  thread_local std::map<std::string, std::unique_ptr<DcmSpecificCharacterSet>> converters;
  if (converters.size() > 64) converters.clear();
  auto [entry, is_new] = converters.try_emplace(character_set);
  if (is_new) {
    auto converter = std::make_unique<DcmSpecificCharacterSet>();
    if (converter->selectCharacterSet(character_set.c_str()).good()) entry->second = std::move(converter);
  }
  return entry->second.get();
}

std::optional<std::string> converted(std::string_view bytes, const std::string& character_set) {
  auto* converter = converter_for(character_set);
  if (converter == nullptr) return std::nullopt;
  OFString utf8;
  if (converter->convertString(bytes.data(), bytes.size(), utf8, "\\^=").bad()) return std::nullopt;
  return std::string(utf8.c_str(), utf8.size());
}

// GB2312 text has both bytes of a character beyond ASCII; Latin text rarely has two such bytes in a row everywhere.
bool comes_in_pairs(std::string_view bytes) {
  std::size_t run = 0;
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) >= 0x80)
      ++run;
    else if (run % 2 != 0)
      return false;
    else
      run = 0;
  }
  return run % 2 == 0;
}

std::string decode_undeclared(std::string_view bytes) {
  if (!is_utf8(bytes) && comes_in_pairs(bytes)) {
    if (const auto text = converted(bytes, "GB18030")) return *text;
  }
  return std::string(bytes);
}

}  // namespace

std::string decode_text(std::string_view bytes, std::string_view character_set) {
  if (is_plain_ascii(bytes)) return replace_ill_formed(bytes);
  const auto name = standard_name(trimmed(character_set));
  if (name.empty() || name == "ISO_IR 6") return replace_ill_formed(decode_undeclared(bytes));
  if (const auto text = converted(bytes, name)) return replace_ill_formed(*text);
  return replace_ill_formed(bytes);
}

}  // namespace cemscope::ingest
