#include "header.h"

#include <gif_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *data;
  size_t left;
  int is_short;
} source;

static int take(GifFileType *gif, GifByteType *into, int count) {
  source *from = gif->UserData;
  size_t some = (size_t)count;
  if (some > from->left) {
    from->is_short = 1;
    some = from->left;
  }
  memcpy(into, from->data, some);
  from->data += some;
  from->left -= some;
  return (int)some;
}

/* The first frame, and the canvas that it is on. */
typedef struct {
  dbc_image_header header;
  /* The index that is transparent, or NO_TRANSPARENT_COLOR. */
  int transparent;
  /* Of every index: grey, or red, green, blue; then alpha. */
  uint8_t colours[256][4];
} first_frame;

/* Reads up to the first frame's data. */
static int find_frame(GifFileType *gif, first_frame *frame) {
  frame->transparent = NO_TRANSPARENT_COLOR;
  for (;;) {
    GifRecordType type;
    if (DGifGetRecordType(gif, &type) == GIF_ERROR) return 0;
    if (type == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(gif) == GIF_OK;
    if (type != EXTENSION_RECORD_TYPE) {
      gif->Error = D_GIF_ERR_NO_IMAG_DSCR;
      return 0;
    }
    int code;
    GifByteType *block;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) return 0;
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && block && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
      frame->transparent = control.TransparentColor;
    while (block)
      if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) return 0;
  }
}

/* A palette of greys only makes a grey picture: GIF knows no other. Without a palette, an index is a grey. */
static int set_colours(const GifFileType *gif, first_frame *frame) {
  const ColorMapObject *map = gif->Image.ColorMap ? gif->Image.ColorMap : gif->SColorMap;
  int is_grey = 1;
  for (int i = 0; map && i < map->ColorCount; i++)
    is_grey &= map->Colors[i].Red == map->Colors[i].Green && map->Colors[i].Red == map->Colors[i].Blue;
  for (int i = 0; i < 256; i++) {
    const int is_known = map && i < map->ColorCount;
    const uint8_t grey = map ? 0 : (uint8_t)i;
    const GifColorType colour = is_known ? map->Colors[i] : (GifColorType){grey, grey, grey};
    uint8_t *to = frame->colours[i];
    *to++ = colour.Red;
    if (!is_grey) {
      *to++ = colour.Green;
      *to++ = colour.Blue;
    }
    *to = i == frame->transparent ? 0 : 255;
  }
  return is_grey;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* A frame that is larger than the canvas makes the canvas larger, as in browsers and Pillow. */
static void set_header(const GifFileType *gif, first_frame *frame) {
  const int is_grey = set_colours(gif, frame);
  const GifImageDesc *part = &gif->Image;
  const uint32_t width = larger((uint32_t)gif->SWidth, (uint32_t)(part->Left + part->Width));
  const uint32_t height = larger((uint32_t)gif->SHeight, (uint32_t)(part->Top + part->Height));
  const int covers = (uint32_t)part->Width == width && (uint32_t)part->Height == height;
  const int is_alpha = !covers || frame->transparent != NO_TRANSPARENT_COLOR;
  frame->header = (dbc_image_header){.width = width,
                                     .height = height,
                                     .channels = (uint8_t)((is_grey ? 1 : 3) + (is_alpha ? 1 : 0)),
                                     .orientation = 1,
                                     .samples = DBC_UINT8};
}

/* The row that comes as number `number` in the file: interlaced, every 8th from 0, from 4, every 4th from 2, every
   2nd from 1. */
static uint32_t row_number(uint32_t number, uint32_t height, int is_interlaced) {
  static const uint32_t starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
  for (int pass = 0; is_interlaced && pass < 4; pass++) {
    const uint32_t rows = height > starts[pass] ? (height - starts[pass] + steps[pass] - 1) / steps[pass] : 0;
    if (number < rows) return starts[pass] + number * steps[pass];
    number -= rows;
  }
  return number;
}

/* What the frame leaves free is transparent. */
static int read_rows(GifFileType *gif, const first_frame *frame, uint8_t *samples) {
  const dbc_image_header *header = &frame->header;
  const GifImageDesc *part = &gif->Image;
  const size_t channels = header->channels;
  GifPixelType *line = malloc((size_t)part->Width + 1);
  if (!line) {
    gif->Error = D_GIF_ERR_NOT_ENOUGH_MEM;
    return 0;
  }
  memset(samples, 0, (size_t)header->width * header->height * channels);
  int is_good = 1;
  for (uint32_t number = 0; is_good && number < (uint32_t)part->Height; number++) {
    is_good = DGifGetLine(gif, line, part->Width) == GIF_OK;
    const size_t row = (size_t)part->Top + row_number(number, (uint32_t)part->Height, part->Interlace);
    uint8_t *to = samples + (row * header->width + (size_t)part->Left) * channels;
    for (int x = 0; x < part->Width; x++, to += channels) memcpy(to, frame->colours[line[x]], channels);
  }
  free(line);
  return is_good;
}

static int read_gif(source *from, int whole, dbc_image_header *header, uint8_t *samples, char *message) {
  int code = D_GIF_SUCCEEDED;
  GifFileType *gif = DGifOpen(from, take, &code);
  int result = DBC_DAMAGED;
  first_frame frame;
  if (gif && find_frame(gif, &frame)) {
    set_header(gif, &frame);
    if (!samples) {
      *header = frame.header;
      result = DBC_DONE;
    } else if (!is_same_header(&frame.header, header)) {
      snprintf(message, DBC_CODEC_MESSAGE, "its header has changed");
    } else if (read_rows(gif, &frame, samples)) {
      result = DBC_DONE;
    }
  }
  if (gif) code = gif->Error;
  if (gif) DGifCloseFile(gif, NULL);
  if (result == DBC_DONE) return DBC_DONE;
  if (from->is_short && !whole) return DBC_NEEDS_MORE;
  const char *text = from->is_short ? "the file ends too early" : GifErrorString(code);
  if (!message[0]) snprintf(message, DBC_CODEC_MESSAGE, "%s", text ? text : "its data are not valid");
  return DBC_DAMAGED;
}

int dbc_gif_header(const uint8_t *data, size_t size, int whole, dbc_image_header *header, char *message) {
  source from = {data, size, 0};
  return read_gif(&from, whole, header, NULL, message);
}

int dbc_gif_decode(const uint8_t *data, size_t size, const dbc_image_header *header, void *samples, char *message) {
  source from = {data, size, 0};
  dbc_image_header expected = *header;
  return read_gif(&from, 1, &expected, samples, message);
}
