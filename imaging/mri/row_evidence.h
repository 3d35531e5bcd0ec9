#pragma once

#include "imaging/mri/canal_course.h"
#include "imaging/mri/mr_volume.h"

namespace cemscope::imaging::mri {

/// Logistic regressions over 24 mm above and below on the signal of six bands through the bodies, two behind the canal (spinous processes)
/// and three beside it (pedicles, foramina), each as its deviation from what is usual along the spine, as the strength of its edges and as
/// dark lines. So no single look of a disc is asked for: bright, dark, beside cement or beside oedema. Learned on simulated examinations
/// (row_weights.h). O(rows x features).
RowEvidence row_evidence(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal);

}  // namespace cemscope::imaging::mri
