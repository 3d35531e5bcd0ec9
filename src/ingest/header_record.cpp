#include "src/ingest/header_record.h"

#include <cstring>

#include "imaging/error.h"

namespace cemscope::ingest {

namespace {

void put_bytes(std::string& out, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(bytes);
}

void put_number(std::string& out, std::int64_t number) { out.append(reinterpret_cast<const char*>(&number), sizeof number); }

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  std::string_view take(std::size_t n) {
    if (n > rest_.size()) throw Error(ErrorKind::inconsistent, "a record of the header scan is cut short");
    const auto taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  template <typename T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view bytes() { return take(number<std::uint32_t>()); }

 private:
  std::string_view rest_;
};

}  // namespace

StringPool::StringPool() { intern({}); }

std::uint32_t StringPool::intern(std::string_view text) {
  const auto known = ids_.find(text);
  if (known != ids_.end()) return known->second;
  strings_.emplace_back(text);
  const auto id = static_cast<std::uint32_t>(strings_.size() - 1);
  ids_.emplace(strings_.back(), id);
  return id;
}

FileHeader make_header(FileKind kind, const RawHeader& raw, StringPool& pool) {
  FileHeader header;
  header.kind = kind;
  header.pixel_offset = raw.pixel_offset;
  header.pixel_length = raw.pixel_length;
  header.pool = &pool;
  for (std::size_t i = 0; i < kNHeaderTags; ++i) header.values[i] = pool.intern(raw.values[i]);
  for (const auto& frame : raw.frames)
    for (std::size_t i = 0; i < kNFrameTags; ++i) (i == 0 ? header.frames.emplace_back() : header.frames.back())[i] = pool.intern(frame[i]);
  if (!header.frames.empty()) header.one = pool.intern("1");
  return header;
}

std::string pack_header(const FileHeader& header) {
  std::string out;
  out.reserve(1024);
  out.push_back(static_cast<char>(header.kind));
  put_number(out, header.pixel_offset);
  put_number(out, header.pixel_length);
  put_bytes(out, header.failure_code);
  put_bytes(out, header.failure_sentence);
  if (header.kind != FileKind::dicom) return out;
  for (std::size_t i = 0; i < kNHeaderTags; ++i) put_bytes(out, header.pool->view(header.values[i]));
  put_number(out, static_cast<std::int64_t>(header.frames.size()));
  for (const auto& frame : header.frames)
    for (const auto value : frame) put_bytes(out, header.pool->view(value));
  return out;
}

FileHeader unpack_header(std::string_view bytes, StringPool& pool) {
  Cursor cursor(bytes);
  FileHeader header;
  header.pool = &pool;
  header.kind = static_cast<FileKind>(cursor.number<std::uint8_t>());
  header.pixel_offset = cursor.number<std::int64_t>();
  header.pixel_length = cursor.number<std::int64_t>();
  header.failure_code = cursor.bytes();
  header.failure_sentence = cursor.bytes();
  if (header.kind != FileKind::dicom) return header;
  for (auto& value : header.values) value = pool.intern(cursor.bytes());
  for (auto n = cursor.number<std::int64_t>(); n > 0; --n)
    for (auto& value : header.frames.emplace_back()) value = pool.intern(cursor.bytes());
  if (!header.frames.empty()) header.one = pool.intern("1");
  return header;
}

std::string_view sop_class_uid(const FileHeader& header) {
  const auto uid = header.text(HeaderTag::SOPClassUID);
  return uid.empty() ? header.text(HeaderTag::MediaStorageSOPClassUID) : uid;
}

std::string_view sop_instance_uid(const FileHeader& header) {
  const auto uid = header.text(HeaderTag::SOPInstanceUID);
  return uid.empty() ? header.text(HeaderTag::MediaStorageSOPInstanceUID) : uid;
}

}  // namespace cemscope::ingest
