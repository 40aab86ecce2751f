/* libpng and libjpeg behind plain functions: their error handling needs setjmp, which Swift cannot call. */
#ifndef DBC_IMAGE_CODECS_H
#define DBC_IMAGE_CODECS_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t width;
  uint32_t height;
  /* 1: grey, 3: RGB; palettes count as RGB, an alpha channel does not count. */
  uint32_t channels;
} dbc_image_header;

enum { DBC_CODEC_MESSAGE = 256 };

/* Each returns 1, or 0 with a text in message[DBC_CODEC_MESSAGE]. */
int dbc_png_header(const uint8_t *data, size_t size, dbc_image_header *header, char *message);
int dbc_jpeg_header(const uint8_t *data, size_t size, dbc_image_header *header, char *message);

/* Decodes to 8 bits per sample, interleaved: pixels[height][width][channels], channels 1 or 3. The image must have
   the size that `header` says; grey is repeated where 3 channels are asked for. */
int dbc_png_decode(const uint8_t *data, size_t size, const dbc_image_header *header, uint8_t *pixels, char *message);
int dbc_jpeg_decode(const uint8_t *data, size_t size, const dbc_image_header *header, uint8_t *pixels, char *message);

#endif
