#pragma once

#include <filesystem>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace cemscope::cohort {

/// XXH3-128 of bytes given in parts: tells contents apart, but protects nothing (it is no cryptographic hash).
class ContentHash {
 public:
  ContentHash();
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;
  ~ContentHash();

  /// Adds bytes; the split into parts does not matter.
  void add_bytes(std::string_view bytes);
  /// Adds a text with its length, so that neighbouring texts cannot be confused.
  void add_text(std::string_view text);
  /// Adds size and content of a file; one that cannot be read counts as such.
  void add_file(const std::filesystem::path& path);
  /// 32 hexadecimal digits.
  [[nodiscard]] std::string hex() const;

 private:
  XXH3_state_s* state_;
};

/// The hash of one text, 32 hexadecimal digits.
std::string content_hash(std::string_view bytes);

}  // namespace cemscope::cohort
