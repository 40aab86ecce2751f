#include "CImageCodecs.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* Needs stdio.h before it. */
#include <jpeglib.h>

/* A file that grows in memory. */
typedef struct {
  uint8_t *bytes;
  size_t size;
  size_t room;
} growing;

static void append(png_structp png, png_bytep data, size_t count) {
  growing *file = png_get_io_ptr(png);
  if (count > file->room - file->size) {
    const size_t room = 2 * (file->size + count) + 4096;
    uint8_t *bytes = realloc(file->bytes, room);
    if (!bytes) png_error(png, "out of memory");
    file->bytes = bytes;
    file->room = room;
  }
  memcpy(file->bytes + file->size, data, count);
  file->size += count;
}

static void flush(png_structp png) { (void)png; }

static void give_up(png_structp png, png_const_charp text) {
  (void)text;
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

uint8_t *dbc_png_encode(const uint8_t *samples, uint32_t width, uint32_t height, uint8_t channels, size_t *size) {
  static const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                              PNG_COLOR_TYPE_RGB_ALPHA};
  growing file = {NULL, 0, 0};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, give_up, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(file.bytes);
    return NULL;
  }
  png_set_write_fn(png, &file, append, flush);
  png_set_IHDR(png, info, width, height, 8, types[channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
               PNG_FILTER_TYPE_BASE);
  png_write_info(png, info);
  for (uint32_t row = 0; row < height; row++)
    png_write_row(png, (png_const_bytep)samples + (size_t)row * width * channels);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  *size = file.size;
  return file.bytes;
}

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf place;
} jpeg_errors;

static void leave(j_common_ptr codec) { longjmp(((jpeg_errors *)codec->err)->place, 1); }

static void say_nothing(j_common_ptr codec) { (void)codec; }

uint8_t *dbc_jpeg_encode(const uint8_t *samples, uint32_t width, uint32_t height, uint8_t channels, int quality,
                         size_t *size) {
  struct jpeg_compress_struct codec;
  jpeg_errors errors;
  /* Not in a register when longjmp comes back. */
  unsigned char *volatile bytes = NULL;
  unsigned char *written = NULL;
  unsigned long count = 0;
  codec.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = leave;
  errors.base.output_message = say_nothing;
  if (setjmp(errors.place)) {
    jpeg_destroy_compress(&codec);
    free(bytes);
    return NULL;
  }
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, &written, &count);
  codec.image_width = width;
  codec.image_height = height;
  codec.input_components = channels;
  codec.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, quality, TRUE);
  codec.optimize_coding = TRUE;
  jpeg_start_compress(&codec, TRUE);
  while (codec.next_scanline < height) {
    JSAMPROW row = (JSAMPROW)samples + (size_t)codec.next_scanline * width * channels;
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  bytes = written;
  jpeg_destroy_compress(&codec);
  *size = count;
  return bytes;
}
