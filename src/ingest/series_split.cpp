#include "src/ingest/series_split.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <Eigen/Core>

#include "src/ingest/image_geometry.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

using Images = std::vector<const FileHeader*>;

// Slices of a stack whose steps differ by more than this share are uneven.
constexpr double kUnevenShare = 0.1;

// A series is split by acquisition only into a few stacks of at least this many slices; otherwise each slice is an acquisition.
constexpr std::size_t kMinStack = 3;
constexpr std::size_t kMaxStacks = 16;

struct KeyField {
  HeaderTag tag;
  const char* name;
};

constexpr KeyField kCommonFields[] = {{HeaderTag::Modality, "modality"},
                                      {HeaderTag::SOPClassUID, "SOP class"},
                                      {HeaderTag::Rows, "matrix"},
                                      {HeaderTag::Columns, "matrix"},
                                      {HeaderTag::SamplesPerPixel, "colour"}};
constexpr KeyField kCtFields[] = {{HeaderTag::ImageType, "image type"}, {HeaderTag::ConvolutionKernel, "kernel"}};
constexpr KeyField kMrFields[] = {{HeaderTag::ImageType, "image type"}, {HeaderTag::EchoNumbers, "echo"}, {HeaderTag::EchoTime, "echo"}};
constexpr KeyField kFilmFields[] = {
    {HeaderTag::ViewPosition, "view"}, {HeaderTag::ViewCodeSequence, "view"}, {HeaderTag::PatientOrientation, "view"}};

constexpr KeyField kStackFields[] = {{HeaderTag::AcquisitionNumber, "acquisition"},
                                     {HeaderTag::TemporalPositionIdentifier, "time point"},
                                     {HeaderTag::EchoNumbers, "echo"},
                                     {HeaderTag::EchoTime, "echo"},
                                     {HeaderTag::SeriesDescription, "description"}};

bool is_film(std::string_view modality) { return modality == "CR" || modality == "DX" || modality == "RF" || modality == "XA"; }

bool is_sliced(const FileHeader& header) {
  const auto modality = header.text(HeaderTag::Modality);
  return modality == "CT" || modality == "MR" || modality == "PT";
}

std::vector<KeyField> key_fields(const FileHeader& header) {
  std::vector<KeyField> fields(std::begin(kCommonFields), std::end(kCommonFields));
  const auto modality = header.text(HeaderTag::Modality);
  if (modality == "CT") fields.insert(fields.end(), std::begin(kCtFields), std::end(kCtFields));
  if (modality == "MR") fields.insert(fields.end(), std::begin(kMrFields), std::end(kMrFields));
  if (is_film(modality)) fields.insert(fields.end(), std::begin(kFilmFields), std::end(kFilmFields));
  return fields;
}

// "axial" tells a localizer from slices; CT image types beyond the third value vary within a stack (e.g. "CT_SOM5 SPI").
std::string key_value(const FileHeader& header, HeaderTag tag) {
  const auto text = header.text(tag);
  if (tag == HeaderTag::EchoTime) return fmt::format("{:.0f}", parse_number(text).value_or(0));
  if (tag != HeaderTag::ImageType || header.text(HeaderTag::Modality) != "CT") return std::string(text);
  const auto values = split_values(text);
  return values.size() > 2 ? std::string(values[2]) : std::string();
}

using Key = std::vector<std::string>;

Key appearance_key(const FileHeader& header) {
  Key key;
  for (const auto& field : key_fields(header)) key.push_back(key_value(header, field.tag));
  return key;
}

// The name of the first field in which two keys differ.
std::string first_difference(const FileHeader& a, const FileHeader& b) {
  for (const auto& field : key_fields(a)) {
    if (key_value(a, field.tag) != key_value(b, field.tag)) return field.name;
  }
  return "kind";
}

std::optional<std::string> missing_geometry(const FileHeader& header) {
  if (!image_position_mm(header)) return "missing_position";
  if (!image_orientation(header)) return "missing_orientation";
  if (!pixel_spacing_mm(header)) return "missing_pixel_spacing";
  return std::nullopt;
}

