#include "src/ingest/character_set.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/ofstd/ofchrenc.h>

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

bool is_japanese(const std::string& character_set) {
  return character_set.find("IR 13") != std::string::npos || character_set.find("IR 87") != std::string::npos ||
         character_set.find("IR 159") != std::string::npos;
}

// The C library knows the Japanese sets only as parts of EUC-JP, where DCMTK does not look for them. Escape sequences: PS3.3 table C.12-3.
class EucJpWriter {
 public:
  std::string write(std::string_view bytes) {
    while (!bytes.empty()) {
      if (const auto n = take_escape(bytes))
        bytes.remove_prefix(n);
      else
        bytes.remove_prefix(put_character(bytes));
    }
    return std::move(euc_);
  }

 private:
  enum class G0 { single, jis_x_0208, jis_x_0212 };

  std::size_t take_escape(std::string_view bytes) {
    if (bytes[0] != kEscape) return 0;
    if (bytes.starts_with("\x1B$(D")) return set(G0::jis_x_0212, 4);
    if (bytes.starts_with("\x1B$B") || bytes.starts_with("\x1B$@")) return set(G0::jis_x_0208, 3);
    if (bytes.starts_with("\x1B(B") || bytes.starts_with("\x1B(J")) return set(G0::single, 3);
    return bytes.starts_with("\x1B)I") ? 3 : 0;  // half-width katakana in the upper half, as always
  }

  std::size_t set(G0 mode, std::size_t length) {
    mode_ = mode;
    return length;
  }

  std::size_t put_character(std::string_view bytes) {
    const bool is_upper = static_cast<unsigned char>(bytes[0]) >= 0x80;
    if (is_upper || mode_ == G0::single || bytes.size() < 2) {
      if (is_upper) euc_ += '\x8E';
      euc_ += bytes[0];
      return 1;
    }
    if (mode_ == G0::jis_x_0212) euc_ += '\x8F';
    for (const char c : bytes.substr(0, 2)) euc_ += static_cast<char>(static_cast<unsigned char>(c) | 0x80);
    return 2;
  }

  G0 mode_ = G0::single;
  std::string euc_;
};

std::optional<std::string> converted_japanese(std::string_view bytes) {
  thread_local OFCharacterEncoding encoding;
  if (!encoding.isLibraryAvailable() || encoding.selectEncoding("EUC-JP", "UTF-8").bad()) return std::nullopt;
  const auto euc = EucJpWriter().write(bytes);
  OFString utf8;
  if (encoding.convertString(euc.data(), euc.size(), utf8).bad()) return std::nullopt;
  return std::string(utf8.c_str(), utf8.size());
}

std::optional<std::string> converted(std::string_view bytes, const std::string& character_set) {
  if (is_japanese(character_set)) return converted_japanese(bytes);
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
