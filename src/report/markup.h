#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cemscope::report {

/// Text that is safe inside an HTML page. Plain text becomes Html by `escape` alone, so that nothing of a DICOM file or a table can
/// reach the page as markup.
struct Html {
  std::string text;
  Html& operator+=(const Html& other) {
    text += other.text;
    return *this;
  }
};
inline Html operator+(Html a, const Html& b) { return a += b; }

/// Plain text with & < > " ' as entities; control characters and bytes that are no UTF-8 become U+FFFD.
Html escape(std::string_view plain);

/// Markup of our own.
inline Html markup(std::string_view trusted) { return {std::string(trusted)}; }

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

/// <name a="escaped value" ...>content</name>. Attribute values are plain text and are escaped here.
Html element(std::string_view name, const Attributes& attributes, const Html& content);
Html element(std::string_view name, const Html& content);
/// <name a="..."/>, for SVG shapes and <img>.
Html void_element(std::string_view name, const Attributes& attributes);

/// A template with every {{name}} replaced. Throws std::logic_error for a name without a value: a bug of ours.
using Values = std::map<std::string, Html, std::less<>>;
Html fill_template(std::string_view text, const Values& values);

/// The bytes (below 1 GiB) as base64 (RFC 4648).
std::string base64(std::string_view bytes);

/// What a content security policy calls an inline style or script of this content: 'sha256-...'.
std::string content_hash_source(std::string_view content);

}  // namespace cemscope::report