Failure left_out(const FileHeader& header, const std::string& code) {
  const char* attribute = code == "missing_position"      ? "ImagePositionPatient (0020,0032)"
                          : code == "missing_orientation" ? "ImageOrientationPatient (0020,0037)"
                                                          : "PixelSpacing (0028,0030)";
  return {code,
          fmt::format("the slice lacks a usable {}, which its neighbours have; it is left out", attribute),
          displayed_path(header.path),
          "",
          "",
          ""};
}

// Slices without geometry among slices with it are left out; when all lack it the stack is judged later.
Images with_geometry(const Images& images, std::vector<Failure>& failures) {
  Images complete;
  std::copy_if(images.begin(), images.end(), std::back_inserter(complete), [](auto* image) { return !missing_geometry(*image); });
  if (complete.empty()) return images;
  for (const auto* image : images) {
    if (const auto code = missing_geometry(*image)) failures.push_back(left_out(*image, *code));
  }
  return complete;
}

bool share_a_grid(const FileHeader& a, const FileHeader& b) {
  const auto orientation_a = *image_orientation(a), orientation_b = *image_orientation(b);
  const Eigen::Map<const Eigen::Vector3d> row_a(orientation_a.data()), row_b(orientation_b.data());
  if (image_normal(orientation_a).dot(image_normal(orientation_b)) < kSameCosine || row_a.dot(row_b) < kSameCosine) return false;
  const auto spacing_a = *pixel_spacing_mm(a), spacing_b = *pixel_spacing_mm(b);
  return std::abs(spacing_a[0] / spacing_b[0] - 1) < 0.005 && std::abs(spacing_a[1] / spacing_b[1] - 1) < 0.005;
}

bool have_same_grid_texts(const FileHeader& a, const FileHeader& b) {
  return a.id(HeaderTag::ImageOrientationPatient) == b.id(HeaderTag::ImageOrientationPatient) &&
         a.id(HeaderTag::PixelSpacing) == b.id(HeaderTag::PixelSpacing);
}

std::vector<Images> by_grid(const Images& images) {
  std::vector<Images> stacks;
  for (const auto* image : images) {
    const auto stack = std::find_if(stacks.begin(), stacks.end(), [&](const Images& s) {
      return have_same_grid_texts(*s.front(), *image) || have_same_grid_texts(*s.back(), *image) || share_a_grid(*s.front(), *image);
    });
    if (stack == stacks.end())
      stacks.push_back({image});
    else
      stack->push_back(image);
  }
  return stacks;
}

std::vector<double> sorted_projections(const Images& images) {
  const auto normal = image_normal(*image_orientation(*images.front()));
  std::vector<double> projections;
  for (const auto* image : images) projections.push_back(image_position_mm(*image)->dot(normal));
  std::sort(projections.begin(), projections.end());
  return projections;
}

struct Regularity {
  std::size_t n_repeated = 0;  ///< images at a position that another one has already
  bool is_even = true;         ///< steps between distinct positions alike
};

Regularity regularity(const Images& images) {
  const auto projections = sorted_projections(images);
  Regularity found;
  std::vector<double> steps;
  for (std::size_t i = 1; i < projections.size(); ++i) {
    const auto step = projections[i] - projections[i - 1];
    if (step < kSamePosition_mm)
      ++found.n_repeated;
    else
      steps.push_back(step);
  }
  if (steps.empty()) return found;
  const auto [low, high] = std::minmax_element(steps.begin(), steps.end());
  found.is_even = *high - *low <= kUnevenShare * *high;
  return found;
}

std::vector<Images> by_field(const Images& images, HeaderTag tag) {
  std::map<std::string_view, Images> groups;
  for (const auto* image : images) groups[image->text(tag)].push_back(image);
  std::vector<Images> result;
  for (auto& [text, group] : groups) result.push_back(std::move(group));
  return result;
}

bool are_proper_stacks(const std::vector<Images>& stacks, bool must_be_even) {
  if (stacks.size() < 2 || stacks.size() > kMaxStacks) return false;
  return std::all_of(stacks.begin(), stacks.end(), [&](const Images& stack) {
    const auto found = regularity(stack);
    return stack.size() >= kMinStack && found.n_repeated == 0 && (found.is_even || !must_be_even);
  });
}

