#include "CImageCodecs.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const uint8_t *data;
  size_t left;
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
  if (count > from->left) png_error(png, "the file ends too early");
  memcpy(into, from->data, count);
  from->data += count;
  from->left -= count;
}

/* Reads the header, and the pixels where there is room for them. */
static int read_png(const uint8_t *data, size_t size, dbc_image_header *header, uint8_t *pixels, char *message) {
  source from = {data, size, message};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &from, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    snprintf(message, DBC_CODEC_MESSAGE, "out of memory");
    return 0;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }
  png_set_read_fn(png, &from, take);
  /* Texts and the like, which may unpack to gigabytes, are skipped. */
  png_set_chunk_cache_max(png, 1);
  png_read_info(png, info);
  const int type = png_get_color_type(png, info);
  const uint32_t width = png_get_image_width(png, info);
  const uint32_t height = png_get_image_height(png, info);
  const uint32_t channels = (type & PNG_COLOR_MASK_COLOR) ? 3 : 1;
  if (!pixels) {
    *header = (dbc_image_header){width, height, channels};
  } else {
    if (width != header->width || height != header->height || channels > header->channels)
      png_error(png, "its header has changed");
    png_set_scale_16(png);
    png_set_expand(png);
    png_set_strip_alpha(png);
    if (channels < header->channels) png_set_gray_to_rgb(png);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    const size_t row = (size_t)width * header->channels;
    if (png_get_rowbytes(png, info) != row) png_error(png, "its rows are of an unexpected length");
    for (int pass = 0; pass < passes; pass++)
      for (uint32_t y = 0; y < height; y++) png_read_row(png, pixels + y * row, NULL);
    png_read_end(png, NULL);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}

int dbc_png_header(const uint8_t *data, size_t size, dbc_image_header *header, char *message) {
  return read_png(data, size, header, NULL, message);
}

int dbc_png_decode(const uint8_t *data, size_t size, const dbc_image_header *header, uint8_t *pixels,
                   char *message) {
  dbc_image_header expected = *header;
  return read_png(data, size, &expected, pixels, message);
}
