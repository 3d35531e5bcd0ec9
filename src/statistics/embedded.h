#pragma once

#include <map>
#include <string>

namespace cemscope::statistics {

/// The data files shipped inside the program, by name ("liu-2021.json" is the model, "audit/liu-2021.json" the printed tables).
const std::map<std::string, std::string>& embedded_files();

}  // namespace cemscope::statistics
