#pragma once

#include <cstdint>

namespace cemscope::ingest {

/// Values longer than this (bytes) stay in the file until asked for, so that a hostile length allocates nothing.
inline constexpr std::uint32_t kMaxReadLength = 4096;

/// Silences DCMTK's log (we report by stable codes) and registers its decoders. Idempotent, thread-safe.
void prepare_dcmtk();

}  // namespace cemscope::ingest
