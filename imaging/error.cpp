#include "imaging/error.h"

namespace cemscope {

std::string to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unreadable: return "unreadable";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::inconsistent: return "inconsistent";
    case ErrorKind::missing_attribute: return "missing_attribute";
    case ErrorKind::usage: return "usage";
  }
  return "unknown";
}

}  // namespace cemscope
