#include "src/ingest/series_build.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <Eigen/Core>

#include "src/ingest/image_geometry.h"
#include "src/ingest/series_role.h"
#include "src/ingest/series_split.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

// A cine run has hundreds of frames; more are not listed one by one.
constexpr int kMaxListedFrames = 4096;

std::string text(const FileHeader& header, HeaderTag tag) { return std::string(header.text(tag)); }

void add_image_refs(std::vector<ImageRef>& refs, const FileHeader& header) {
  ImageRef ref;
  ref.path = header.path;
  ref.sop_instance_uid = std::string(sop_instance_uid(header));
  ref.instance_number = parse_int(header.text(HeaderTag::InstanceNumber), 0);
  if (const auto position = image_position_mm(header)) ref.position_mm = {position->x(), position->y(), position->z()};
  if (header.is_frame) {
    ref.frame = header.frame;
    refs.push_back(ref);
    return;
  }
  const auto n_frames = std::clamp(parse_int(header.text(HeaderTag::NumberOfFrames), 1), 1, kMaxListedFrames);
  for (ref.frame = 0; ref.frame < n_frames; ++ref.frame) refs.push_back(ref);
}

// The median step between distinct positions of a sorted stack; empty for fewer than two.
std::optional<double> slice_spacing(const Series& series) {
  if (!series.orientation) return std::nullopt;
  const auto normal = image_normal(*series.orientation);
  std::vector<double> steps;
  std::optional<double> previous;
  for (const auto& image : series.images) {
    if (!image.position_mm) return std::nullopt;
    const auto projection = Eigen::Map<const Eigen::Vector3d>(image.position_mm->data()).dot(normal);
    if (previous && projection - *previous >= 0.02) steps.push_back(projection - *previous);
    previous = projection;
  }
  if (steps.empty()) return std::nullopt;
  std::nth_element(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2), steps.end());
  return steps[steps.size() / 2];
}

void fill_texts(Series& series, const FileHeader& first) {
  series.series_uid = text(first, HeaderTag::SeriesInstanceUID);
  series.study_uid = text(first, HeaderTag::StudyInstanceUID);
  series.frame_of_reference_uid = text(first, HeaderTag::FrameOfReferenceUID);
  series.sop_class_uid = std::string(sop_class_uid(first));
  series.transfer_syntax_uid = text(first, HeaderTag::TransferSyntaxUID);
  series.modality = text(first, HeaderTag::Modality);
  series.description = text(first, HeaderTag::SeriesDescription);
  series.protocol = text(first, HeaderTag::ProtocolName);
  series.body_part = text(first, HeaderTag::BodyPartExamined);
  series.image_type = text(first, HeaderTag::ImageType);
  series.kernel = text(first, HeaderTag::ConvolutionKernel);
  series.view_position = text(first, HeaderTag::ViewPosition);
  series.manufacturer = text(first, HeaderTag::Manufacturer);
  series.laterality = text(first, first.text(HeaderTag::ImageLaterality).empty() ? HeaderTag::Laterality : HeaderTag::ImageLaterality);
  series.photometric = text(first, HeaderTag::PhotometricInterpretation);
  series.scan_options = text(first, HeaderTag::ScanOptions);
  series.sequence_name = text(first, first.text(HeaderTag::SequenceName).empty() ? HeaderTag::PulseSequenceName : HeaderTag::SequenceName);
}

void fill_numbers(Series& series, const FileHeader& first) {
  series.series_number = parse_int(first.text(HeaderTag::SeriesNumber), 0);
  series.rows = parse_int(first.text(HeaderTag::Rows), 0);
  series.columns = parse_int(first.text(HeaderTag::Columns), 0);
  series.bits_allocated = parse_int(first.text(HeaderTag::BitsAllocated), 0);
  series.bits_stored = parse_int(first.text(HeaderTag::BitsStored), 0);
  series.is_signed = first.text(HeaderTag::PixelRepresentation) == "1";
  series.orientation = image_orientation(first);
  series.pixel_spacing_mm = pixel_spacing_mm(first);
  series.slice_thickness_mm = parse_number(first.text(HeaderTag::SliceThickness));
  series.echo_time_ms = parse_number(first.text(HeaderTag::EchoTime));
  series.repetition_time_ms = parse_number(first.text(HeaderTag::RepetitionTime));
  series.inversion_time_ms = parse_number(first.text(HeaderTag::InversionTime));
}

Series make_series(const std::vector<const FileHeader*>& images) {
  Series series;
  fill_texts(series, *images.front());
  fill_numbers(series, *images.front());
  for (const auto* image : images) add_image_refs(series.images, *image);
  series.slice_spacing_mm = slice_spacing(series);
  return series;
}

Failure file_failure(const FileHeader& header, std::string code, std::string sentence) {
  return {std::move(code), std::move(sentence), displayed_path(header.path), "", "", ""};
}

// The usable files, each SOP instance once: the one with the first path is kept.
std::vector<const FileHeader*> usable_once(const std::vector<const FileHeader*>& headers, std::vector<Failure>& failures) {
  std::vector<const FileHeader*> kept;
  std::set<std::pair<std::string_view, int>> seen;  // the frames of an image share its UID
  for (const auto* header : headers) {
    const auto uid = sop_instance_uid(*header);
    if (!header->is_usable()) {
      failures.push_back(file_failure(*header, header->failure_code, header->failure_sentence));
    } else if (!uid.empty() && !seen.emplace(uid, header->frame).second) {
      failures.push_back(file_failure(*header, "duplicate_sop_instance", "the same SOP Instance UID as another file; that one is used"));
    } else {
      kept.push_back(header);
    }
  }
  return kept;
}

Series unreadable_series(const FileHeader& first) {
  Series series;
  fill_texts(series, first);
  fill_numbers(series, first);
  series.role = SeriesRole::unreadable;
  series.reason = "none of its files can be used; see failures";
  return series;
}

Series judged(Series series, const SeriesPart& part, int number, std::size_t n_parts, std::vector<Failure>& failures) {
  const auto decision = decide_role(series, *part.images.front());
  series.role = decision.role;
  series.reason = decision.reason;
  series.part = n_parts > 1 ? number : 0;
  if (n_parts > 1) series.reason += fmt::format("; part {} of {} of a mixed series ({})", number, n_parts, part.difference);
  if (decision.failure_code) failures.push_back({*decision.failure_code, decision.reason, "", "", "", ""});
  return series;
}

}  // namespace

BuiltSeries build_series(const std::vector<const FileHeader*>& headers) {
  BuiltSeries built;
  const auto usable = usable_once(headers, built.failures);
  if (usable.empty()) {
    built.series.push_back(unreadable_series(*headers.front()));
  } else {
    auto split = split_series(usable);
    built.failures.insert(built.failures.end(), split.failures.begin(), split.failures.end());
    int number = 0;
    for (const auto& part : split.parts) {
      built.series.push_back(judged(make_series(part.images), part, ++number, split.parts.size(), built.failures));
    }
  }
  for (auto& failure : built.failures) failure.series_uid = text(*headers.front(), HeaderTag::SeriesInstanceUID);
  return built;
}

}  // namespace cemscope::ingest
