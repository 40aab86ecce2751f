#include "tiff_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int damaged(char *message, const char *text) {
  if (!message[0]) snprintf(message, DBC_CODEC_MESSAGE, "%s", text);
  return DBC_DAMAGED;
}

/* Bytes of one plane of a stack. */
static uint64_t plane_bytes(const dbc_tiff_layout *layout) {
  return (uint64_t)layout->header.width * layout->header.height * layout->stored * (layout->bits / 8);
}

/* ImageJ writes one directory for many planes, which follow one another uncompressed; how many, stands in the description.
   Other programs copy that text to files of one plane: whether there are more, the bytes behind it tell; one may be there to
   fill up. */
static int count_planes(TIFF *tiff, const dbc_tiff_layout *layout, const dbc_tiff_source *source,
                        uint32_t *planes, char *message) {
  const uint64_t size = source->size;
  const char *text = NULL;
  *planes = 1;
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text) || strncmp(text, "ImageJ=", 7) != 0) return DBC_DONE;
  const char *found = strstr(text, "\nimages=");
  const unsigned long images = found ? strtoul(found + 8, NULL, 10) : 1;
  if (images <= 1 || layout->compression != COMPRESSION_NONE || layout->is_tiled || layout->is_separate ||
      layout->is_foreign || layout->bits % 8 != 0)
    return DBC_DONE;
  const uint32_t strips = TIFFNumberOfStrips(tiff);
  const uint64_t first = TIFFGetStrileOffset(tiff, 0);
  uint64_t end = first;
  for (uint32_t i = 0; i < strips; i++) {
    if (TIFFGetStrileOffset(tiff, i) != end) return DBC_DONE;
    end += TIFFGetStrileByteCount(tiff, i);
  }
  const uint64_t plane = plane_bytes(layout);
  const uint64_t room = plane && first < size ? (size - first) / plane : 0;
  const int goes_on = source->directory < first && size > end && size - end > 1;
  if (room < 2 && !goes_on) return DBC_DONE;
  if (images > room) {
    snprintf(message, DBC_CODEC_MESSAGE, "it promises a stack of %lu planes and has room for %llu", images,
             (unsigned long long)room);
    return DBC_DAMAGED;
  }
  *planes = (uint32_t)images;
  return DBC_DONE;
}

/* Opens the file and looks at its first directory; NULL where it cannot be opened. */
static TIFF *open_surveyed(const dbc_tiff_source *source, dbc_tiff_client *client, dbc_tiff_layout *layout, int *result,
                           char *message) {
  TIFF *tiff = dbc_tiff_open(source, client, message);
  if (!tiff) return NULL;
  /* What libtiff could mend is no error. */
  message[0] = 0;
  *result = dbc_tiff_survey(tiff, layout, message);
  return tiff;
}

int dbc_tiff_header(const dbc_tiff_source *source, dbc_tiff_page *page, char *message) {
  dbc_tiff_client client;
  dbc_tiff_layout layout;
  int result;
  TIFF *tiff = open_surveyed(source, &client, &layout, &result, message);
  if (!tiff) return DBC_DAMAGED;
  memset(page, 0, sizeof *page);
  page->header = layout.header;
  uint32_t kind = 0;
  uint16_t old_kind = 0, children = 0;
  void *offsets;
  TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind);
  TIFFGetField(tiff, TIFFTAG_OSUBFILETYPE, &old_kind);
  page->is_secondary = (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0 || old_kind == OFILETYPE_REDUCEDIMAGE;
  page->has_children = TIFFGetField(tiff, TIFFTAG_SUBIFD, &children, &offsets) && children > 0;
  if (result == DBC_DONE) result = count_planes(tiff, &layout, source, &page->planes, message);
  TIFFClose(tiff);
  return result;
}

/* Memory for unpacking. */
typedef struct {
  uint8_t *packed;
  size_t packed_size;
  uint8_t *row;
  /* Samples as they are stored, [pixel][taken]. */
  uint8_t *taken;
} buffers;

