#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>

#include "src/ingest/export_index.h"

namespace cemscope::commands {

enum class IndexFormat { table, csv, json };

struct IndexArguments {
  std::filesystem::path folder;
  IndexFormat format = IndexFormat::table;
  /// Called a few times a second while files are read, e.g. for a progress bar on stderr.
  std::function<void(std::int64_t n_done, std::int64_t n_total)> progress = {};
};

/// `cemscope index`: lists who and what is in the folder, each series' role and the reason for it, on standard output. The table is for
/// people; CSV (RFC 4180, formulas neutralised) has a row per series; JSON holds patients, studies, series (n_images in place of the
/// images) and failures. Patients' names are never written. Returns the exit code: 0, 2 when the folder cannot be read (said on stderr), 4
/// when it holds no CT, film or MR series to score.
int run_index(const IndexArguments& arguments);

/// The same for an index made before, onto any stream; always the same bytes for the same index.
void write_index(std::ostream& out, const ingest::ExportIndex& index, IndexFormat format);

/// Whether any series is a CT, film or MR series that findings could rest on.
bool has_anything_to_score(const ingest::ExportIndex& index);

}  // namespace cemscope::commands
