/* libpng, libjpeg, libwebp, giflib and libtiff behind plain functions: their errors need setjmp or callbacks with
   variable arguments, which Swift cannot call. All are safe to call from several threads at once. */
#ifndef DBC_IMAGE_CODECS_H
#define DBC_IMAGE_CODECS_H
#include <stddef.h>
#include <stdint.h>

/* What samples are; the numbers are those of Swift's SampleType. */
enum {
  DBC_UINT8 = 1,
  DBC_INT8,
  DBC_UINT16,
  DBC_INT16,
  DBC_UINT32,
  DBC_INT32,
  DBC_UINT64,
  DBC_INT64,
  DBC_FLOAT16,
  DBC_FLOAT32,
  DBC_FLOAT64
};

typedef struct {
  uint32_t width;
  uint32_t height;
  /* 1: grey, 2: grey and alpha, 3: RGB, 4: RGB and alpha. */
  uint8_t channels;
  /* As EXIF counts it, 1 to 8; only TIFF sets another than 1. */
  uint8_t orientation;
  uint8_t samples;
} dbc_image_header;

enum { DBC_CODEC_MESSAGE = 256 };

/* What every function returns. */
enum {
  /* Damaged; why, is in message[DBC_CODEC_MESSAGE]. */
  DBC_DAMAGED,
  DBC_DONE,
  /* The header is not in these first bytes of the file. */
  DBC_NEEDS_MORE,
  /* A kind of file that cannot be read; which, is in message[DBC_CODEC_MESSAGE]. */
  DBC_UNSUPPORTED
};

/* `remarks` of decoders: bits of Swift's Picture.Remarks. */
enum { DBC_STRAY_BYTES = 1, DBC_INKS = 2 };

/* The header of a file of which data[size] are the first bytes, or all where `whole`. */
int dbc_png_header(const uint8_t *data, size_t size, int whole, dbc_image_header *header, char *message);
int dbc_jpeg_header(const uint8_t *data, size_t size, int whole, dbc_image_header *header, char *message);
int dbc_webp_header(const uint8_t *data, size_t size, int whole, dbc_image_header *header, char *message);
int dbc_gif_header(const uint8_t *data, size_t size, int whole, dbc_image_header *header, char *message);

/* Each decodes to samples[height][width][channels], bytes or floats by the header's samples. The file must have
   the header that is given. */
int dbc_png_decode(const uint8_t *data, size_t size, const dbc_image_header *header, void *samples, char *message);
int dbc_webp_decode(const uint8_t *data, size_t size, const dbc_image_header *header, void *samples, char *message);
int dbc_gif_decode(const uint8_t *data, size_t size, const dbc_image_header *header, void *samples, char *message);
/* Decodes at 1/divisor of the size, divisor 1, 2, 4 or 8; the header has the size that comes out, rounded up. */
int dbc_jpeg_decode(const uint8_t *data, size_t size, const dbc_image_header *header, uint32_t divisor,
                    uint8_t *samples, uint8_t *remarks, char *message);

/* A TIFF file in memory, or, where there are no data, as an open file; and where one of its directories begins. */
typedef struct {
  const uint8_t *data;
  uint64_t size;
  int descriptor;
  uint64_t directory;
} dbc_tiff_source;

/* One directory of a TIFF file. */
typedef struct {
  dbc_image_header header;
  /* It is a smaller copy of another picture, or a mask. */
  uint8_t is_secondary;
  /* It says that there are larger pictures below it. */
  uint8_t has_children;
  /* The planes of an ImageJ stack, one after another behind this directory; 1 where it is none. */
  uint32_t planes;
} dbc_tiff_page;

int dbc_tiff_header(const dbc_tiff_source *source, dbc_tiff_page *page, char *message);
/* Decodes plane number `plane` of the directory. */
int dbc_tiff_decode(const dbc_tiff_source *source, uint32_t plane, const dbc_image_header *header, void *samples,
                    uint8_t *remarks, char *message);

/* CMYK inks (255: full) as RGB, as Pillow does it; in place from 4 to 3 bytes per pixel where `rgb` is `inks`. */
void dbc_rgb_of_inks(const uint8_t *inks, uint8_t *rgb, size_t pixels);

/* Encodes samples[height][width][channels] as a PNG file (channels as in dbc_image_header), or as a baseline JPEG file (1 or 3
   channels, quality 1 to 100), of *size bytes, which the caller frees; NULL where memory runs out or the size is too large. */
uint8_t *dbc_png_encode(const uint8_t *samples, uint32_t width, uint32_t height, uint8_t channels, size_t *size);
uint8_t *dbc_jpeg_encode(const uint8_t *samples, uint32_t width, uint32_t height, uint8_t channels, int quality,
                         size_t *size);

#endif
