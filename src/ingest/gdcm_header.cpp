#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <istream>
#include <mutex>
#include <set>
#include <streambuf>
#include <vector>

#include <gdcmDataSet.h>
#include <gdcmReader.h>
#include <gdcmSequenceOfItems.h>
#include <gdcmTrace.h>

#include "src/ingest/character_set.h"
#include "src/ingest/header_readers.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

// Header blocks of CT and MR slices are 1-8 KB (cohort, Siemens J2K: 1.2-4.8 KB); private MR headers reach 100 KB.
constexpr std::size_t kFirstWindow = 8192;
constexpr std::size_t kWindow = 65536;

// Longer values of the kept attributes are cut: none is legitimately that long, and a hostile one must not travel.
constexpr std::size_t kMaxValueLength = 4096;

// A read window over a file: GDCM seeks back and forth by a few bytes, which std::filebuf answers by reading anew.
class WindowBuffer : public std::streambuf {
 public:
  WindowBuffer(const OpenFile& file, std::vector<char>& window) : file_(file), window_(window) { place(0); }

 protected:
  int_type underflow() override {
    const auto start = position();
    const auto n = pread(file_.descriptor, window_.data(), start == 0 ? kFirstWindow : window_.size(), start);
    place(start);
    if (n <= 0) return traits_type::eof();
    setg(window_.data(), window_.data(), window_.data() + n);
    return traits_type::to_int_type(*gptr());
  }

  pos_type seekoff(off_type offset, std::ios_base::seekdir direction, std::ios_base::openmode mode) override {
    const auto base = direction == std::ios_base::beg ? 0 : direction == std::ios_base::cur ? position() : file_.size;
    return seekpos(base + offset, mode);
  }

  pos_type seekpos(pos_type target, std::ios_base::openmode) override {
    const off_t to = target;
    if (to < 0) return pos_type(off_type(-1));
    if (to >= base_ && to <= base_ + (egptr() - eback()))
      setg(eback(), eback() + (to - base_), egptr());
    else
      place(to);
    return target;
  }

 private:
  [[nodiscard]] off_t position() const { return base_ + (gptr() - eback()); }
  void place(off_t start) {
    base_ = start;
    setg(window_.data(), window_.data(), window_.data());
  }

  OpenFile file_;
  std::vector<char>& window_;
  off_t base_ = 0;
};

const gdcm::Tag kSharedGroups(0x5200, 0x9229), kFrameGroups(0x5200, 0x9230);

// More frames than any scan has; a list as long as a hostile header says would not fit the scan's memory.
constexpr std::size_t kMaxFrames = 8192;

/// Where a frame's value stands: in the first item of a sequence of its functional groups. One row per kFrameTags.
struct FramePlace {
  gdcm::Tag sequence, tag;
  bool is_double = false;
  const char *word = nullptr, *classic_word = nullptr;  ///< the one word that counts and what single-frame images call it
};
const std::array<FramePlace, kNFrameTags> kFramePlaces{{
    {{0x0020, 0x9113}, {0x0020, 0x0032}},
    {{0x0020, 0x9116}, {0x0020, 0x0037}},
    {{0x0028, 0x9110}, {0x0028, 0x0030}},
    {{0x0028, 0x9110}, {0x0018, 0x0050}},
    {{0x0028, 0x9145}, {0x0028, 0x1052}},
    {{0x0028, 0x9145}, {0x0028, 0x1053}},
    {{0x0018, 0x9329}, {0x0008, 0x9007}},
    {{0x0018, 0x9314}, {0x0018, 0x1210}},
    {{0x0018, 0x9114}, {0x0018, 0x9082}, true},
    {{0x0018, 0x9112}, {0x0018, 0x0080}},
    {{0x0018, 0x9115}, {0x0018, 0x9079}, true},
    {{0x0018, 0x9115}, {0x0018, 0x9009}, false, "YES", "IR"},
    {{0x0018, 0x9115}, {0x0018, 0x9025}, false, "FAT", "FATSAT"},
}};
const gdcm::Tag kMrFrameType(0x0018, 0x9226), kFrameType(0x0008, 0x9007);

