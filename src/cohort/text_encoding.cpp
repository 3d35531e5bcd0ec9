#include "src/cohort/text_encoding.h"

#include <iconv.h>

#include <memory>

namespace cemscope::cohort {
namespace {

struct IconvCloser {
  void operator()(void* handle) const { iconv_close(handle); }
};

std::optional<std::string> convert(std::string_view bytes, const char* from) {
  const iconv_t handle = iconv_open("UTF-8", from);
  if (handle == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  const std::unique_ptr<void, IconvCloser> closer(handle);
  std::string result(bytes.size() * 4 + 4, '\0');  // no code unit of these encodings needs more than four bytes
  char* in = const_cast<char*>(bytes.data());      // iconv's signature; the input is not written
  char* out = result.data();
  std::size_t n_in = bytes.size();
  std::size_t n_out = result.size();
  if (iconv(handle, &in, &n_in, &out, &n_out) == static_cast<std::size_t>(-1) || n_in != 0) return std::nullopt;
  result.resize(result.size() - n_out);
  return result;
}

std::optional<DecodedText> decode_as(std::string_view bytes, const char* from, const char* name) {
  auto text = convert(bytes, from);
  if (!text || text->find('\0') != std::string::npos) return std::nullopt;
  return DecodedText{std::move(*text), name};
}

}  // namespace

std::optional<DecodedText> decode_text(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return decode_as(bytes.substr(3), "UTF-8", "UTF-8");
  if (bytes.starts_with("\xFF\xFE")) return decode_as(bytes.substr(2), "UTF-16LE", "UTF-16");
  if (bytes.starts_with("\xFE\xFF")) return decode_as(bytes.substr(2), "UTF-16BE", "UTF-16");
  if (auto text = decode_as(bytes, "UTF-8", "UTF-8")) return text;
  return decode_as(bytes, "GB18030", "GB18030");
}

}  // namespace cemscope::cohort
