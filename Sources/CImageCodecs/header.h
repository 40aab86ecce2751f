#ifndef DBC_HEADER_H
#define DBC_HEADER_H
#include "CImageCodecs.h"

static inline int is_same_header(const dbc_image_header *a, const dbc_image_header *b) {
  return a->width == b->width && a->height == b->height && a->channels == b->channels && a->samples == b->samples;
}

#endif
