#include "CImageCodecs.h"

#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>
#include <setjmp.h>

typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf jump;
  int is_whole;
  int result;
  uint8_t remarks;
  char *message;
} failure;

static void fail(j_common_ptr codec) {
  failure *error = (failure *)codec->err;
  switch (codec->err->msg_code) {
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_CONVERSION_NOTIMPL:
      error->result = DBC_UNSUPPORTED;
      break;
    case JWRN_JPEG_EOF:
      if (!error->is_whole) error->result = DBC_NEEDS_MORE;
      break;
    default:
      break;
  }
  char text[JMSG_LENGTH_MAX];
  codec->err->format_message(codec, text);
  snprintf(error->message, DBC_CODEC_MESSAGE, "%s", text);
  longjmp(error->jump, 1);
}

/* A warning means damaged data, of which libjpeg would make up the rest; but not if it is of bytes between the parts of
   the file, which are skipped, or of what headers say beside the picture. */
static void warn(j_common_ptr codec, int level) {
  if (level >= 0) return;
  switch (codec->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
      ((failure *)codec->err)->remarks |= DBC_STRAY_BYTES;
      return;
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_ICC:
      return;
    default:
      fail(codec);
  }
}

static void refuse(struct jpeg_decompress_struct *codec, int result, const char *text) {
  failure *error = (failure *)codec->err;
  error->result = result;
  snprintf(error->message, DBC_CODEC_MESSAGE, "%s", text);
  longjmp(error->jump, 1);
}

/* More scans than any encoder makes: each takes a pass over the image, and a few bytes of the file. */
enum { MOST_SCANS = 500 };

static void watch(j_common_ptr codec) {
  struct jpeg_decompress_struct *decompress = (struct jpeg_decompress_struct *)codec;
  if (decompress->input_scan_number > MOST_SCANS) refuse(decompress, DBC_DAMAGED, "it has more than 500 scans");
}

static dbc_image_header header_of(struct jpeg_decompress_struct *codec) {
  if (codec->num_components != 1 && codec->num_components != 3 && codec->num_components != 4)
    refuse(codec, DBC_UNSUPPORTED, "it has another number of components than 1 (grey), 3 (RGB) or 4 (CMYK)");
  return (dbc_image_header){.width = codec->image_width,
                            .height = codec->image_height,
                            .channels = codec->num_components == 1 ? 1 : 3,
                            .orientation = 1,
                            .samples = DBC_UINT8};
}

static void read_plain_rows(struct jpeg_decompress_struct *codec, uint8_t *samples, size_t row) {
  while (codec->output_scanline < codec->output_height) {
    JSAMPROW line = samples + codec->output_scanline * row;
    jpeg_read_scanlines(codec, &line, 1);
  }
}

/* Files of four inks hold 255 - ink, as Adobe began it; like Pillow, this takes that for all of them. */
static void read_ink_rows(struct jpeg_decompress_struct *codec, uint8_t *samples, size_t row) {
  const size_t width = codec->output_width;
  JSAMPARRAY inks = codec->mem->alloc_sarray((j_common_ptr)codec, JPOOL_IMAGE, (JDIMENSION)(4 * width), 1);
  while (codec->output_scanline < codec->output_height) {
    uint8_t *line = samples + codec->output_scanline * row;
    jpeg_read_scanlines(codec, inks, 1);
    for (size_t i = 0; i < 4 * width; i++) inks[0][i] = 255 - inks[0][i];
    dbc_rgb_of_inks(inks[0], line, width);
  }
}

static void read_rows(struct jpeg_decompress_struct *codec, const dbc_image_header *header, uint32_t divisor,
                      uint8_t *samples) {
  const int is_inks = codec->num_components == 4;
  codec->out_color_space = header->channels == 1 ? JCS_GRAYSCALE : is_inks ? JCS_CMYK : JCS_RGB;
  codec->scale_num = 1;
  codec->scale_denom = divisor;
  jpeg_start_decompress(codec);
  if (codec->output_width != header->width || codec->output_height != header->height)
    refuse(codec, DBC_DAMAGED, "its header has changed");
  const size_t row = (size_t)codec->output_width * header->channels;
  if (is_inks)
    read_ink_rows(codec, samples, row);
  else
    read_plain_rows(codec, samples, row);
  jpeg_finish_decompress(codec);
}

/* Reads the header, and the samples where there is room for them. */
static int read_jpeg(const uint8_t *data, size_t size, int whole, dbc_image_header *header, uint32_t divisor,
                     uint8_t *samples, uint8_t *remarks, char *message) {
  struct jpeg_decompress_struct codec;
  failure error = {.is_whole = whole, .result = DBC_DAMAGED, .message = message};
  codec.err = jpeg_std_error(&error.manager);
  error.manager.error_exit = fail;
  error.manager.emit_message = warn;
  if (setjmp(error.jump)) {
    jpeg_destroy_decompress(&codec);
    return error.result;
  }
  jpeg_create_decompress(&codec);
  struct jpeg_progress_mgr progress = {.progress_monitor = watch};
  codec.progress = &progress;
  jpeg_mem_src(&codec, data, size);
  jpeg_read_header(&codec, TRUE);
  const dbc_image_header found = header_of(&codec);
  if (!samples) {
    *header = found;
  } else {
    if (found.channels != header->channels) refuse(&codec, DBC_DAMAGED, "its header has changed");
    read_rows(&codec, header, divisor, samples);
    *remarks = error.remarks | (codec.num_components == 4 ? DBC_INKS : 0);
  }
  jpeg_destroy_decompress(&codec);
  return DBC_DONE;
}

int dbc_jpeg_header(const uint8_t *data, size_t size, int whole, dbc_image_header *header, char *message) {
  return read_jpeg(data, size, whole, header, 1, NULL, NULL, message);
}

int dbc_jpeg_decode(const uint8_t *data, size_t size, const dbc_image_header *header, uint32_t divisor,
                    uint8_t *samples, uint8_t *remarks, char *message) {
  dbc_image_header expected = *header;
  return read_jpeg(data, size, 1, &expected, divisor, samples, remarks, message);
}
