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

/// From the labels of the scan; refers to them.
NamedAt names_of(const ScannedMr& scanned);

}  // namespace cemscope::tools
