#pragma once

#include <functional>
#include <new>
#include <optional>
#include <string>
#include <type_traits>

#include "imaging/error.h"
#include "src/batch/job.h"
#include "src/ingest/export_index.h"

namespace cemscope::batch {

/// The failure of one of the job's series, or of one file of it.
ingest::Failure series_failure(const Job& job, const ingest::Series& series, const std::string& code, const std::string& sentence,
                               const std::string& path = {});

/// Whether two entries mean the same series, or the same part of one that was split. Rows of a case carry copies without images.
bool is_same_series(const ingest::Series& a, const ingest::Series& b);

/// What `read` returns; when it throws, nothing, and `fail` is told the code ("ct_unreadable", "ct_reading_failed") and the sentence.
/// Want of memory is the worker's business and passes through.
template <typename Read>
std::optional<std::invoke_result_t<Read>> read_or_fail(const std::string& kind, const Read& read,
                                                       const std::function<void(const std::string&, const std::string&)>& fail) {
  try {
    return read();
  } catch (const Error& error) {
    fail(kind + "_" + to_string(error.kind()), error.what());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    fail(kind + "_reading_failed", error.what());
  }
  return std::nullopt;
}

}  // namespace cemscope::batch