bool comes_before(const FileHeader* a, const FileHeader* b) {
  const auto number_a = parse_int(a->text(HeaderTag::InstanceNumber), 0), number_b = parse_int(b->text(HeaderTag::InstanceNumber), 0);
  return number_a != number_b ? number_a < number_b : a->path < b->path;
}

// Along the normal; images at one position by their number.
void sort_along_normal(Images& images) {
  const auto normal = image_normal(*image_orientation(*images.front()));
  std::vector<std::pair<double, const FileHeader*>> placed;
  for (const auto* image : images) placed.emplace_back(image_position_mm(*image)->dot(normal), image);
  std::sort(placed.begin(), placed.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first < b.first : comes_before(a.second, b.second); });
  std::transform(placed.begin(), placed.end(), images.begin(), [](const auto& p) { return p.second; });
}

// The first, second ... image at each position. Meant for two reconstructions that no attribute tells apart.
std::vector<Images> by_rank(Images images) {
  sort_along_normal(images);
  const auto normal = image_normal(*image_orientation(*images.front()));
  std::vector<Images> ranks;
  std::vector<const FileHeader*> here;
  const auto flush = [&] {
    std::sort(here.begin(), here.end(), comes_before);
    if (ranks.size() < here.size()) ranks.resize(here.size());
    for (std::size_t r = 0; r < here.size(); ++r) ranks[r].push_back(here[r]);
    here.clear();
  };
  double position = 0;
  for (const auto* image : images) {
    const auto projection = image_position_mm(*image)->dot(normal);
    if (!here.empty() && projection - position >= kSamePosition_mm) flush();
    if (here.empty()) position = projection;
    here.push_back(image);
  }
  flush();
  return ranks;
}

std::vector<SeriesPart> labelled(std::vector<Images> stacks, const std::string& difference) {
  std::vector<SeriesPart> parts;
  for (auto& stack : stacks) parts.push_back({std::move(stack), difference});
  return parts;
}

std::vector<SeriesPart> by_position(const Images& images) {
  const auto found = regularity(images);
  const bool is_repeated = found.n_repeated > 0;
  if (!is_repeated && found.is_even) return {{images, ""}};
  for (const auto& field : kStackFields) {
    auto stacks = by_field(images, field.tag);
    if (are_proper_stacks(stacks, !is_repeated)) return labelled(std::move(stacks), field.name);
  }
  // A few repeats are strays for the reader to drop; repeats nearly everywhere are a second stack.
  const auto n_positions = images.size() - found.n_repeated;
  if (n_positions >= kMinStack && 2 * found.n_repeated >= n_positions) return labelled(by_rank(images), "images at the same positions");
  return {{images, ""}};
}

std::vector<SeriesPart> split_stack(const Images& images, std::vector<Failure>& failures) {
  if (!is_sliced(*images.front())) return {{images, ""}};
  const auto complete = with_geometry(images, failures);
  if (missing_geometry(*complete.front())) return {{complete, ""}};
  std::vector<SeriesPart> parts;
  const auto grids = by_grid(complete);
  for (const auto& grid : grids) {
    for (auto& part : by_position(grid)) {
      if (grids.size() > 1) part.difference = "orientation or pixel spacing";
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

void sort_images(Images& images) {
  const bool has_geometry = is_sliced(*images.front()) && !missing_geometry(*images.front());
  if (has_geometry)
    sort_along_normal(images);
  else
    std::sort(images.begin(), images.end(), comes_before);
}

}  // namespace

SplitSeries split_series(const std::vector<const FileHeader*>& images) {
  std::map<Key, Images> kinds;
  for (const auto* image : images) kinds[appearance_key(*image)].push_back(image);
  SplitSeries result;
  for (const auto& [key, kind] : kinds) {
    for (auto& part : split_stack(kind, result.failures)) {
      if (kinds.size() > 1) {
        const auto& other = key == kinds.begin()->first ? std::next(kinds.begin())->second : kinds.begin()->second;
        part.difference = first_difference(*kind.front(), *other.front());
      }
      sort_images(part.images);
      result.parts.push_back(std::move(part));
    }
  }
  std::stable_sort(result.parts.begin(), result.parts.end(),
                   [](const auto& a, const auto& b) { return a.images.size() > b.images.size(); });
  return result;
}

}  // namespace cemscope::ingest