/* Puts `count` pixels of a row, of all samples or of sample number `sample` only, to their place among the taken. */
static void put_row(const dbc_tiff_layout *layout, const buffers *memory, const uint8_t *packed, size_t count, int sample,
                    size_t pixel) {
  const size_t size = dbc_sample_bytes(layout), taken = dbc_taken(layout);
  uint8_t *to = memory->taken + pixel * taken * size;
  const size_t stored = sample < 0 ? layout->stored : 1;
  if (stored == taken) {
    dbc_tiff_unpack(layout, packed, count * stored, to);
    return;
  }
  dbc_tiff_unpack(layout, packed, count * stored, memory->row);
  const size_t colours = layout->colours;
  for (size_t i = 0; i < count; i++) {
    const uint8_t *from = memory->row + i * stored * size;
    uint8_t *place = to + i * taken * size;
    if (sample < 0) {
      memcpy(place, from, colours * size);
      if (layout->alpha) memcpy(place + colours * size, from + layout->alpha * size, size);
    } else {
      const size_t channel = (size_t)sample < colours ? (size_t)sample : colours;
      memcpy(place + channel * size, from, size);
    }
  }
}

static int read_strips(TIFF *tiff, const dbc_tiff_layout *layout, const buffers *memory, int sample) {
  uint32_t rows = 0;
  const uint32_t height = layout->header.height;
  const size_t width = layout->header.width;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
  if (rows == 0 || rows > height) rows = height;
  const size_t row_bytes = (size_t)TIFFScanlineSize64(tiff);
  for (uint32_t y = 0; y < height; y += rows) {
    const uint32_t some = height - y < rows ? height - y : rows;
    const uint32_t strip = TIFFComputeStrip(tiff, y, (uint16_t)(sample < 0 ? 0 : sample));
    const tmsize_t got = TIFFReadEncodedStrip(tiff, strip, memory->packed, (tmsize_t)memory->packed_size);
    if (got < 0 || (size_t)got < some * row_bytes) return 0;
    for (uint32_t i = 0; i < some; i++)
      put_row(layout, memory, memory->packed + i * row_bytes, width, sample, (y + i) * width);
    if (some == height - y) break;
  }
  return 1;
}

static int read_tiles(TIFF *tiff, const dbc_tiff_layout *layout, const buffers *memory, int sample) {
  uint32_t across = 0, down = 0;
  const uint32_t width = layout->header.width, height = layout->header.height;
  TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &across);
  TIFFGetField(tiff, TIFFTAG_TILELENGTH, &down);
  const size_t row_bytes = (size_t)TIFFTileRowSize64(tiff);
  for (uint64_t y = 0; y < height; y += down)
    for (uint64_t x = 0; x < width; x += across) {
      const uint32_t tile = TIFFComputeTile(tiff, (uint32_t)x, (uint32_t)y, 0, (uint16_t)(sample < 0 ? 0 : sample));
      const tmsize_t got = TIFFReadEncodedTile(tiff, tile, memory->packed, (tmsize_t)memory->packed_size);
      if (got < 0 || (size_t)got < down * row_bytes) return 0;
      const size_t columns = width - x < across ? width - x : across;
      for (uint32_t i = 0; i < down && y + i < height; i++)
        put_row(layout, memory, memory->packed + i * row_bytes, columns, sample, (y + i) * width + x);
    }
  return 1;
}

static int read_samples(TIFF *tiff, const dbc_tiff_layout *layout, const buffers *memory) {
  if (!layout->is_separate)
    return layout->is_tiled ? read_tiles(tiff, layout, memory, -1) : read_strips(tiff, layout, memory, -1);
  for (uint32_t sample = 0; sample < layout->stored; sample++) {
    if (sample >= layout->colours && (!layout->alpha || sample != layout->alpha)) continue;
    if (!(layout->is_tiled ? read_tiles(tiff, layout, memory, (int)sample)
                           : read_strips(tiff, layout, memory, (int)sample)))
      return 0;
  }
  return 1;
}

