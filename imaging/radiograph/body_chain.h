#pragma once

#include <vector>

namespace cemscope::imaging::radiograph {

/// Evidence of endplates along a column, one value per row.
struct EndplateEvidence {
  std::vector<double> upper, lower;     ///< log odds; see endplate_evidence.h
  std::vector<double> usual_height_mm;  ///< of a body here
};

/// Rows of a body's endplates.
struct BodyEnds {
  int top = 0, bottom = 0;
};

/// The bodies between a column's first and last row, top to bottom, by dynamic programming over all endplates at once: much evidence,
/// heights near the usual (wide downwards: collapsed bodies) at one scale for the whole column, discs of 2 to 14 mm. A body that reaches
/// beyond the rows is left out. Errors of single bodies are about a millimetre where endplates show, and where none does the neighbours
/// decide.
std::vector<BodyEnds> find_body_chain(const EndplateEvidence& evidence, double row_mm);

}  // namespace cemscope::imaging::radiograph
