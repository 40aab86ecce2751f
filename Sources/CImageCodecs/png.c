#include "header.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const uint8_t *data;
  size_t left;
  int is_whole;
  int result;
  char *message;
} source;

static void fail(png_structp png, png_const_charp text) {
  snprintf(((source *)png_get_error_ptr(png))->message, DBC_CODEC_MESSAGE, "%s", text);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take(png_structp png, png_bytep into, size_t count) {
  source *from = png_get_io_ptr(png);
  if (count > from->left) {
    if (!from->is_whole) from->result = DBC_NEEDS_MORE;
    png_error(png, "the file ends too early");
  }
  memcpy(into, from->data, count);
  from->data += count;
  from->left -= count;
}

static dbc_image_header header_of(png_structp png, png_infop info) {
  const int type = png_get_color_type(png, info);
  const int is_alpha = (type & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS);
  return (dbc_image_header){
      .width = png_get_image_width(png, info),
      .height = png_get_image_height(png, info),
      .channels = (uint8_t)(((type & PNG_COLOR_MASK_COLOR) ? 3 : 1) + (is_alpha ? 1 : 0)),
      .orientation = 1,
      .samples = png_get_bit_depth(png, info) == 16 ? DBC_UINT16 : DBC_UINT8};
}

/* Makes floats of 16-bit samples, which lie in the second half of the floats' memory. */
static void widen(float *samples, size_t count) {
  const uint8_t *packed = (const uint8_t *)samples + count * sizeof(uint16_t);
  enum { PIECE = 256 };
  uint16_t piece[PIECE];
  for (size_t start = 0; start < count; start += PIECE) {
    const size_t some = count - start < PIECE ? count - start : PIECE;
    memcpy(piece, packed + start * sizeof(uint16_t), some * sizeof(uint16_t));
    for (size_t i = 0; i < some; i++) samples[start + i] = piece[i];
  }
}

static void read_rows(png_structp png, png_infop info, const dbc_image_header *header, void *samples) {
  png_set_expand(png);
  if (header->samples == DBC_UINT16) png_set_swap(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  const size_t count = (size_t)header->width * header->height * header->channels;
  const size_t stride = header->samples == DBC_UINT16 ? sizeof(uint16_t) : 1;
  const size_t row = (size_t)header->width * header->channels * stride;
  if (png_get_rowbytes(png, info) != row) png_error(png, "its rows are of an unexpected length");
  png_bytep rows = (png_bytep)samples + (stride == 1 ? 0 : count * stride);
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < header->height; y++) png_read_row(png, rows + y * row, NULL);
  png_read_end(png, NULL);
  if (stride != 1) widen(samples, count);
}

/* Reads the header, and the samples where there is room for them. */
static int read_png(source *from, dbc_image_header *header, void *samples) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, from, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    snprintf(from->message, DBC_CODEC_MESSAGE, "out of memory");
    return DBC_DAMAGED;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return from->result;
  }
  png_set_read_fn(png, from, take);
  /* Texts and the like, which may unpack to gigabytes, are skipped. */
  png_set_chunk_cache_max(png, 1);
  png_read_info(png, info);
  const dbc_image_header found = header_of(png, info);
  if (!samples) {
    *header = found;
  } else {
    if (!is_same_header(&found, header)) png_error(png, "its header has changed");
    read_rows(png, info, header, samples);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return DBC_DONE;
}

int dbc_png_header(const uint8_t *data, size_t size, int whole, dbc_image_header *header, char *message) {
  source from = {data, size, whole, DBC_DAMAGED, message};
  return read_png(&from, header, NULL);
}

int dbc_png_decode(const uint8_t *data, size_t size, const dbc_image_header *header, void *samples, char *message) {
  source from = {data, size, 1, DBC_DAMAGED, message};
  dbc_image_header expected = *header;
  return read_png(&from, &expected, samples);
}
