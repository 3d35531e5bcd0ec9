#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cemscope::ingest {

/// Without leading and trailing blanks and NULs.
std::string_view trimmed(std::string_view text);

/// ASCII letters in lower case; other bytes as they are.
std::string to_lower(std::string_view text);

/// The values of a multi-valued attribute ("1\2\3"), each trimmed; none for empty text.
std::vector<std::string_view> split_values(std::string_view text, char separator = '\\');

/// The first value of a DS or IS attribute; empty when there is none or it is no finite number.
std::optional<double> parse_number(std::string_view text);

/// The first value of an IS attribute, `fallback` when there is none or it does not fit an int.
int parse_int(std::string_view text, int fallback);

/// All values of a DS attribute; empty when one of them is no finite number.
std::vector<double> parse_numbers(std::string_view text);

/// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

/// The bytes of an ill-formed UTF-8 text replaced by U+FFFD, control characters by blanks.
std::string replace_ill_formed(std::string_view text);

/// A path for people: bytes that are no UTF-8 are written as \xNN, control characters as well. Not reversible.
std::string displayed_path(std::string_view path);

/// A path for JSON: reversible; a byte that is no UTF-8 becomes the private-use character U+EF00 + byte.
std::string path_to_utf8(std::string_view path);

/// The inverse of path_to_utf8.
std::string path_from_utf8(std::string_view text);

/// 16 lower-case hexadecimal digits of a stable 64-bit hash (XXH64).
std::string hash_hex(std::string_view text);

}  // namespace cemscope::ingest
