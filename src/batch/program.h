#pragma once

#include <string>

namespace cemscope::batch {

/// "0.1.0"
std::string program_version();

/// Tells builds of one version apart: a hash of the running executable. Results of another build are not taken over by --resume.
std::string build_hash();

}  // namespace cemscope::batch
