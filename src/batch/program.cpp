#include "src/batch/program.h"

#include "src/cohort/content_hash.h"

namespace cemscope::batch {

std::string program_version() { return CEMSCOPE_VERSION; }

std::string build_hash() {
  cohort::ContentHash hash;
  hash.add_file("/proc/self/exe");
  return hash.hex();
}

}  // namespace cemscope::batch
