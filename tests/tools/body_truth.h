#pragma once

#include <cstdint>
#include <functional>

#include "imaging/phantom/mr_phantom.h"
#include "tests/tools/scanned_mr.h"

namespace cemscope::tools {

enum class Named : std::uint8_t { other, body, disc, unsure };

/// What lies at a place of the patient.
using NamedAt = std::function<Named(const imaging::Point_mm&)>;

/// From the geometry that the phantom was drawn from; the sacrum below its first body is unsure.
NamedAt names_of(const imaging::PhantomMrParameters& parameters);

/// From the names of a scanned examination's voxels; refers to both.
NamedAt names_of(const imaging::MrVolume& volume, const std::vector<std::uint8_t>& named);

}  // namespace cemscope::tools