const std::set<gdcm::Tag>& selected_tags() {
  static const std::set<gdcm::Tag> tags = [] {
    std::set<gdcm::Tag> selected;
    for (const auto& entry : kHeaderTags) {
      if (entry.group > 0x0002) selected.insert(gdcm::Tag(entry.group, entry.element));
    }
    // No such attribute exists: it makes GDCM stop in front of PixelData (7FE0,0010).
    selected.insert(gdcm::Tag(0x7fe0, 0x000f));
    selected.insert(kSharedGroups);
    selected.insert(kFrameGroups);
    return selected;
  }();
  return tags;
}

void silence_gdcm() {
  static std::once_flag once;
  std::call_once(once, [] {
    gdcm::Trace::DebugOff();
    gdcm::Trace::WarningOff();
    gdcm::Trace::ErrorOff();
  });
}

std::string_view bytes_of(const gdcm::DataSet& data_set, const gdcm::Tag& tag) {
  if (!data_set.FindDataElement(tag)) return {};
  const auto* value = data_set.GetDataElement(tag).GetByteValue();
  if (value == nullptr || value->GetPointer() == nullptr) return {};
  return {value->GetPointer(), std::min<std::size_t>(value->GetLength(), kMaxValueLength)};
}

std::string number_text(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  std::uint16_t number;
  std::memcpy(&number, bytes.data(), sizeof number);
  return std::to_string(number);
}

// "code value|code meaning" of the first item.
std::string code_text(const gdcm::DataSet& data_set, const gdcm::Tag& tag, std::string_view character_set) {
  if (!data_set.FindDataElement(tag)) return {};
  const auto items = data_set.GetDataElement(tag).GetValueAsSQ();
  if (!items || items->GetNumberOfItems() == 0) return {};
  const auto& item = items->GetItem(1).GetNestedDataSet();
  const auto meaning = decode_text(trimmed(bytes_of(item, gdcm::Tag(0x0008, 0x0104))), character_set);
  return replace_ill_formed(trimmed(bytes_of(item, gdcm::Tag(0x0008, 0x0100)))) + "|" + meaning;
}

std::string value_text(const gdcm::File& file, const HeaderTagEntry& entry, std::string_view character_set) {
  const gdcm::Tag tag(entry.group, entry.element);
  const gdcm::DataSet& data_set = entry.group == 0x0002 ? file.GetHeader() : file.GetDataSet();
  switch (entry.value) {
    case HeaderValue::number16: return number_text(bytes_of(data_set, tag));
    case HeaderValue::code_sequence: return code_text(data_set, tag, character_set);
    case HeaderValue::text: return decode_text(trimmed(bytes_of(data_set, tag)), character_set);
    case HeaderValue::ascii: break;
  }
  return replace_ill_formed(trimmed(bytes_of(data_set, tag)));
}

/// The data set of a sequence's first item; none when it is not there.
std::optional<gdcm::DataSet> item_of(const gdcm::DataSet& data_set, const gdcm::Tag& tag) {
  if (!data_set.FindDataElement(tag)) return std::nullopt;
  const auto items = data_set.GetDataElement(tag).GetValueAsSQ();
  if (!items || items->GetNumberOfItems() == 0) return std::nullopt;
  return items->GetItem(1).GetNestedDataSet();
}

std::string frame_text(const gdcm::DataSet& data_set, const FramePlace& place) {
  const auto bytes = bytes_of(data_set, place.tag);
  double number = 0;
  if (place.word != nullptr) return trimmed(bytes) == place.word ? place.classic_word : std::string();
  if (!place.is_double) return replace_ill_formed(trimmed(bytes));
  if (bytes.size() < sizeof number) return {};  // of several, e.g. inversion times, the first
  std::memcpy(&number, bytes.data(), sizeof number);
  return std::to_string(number);
}

/// The frame's own value, else the one shared by all frames.
std::string frame_value(const gdcm::DataSet& own, const gdcm::DataSet& shared, const FramePlace& place) {
  for (const auto* groups : {&own, &shared}) {
    auto group = item_of(*groups, place.sequence);
    if (!group && place.tag == kFrameType) group = item_of(*groups, kMrFrameType);
    if (!group) continue;
    if (auto text = frame_text(*group, place); !text.empty()) return text;
  }
  return {};
}

// In enhanced images the third value VOLUME says that the voxels are regular slices (PS3.3 C.8.16.1.3), not a rendering as in classic ones.
std::string without_volume(std::string frame_type) {
  const auto at = frame_type.find("\\VOLUME");
  return at == frame_type.npos ? frame_type : frame_type.replace(at + 1, 6, "AXIAL");
}

