/* What the files of the TIFF decoder share. */
#ifndef DBC_TIFF_PARTS_H
#define DBC_TIFF_PARTS_H
#include "header.h"

#include <tiffio.h>

/* The file as libtiff sees it: one whose first directory is the one that is wanted. So it never walks the chain of
   directories, which for thousands of pages takes quadratic time. */
typedef struct {
  const dbc_tiff_source *from;
  uint64_t at;
  /* The file's first bytes, with another first directory. */
  uint8_t head[16];
  size_t head_size;
  /* Reads come from so many bytes further on: of an ImageJ stack's later planes. */
  uint64_t shift;
  char *message;
} dbc_tiff_client;

/* The page as an open TIFF file; NULL with a message where that cannot be. */
TIFF *dbc_tiff_open(const dbc_tiff_source *source, dbc_tiff_client *client, char *message);

/* How the samples of a page are stored. */
typedef struct {
  dbc_image_header header;
  uint32_t bits;
  /* Samples per pixel in the file. */
  uint32_t stored;
  /* Of these so many are the colours, and come first; inks have 4. */
  uint32_t colours;
  /* The sample that is alpha, 0 where there is none. */
  uint32_t alpha;
  int is_premultiplied;
  uint16_t format;
  uint16_t photometric;
  uint16_t compression;
  int is_separate;
  int is_tiled;
  /* Only libtiff's own way to RGBA knows the colours. */
  int is_foreign;
} dbc_tiff_layout;

/* Reads the page's tags; returns as the functions of CImageCodecs.h do. */
int dbc_tiff_survey(TIFF *tiff, dbc_tiff_layout *layout, char *message);

/* Bytes of one sample in memory, 1 or 4 (floats). */
static inline size_t dbc_sample_bytes(const dbc_tiff_layout *layout) {
  return layout->header.samples == DBC_UINT8 ? 1 : sizeof(float);
}

/* Samples per pixel that are taken from the file. */
static inline uint32_t dbc_taken(const dbc_tiff_layout *layout) { return layout->colours + (layout->alpha ? 1 : 0); }

/* Unpacks `count` samples, as they are stored, to bytes or floats. */
void dbc_tiff_unpack(const dbc_tiff_layout *layout, const uint8_t *packed, size_t count, void *samples);

/* Makes shown samples[pixel][channel] of stored taken[pixel][colours, alpha]; both may be one where there are as many
   channels as are taken. `maps` are the palette's red, green and blue. */
void dbc_tiff_show(const dbc_tiff_layout *layout, uint16_t *const maps[3], void *taken, void *samples);

#endif
