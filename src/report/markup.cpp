#include "src/report/markup.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace cemscope::report {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

/// Length of the UTF-8 character at the start of `text`, 0 when there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto is_tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80U) return 1;
  if (first >= 0xC2U && first <= 0xDFU) return is_tail(1) ? 2 : 0;
  if (first >= 0xE0U && first <= 0xEFU) {
    const bool is_overlong = first == 0xE0U && second < 0xA0U, is_surrogate = first == 0xEDU && second >= 0xA0U;
    return is_tail(1) && is_tail(2) && !is_overlong && !is_surrogate ? 3 : 0;
  }
  if (first >= 0xF0U && first <= 0xF4U) {
    const bool is_overlong = first == 0xF0U && second < 0x90U, is_beyond = first == 0xF4U && second >= 0x90U;
    return is_tail(1) && is_tail(2) && is_tail(3) && !is_overlong && !is_beyond ? 4 : 0;
  }
  return 0;
}

std::string_view entity(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') || c == 0x7F; }

std::string opening(std::string_view name, const Attributes& attributes) {
  std::string text = "<" + std::string(name);
  for (const auto& [key, value] : attributes) text += " " + std::string(key) + "=\"" + escape(value).text + "\"";
  return text;
}

}  // namespace

Html escape(std::string_view plain) {
  Html html;
  html.text.reserve(plain.size());
  for (std::size_t i = 0; i < plain.size();) {
    const std::size_t length = character_length(plain.substr(i));
    if (length == 0 || (length == 1 && is_control(plain[i]))) {
      html.text += kReplacement;
      ++i;
      continue;
    }
    const std::string_view special = length == 1 ? entity(plain[i]) : std::string_view{};
    html.text += special.empty() ? plain.substr(i, length) : special;
    i += length;
  }
  return html;
}

Html element(std::string_view name, const Attributes& attributes, const Html& content) {
  return {opening(name, attributes) + ">" + content.text + "</" + std::string(name) + ">"};
}

Html element(std::string_view name, const Html& content) { return element(name, {}, content); }

Html void_element(std::string_view name, const Attributes& attributes) { return {opening(name, attributes) + "/>"}; }

Html fill_template(std::string_view text, const Values& values) {
  Html html;
  for (std::size_t open = text.find("{{"); open != std::string_view::npos; open = text.find("{{")) {
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) throw std::logic_error("template: {{ without }}");
    const auto found = values.find(text.substr(open + 2, close - open - 2));
    if (found == values.end()) throw std::logic_error("template: no value for " + std::string(text.substr(open, close - open + 2)));
    html.text += text.substr(0, open);
    html.text += found->second.text;
    text.remove_prefix(close + 2);
  }
  html.text += text;
  return html;
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string content_hash_source(std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(content.data(), content.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return "'sha256-" + base64({reinterpret_cast<const char*>(digest.data()), length}) + "'";
}

}  // namespace cemscope::report
