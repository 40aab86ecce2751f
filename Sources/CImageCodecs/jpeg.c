#include "CImageCodecs.h"

#include <stdio.h>

#include <jpeglib.h>
#include <setjmp.h>

typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf jump;
  char *message;
} failure;

static void fail(j_common_ptr codec) {
  failure *error = (failure *)codec->err;
  char text[JMSG_LENGTH_MAX];
  codec->err->format_message(codec, text);
  snprintf(error->message, DBC_CODEC_MESSAGE, "%s", text);
  longjmp(error->jump, 1);
}

/* A warning means damaged data, of which libjpeg would make up the rest. */
static void warn(j_common_ptr codec, int level) {
  if (level < 0) fail(codec);
}

static void refuse(struct jpeg_decompress_struct *codec, const char *text) {
  failure *error = (failure *)codec->err;
  snprintf(error->message, DBC_CODEC_MESSAGE, "%s", text);
  longjmp(error->jump, 1);
}

/* More scans than any encoder makes: each takes a pass over the image, and a few bytes of the file. */
enum { MOST_SCANS = 500 };

static void watch(j_common_ptr codec) {
  struct jpeg_decompress_struct *decompress = (struct jpeg_decompress_struct *)codec;
  if (decompress->input_scan_number > MOST_SCANS) refuse(decompress, "it has more than 500 scans");
}

static int read_jpeg(const uint8_t *data, size_t size, dbc_image_header *header, uint8_t *pixels, char *message) {
  struct jpeg_decompress_struct codec;
  failure error;
  codec.err = jpeg_std_error(&error.manager);
  error.manager.error_exit = fail;
  error.manager.emit_message = warn;
  error.message = message;
  if (setjmp(error.jump)) {
    jpeg_destroy_decompress(&codec);
    return 0;
  }
  jpeg_create_decompress(&codec);
  struct jpeg_progress_mgr progress = {.progress_monitor = watch};
  codec.progress = &progress;
  jpeg_mem_src(&codec, data, size);
  jpeg_read_header(&codec, TRUE);
  const uint32_t channels = codec.num_components == 1 ? 1 : 3;
  if (codec.num_components != 1 && codec.num_components != 3) refuse(&codec, "expected grey or RGB, found CMYK");
  if (!pixels) {
    *header = (dbc_image_header){codec.image_width, codec.image_height, channels};
  } else {
    if (codec.image_width != header->width || codec.image_height != header->height || channels > header->channels)
      refuse(&codec, "its header has changed");
    codec.out_color_space = header->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&codec);
    const size_t row = (size_t)codec.output_width * header->channels;
    while (codec.output_scanline < codec.output_height) {
      JSAMPROW line = pixels + codec.output_scanline * row;
      jpeg_read_scanlines(&codec, &line, 1);
    }
    jpeg_finish_decompress(&codec);
  }
  jpeg_destroy_decompress(&codec);
  return 1;
}

int dbc_jpeg_header(const uint8_t *data, size_t size, dbc_image_header *header, char *message) {
  return read_jpeg(data, size, header, NULL, message);
}

int dbc_jpeg_decode(const uint8_t *data, size_t size, const dbc_image_header *header, uint8_t *pixels,
                    char *message) {
  dbc_image_header expected = *header;
  return read_jpeg(data, size, &expected, pixels, message);
}