/// Values by frame; none when there is not one item per frame.
std::vector<FrameValues> frames_of(const gdcm::DataSet& data_set, const HeaderValues& values) {
  if (!data_set.FindDataElement(kFrameGroups)) return {};
  const auto items = data_set.GetDataElement(kFrameGroups).GetValueAsSQ();
  const auto n_frames = static_cast<std::size_t>(std::max(0, parse_int(values[static_cast<std::size_t>(HeaderTag::NumberOfFrames)], 1)));
  if (!items || items->GetNumberOfItems() != n_frames || n_frames > kMaxFrames) return {};
  const auto shared = item_of(data_set, kSharedGroups).value_or(gdcm::DataSet());
  std::vector<FrameValues> frames(n_frames);
  for (std::size_t f = 0; f < n_frames; ++f) {
    const auto& own = items->GetItem(f + 1).GetNestedDataSet();
    for (std::size_t i = 0; i < kNFrameTags; ++i) frames[f][i] = frame_value(own, shared, kFramePlaces[i]);
    auto& type =
        frames[f][static_cast<std::size_t>(std::find(kFrameTags.begin(), kFrameTags.end(), HeaderTag::ImageType) - kFrameTags.begin())];
    type = without_volume(std::move(type));
  }
  return frames;
}

HeaderValues values_of(const gdcm::File& file) {
  HeaderValues values;
  const auto& character_set = values[static_cast<std::size_t>(HeaderTag::SpecificCharacterSet)];
  for (std::size_t i = 0; i < kNHeaderTags; ++i) values[i] = value_text(file, kHeaderTags[i], character_set);
  auto& syntax = values[static_cast<std::size_t>(HeaderTag::TransferSyntaxUID)];
  // A file without meta information: GDCM has guessed the encoding.
  if (syntax.empty()) {
    const char* guessed = file.GetHeader().GetDataSetTransferSyntax().GetString();
    if (guessed != nullptr && guessed[0] == '1') syntax = guessed;
  }
  return values;
}

std::uint32_t length_at(const unsigned char* bytes, bool is_big_endian) {
  std::uint32_t length;
  std::memcpy(&length, bytes, sizeof length);
  return is_big_endian ? __builtin_bswap32(length) : length;
}

// Reads the 8 or 12 bytes in front of PixelData's value, where GDCM has stopped.
void locate_pixel_data(const OpenFile& file, std::int64_t position, RawHeader& header) {
  std::array<unsigned char, 12> start{};
  const auto n = pread(file.descriptor, start.data(), start.size(), position);
  header.pixel_place = n < 8 ? PixelPlace::cut_off : PixelPlace::absent;
  if (n < 8) return;
  const bool is_little = std::memcmp(start.data(), "\xE0\x7F\x10\x00", 4) == 0;
  const bool is_big = std::memcmp(start.data(), "\x7F\xE0\x00\x10", 4) == 0;
  if (!is_little && !is_big) return;
  const bool is_explicit = start[4] == 'O' || start[4] == 'U';
  const auto length = length_at(start.data() + (is_explicit ? 8 : 4), is_big);
  header.pixel_offset = position + (is_explicit ? 12 : 8);
  header.pixel_place = length == 0xFFFFFFFF ? PixelPlace::encapsulated : PixelPlace::native;
  if (header.pixel_place == PixelPlace::native) header.pixel_length = length;
}

}  // namespace

std::optional<RawHeader> read_header_with_gdcm(const OpenFile& file) try {
  silence_gdcm();
  thread_local std::vector<char> window(kWindow);  // its allocation would cost more than the reading
  WindowBuffer buffer(file, window);
  std::istream stream(&buffer);
  gdcm::Reader reader;
  reader.SetStream(stream);
  if (!reader.ReadSelectedTags(selected_tags())) return std::nullopt;
  RawHeader header;
  header.values = values_of(reader.GetFile());
  header.frames = frames_of(reader.GetFile().GetDataSet(), header.values);
  stream.clear();
  locate_pixel_data(file, stream.tellg(), header);
  return header;
} catch (const std::exception&) {
  return std::nullopt;  // GDCM throws on what it cannot parse, and std::bad_alloc on impossible lengths
}

}  // namespace cemscope::ingest
