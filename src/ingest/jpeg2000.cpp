#include "src/ingest/jpeg2000.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <openjpeg.h>

#include "imaging/error.h"

namespace cemscope::ingest {

namespace {

struct Source {
  std::span<const std::uint8_t> bytes;
  std::size_t position = 0;
};

OPJ_SIZE_T read_source(void* buffer, OPJ_SIZE_T n, void* user) {
  auto& source = *static_cast<Source*>(user);
  const auto taken = std::min<std::size_t>(n, source.bytes.size() - source.position);
  if (taken == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(buffer, source.bytes.data() + source.position, taken);
  source.position += taken;
  return taken;
}

OPJ_OFF_T skip_source(OPJ_OFF_T n, void* user) {
  auto& source = *static_cast<Source*>(user);
  if (n < 0) return -1;
  const auto skipped = std::min<std::size_t>(static_cast<std::size_t>(n), source.bytes.size() - source.position);
  source.position += skipped;
  return static_cast<OPJ_OFF_T>(skipped);
}

OPJ_BOOL seek_source(OPJ_OFF_T to, void* user) {
  auto& source = *static_cast<Source*>(user);
  if (to < 0 || static_cast<std::size_t>(to) > source.bytes.size()) return OPJ_FALSE;
  source.position = static_cast<std::size_t>(to);
  return OPJ_TRUE;
}

struct Destroy {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};
using Codec = std::unique_ptr<opj_codec_t, Destroy>;
using Image = std::unique_ptr<opj_image_t, Destroy>;

struct CloseStream {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};
using Stream = std::unique_ptr<opj_stream_t, CloseStream>;

Stream open_stream(Source& source) {
  Stream stream(opj_stream_create(std::max<std::size_t>(source.bytes.size(), 1), OPJ_TRUE));
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), source.bytes.size());
  opj_stream_set_read_function(stream.get(), read_source);
  opj_stream_set_skip_function(stream.get(), skip_source);
  opj_stream_set_seek_function(stream.get(), seek_source);
  return stream;
}

Codec make_codec(std::span<const std::uint8_t> stream) {
  const bool is_raw = stream.size() > 2 && stream[0] == 0xFF && stream[1] == 0x4F;
  Codec codec(opj_create_decompress(is_raw ? OPJ_CODEC_J2K : OPJ_CODEC_JP2));
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (!codec || !opj_setup_decoder(codec.get(), &parameters)) throw Error(ErrorKind::unreadable, "no JPEG 2000 decoder");
  return codec;
}

void check_size(const opj_image_t& image, int rows, int columns) {
  const bool fits = image.numcomps == 1 && image.x1 - image.x0 == static_cast<OPJ_UINT32>(columns) &&
                    image.y1 - image.y0 == static_cast<OPJ_UINT32>(rows) && image.comps[0].dx == 1 && image.comps[0].dy == 1 &&
                    image.comps[0].prec <= 16;
  if (fits) return;
  throw Error(ErrorKind::unreadable, fmt::format("the JPEG 2000 stream holds {} component(s) of {} x {}, {} x {} is needed", image.numcomps,
                                                 image.y1 - image.y0, image.x1 - image.x0, rows, columns));
}

}  // namespace

void decode_jpeg2000(std::span<const std::uint8_t> stream, int rows, int columns, std::vector<std::uint16_t>& words) {
  Source source{stream};
  const auto input = open_stream(source);
  const auto codec = make_codec(stream);
  opj_image_t* read = nullptr;
  const bool has_header = opj_read_header(input.get(), codec.get(), &read) != OPJ_FALSE;
  const Image image(read);
  // The size is checked before anything of that size is allocated.
  if (has_header) check_size(*image, rows, columns);
  if (!has_header || !opj_decode(codec.get(), input.get(), image.get()) || image->comps[0].data == nullptr) {
    throw Error(ErrorKind::unreadable, "the JPEG 2000 stream cannot be decoded");
  }
  const auto n = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  words.resize(n);
  std::transform(image->comps[0].data, image->comps[0].data + n, words.begin(), [](OPJ_INT32 v) { return static_cast<std::uint16_t>(v); });
}

}  // namespace cemscope::ingest
