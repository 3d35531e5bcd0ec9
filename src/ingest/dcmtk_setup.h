#pragma once

namespace cemscope::ingest {

/// Silences DCMTK's log (we report by stable codes) and registers its decoders. Idempotent, thread-safe.
void prepare_dcmtk();

}  // namespace cemscope::ingest