static int decode_samples(TIFF *tiff, const dbc_tiff_layout *layout, void *samples, char *message) {
  const size_t pixels = (size_t)layout->header.width * layout->header.height;
  const size_t size = dbc_sample_bytes(layout), taken = dbc_taken(layout);
  const uint64_t packed = layout->is_tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
  const uint64_t row = layout->is_tiled ? TIFFTileRowSize64(tiff) : TIFFScanlineSize64(tiff);
  uint32_t columns = layout->header.width;
  if (layout->is_tiled) TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &columns);
  const uint64_t stored = layout->is_separate ? 1 : layout->stored;
  if (row < ((uint64_t)columns * stored * layout->bits + 7) / 8 || packed < row || packed > (uint64_t)1 << 33)
    return damaged(message, "its rows are of an unexpected length");
  uint16_t *maps[3] = {NULL, NULL, NULL};
  if (layout->photometric == PHOTOMETRIC_PALETTE && !TIFFGetField(tiff, TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]))
    return damaged(message, "it has no palette");
  const int is_direct = taken == layout->header.channels;
  buffers memory = {.packed_size = (size_t)packed};
  memory.packed = malloc(memory.packed_size);
  memory.row = malloc((size_t)columns * layout->stored * size);
  memory.taken = is_direct ? samples : malloc(pixels * taken * size);
  int result = DBC_DONE;
  if (!memory.packed || !memory.row || !memory.taken)
    result = damaged(message, "out of memory");
  else if (!read_samples(tiff, layout, &memory) || message[0])
    result = damaged(message, "the file ends too early");
  else
    dbc_tiff_show(layout, maps, memory.taken, samples);
  if (!is_direct) free(memory.taken);
  free(memory.row);
  free(memory.packed);
  return result;
}

/* Colours that libtiff knows how to turn into RGB. */
static int decode_foreign(TIFF *tiff, const dbc_tiff_layout *layout, uint8_t *samples, char *message) {
  const size_t pixels = (size_t)layout->header.width * layout->header.height;
  char text[1024] = "";
  TIFFRGBAImage image;
  if (!TIFFRGBAImageOK(tiff, text) || !TIFFRGBAImageBegin(&image, tiff, 1, text)) {
    snprintf(message, DBC_CODEC_MESSAGE, "%.*s", DBC_CODEC_MESSAGE - 1, text);
    return DBC_UNSUPPORTED;
  }
  /* The rows stay as they are stored. */
  image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;
  uint32_t *raster = malloc(pixels * sizeof *raster);
  const int is_good = raster && TIFFRGBAImageGet(&image, raster, layout->header.width, layout->header.height);
  for (size_t pixel = 0; is_good && pixel < pixels; pixel++) {
    samples[3 * pixel] = (uint8_t)TIFFGetR(raster[pixel]);
    samples[3 * pixel + 1] = (uint8_t)TIFFGetG(raster[pixel]);
    samples[3 * pixel + 2] = (uint8_t)TIFFGetB(raster[pixel]);
  }
  free(raster);
  TIFFRGBAImageEnd(&image);
  return is_good && !message[0] ? DBC_DONE : damaged(message, "the file ends too early");
}

int dbc_tiff_decode(const dbc_tiff_source *source, uint32_t plane, const dbc_image_header *header, void *samples,
                    uint8_t *remarks, char *message) {
  dbc_tiff_client client;
  dbc_tiff_layout layout;
  int result;
  TIFF *tiff = open_surveyed(source, &client, &layout, &result, message);
  if (!tiff) return DBC_DAMAGED;
  if (result == DBC_DONE && !is_same_header(&layout.header, header)) result = damaged(message, "its header has changed");
  if (result == DBC_DONE) {
    client.shift = plane * plane_bytes(&layout);
    result = layout.is_foreign ? decode_foreign(tiff, &layout, samples, message)
                               : decode_samples(tiff, &layout, samples, message);
    *remarks = layout.photometric == PHOTOMETRIC_SEPARATED ? DBC_INKS : 0;
  }
  TIFFClose(tiff);
  return result;
}
