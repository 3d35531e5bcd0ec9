#include "imaging/volume.h"

namespace cemscope::imaging {}
