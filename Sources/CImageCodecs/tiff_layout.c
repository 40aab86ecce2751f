#include "tiff_parts.h"

#include <stdio.h>
#include <string.h>

static int refuse(char *message, const char *format, uint32_t number) {
  snprintf(message, DBC_CODEC_MESSAGE, format, number);
  return DBC_UNSUPPORTED;
}

/* What files that do not name their colours mean. */
static uint16_t usual_photometric(const dbc_tiff_layout *layout) {
  switch (layout->compression) {
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTRLEW:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
      return PHOTOMETRIC_MINISWHITE;
    default:
      return layout->stored >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  }
}

static int set_sample_type(dbc_tiff_layout *layout, char *message) {
  const uint32_t bits = layout->bits;
  int type = 0;
  switch (layout->format) {
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
      type = bits == 0 ? 0 : bits <= 8 ? DBC_UINT8 : bits <= 16 ? DBC_UINT16 : bits <= 32 ? DBC_UINT32
             : bits == 64 ? DBC_UINT64 : 0;
      break;
    case SAMPLEFORMAT_INT:
      type = bits == 8 ? DBC_INT8 : bits == 16 ? DBC_INT16 : bits == 32 ? DBC_INT32 : bits == 64 ? DBC_INT64 : 0;
      break;
    case SAMPLEFORMAT_IEEEFP:
      type = bits == 16 ? DBC_FLOAT16 : bits == 32 ? DBC_FLOAT32 : bits == 64 ? DBC_FLOAT64 : 0;
      break;
    default:
      return refuse(message, "its samples are complex numbers (sample format %u)", layout->format);
  }
  if (!type) return refuse(message, "its samples have %u bits, which does not fit their format", bits);
  layout->header.samples = (uint8_t)type;
  return DBC_DONE;
}

/* How many samples per pixel are colours; which colours come out. */
static int set_colours(TIFF *tiff, dbc_tiff_layout *layout, char *message) {
  const int is_byte = layout->header.samples == DBC_UINT8;
  uint16_t inks = INKSET_CMYK;
  switch (layout->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MASK:
      layout->colours = layout->header.channels = 1;
      return DBC_DONE;
    case PHOTOMETRIC_PALETTE:
      if (!is_byte) return refuse(message, "its palette has indices of %u bits", layout->bits);
      layout->colours = 1;
      break;
    case PHOTOMETRIC_RGB:
      layout->colours = 3;
      break;
    case PHOTOMETRIC_SEPARATED:
      TIFFGetFieldDefaulted(tiff, TIFFTAG_INKSET, &inks);
      if (inks != INKSET_CMYK) return refuse(message, "its %u inks are not CMYK", layout->stored);
      if (layout->header.samples != DBC_UINT8 && layout->header.samples != DBC_UINT16)
        return refuse(message, "its inks have %u bits", layout->bits);
      layout->colours = 4;
      break;
    case PHOTOMETRIC_YCBCR:
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV:
      layout->is_foreign = 1;
      layout->colours = 3;
      layout->header.samples = DBC_UINT8;
      break;
    case PHOTOMETRIC_CFA:
    case 34892:
      return refuse(message, "it is a camera's raw file (colours number %u)", layout->photometric);
    default:
      return refuse(message, "its colours are number %u", layout->photometric);
  }
  layout->header.channels = 3;
  return DBC_DONE;
}

/* Alpha is the first sample behind the colours that is called so; like Pillow, RGB with a fourth sample of which nothing is
   said has alpha. */
static int set_alpha(TIFF *tiff, dbc_tiff_layout *layout, char *message) {
  uint16_t count = 0, *kinds = NULL;
  if (layout->is_foreign || layout->photometric == PHOTOMETRIC_PALETTE) return DBC_DONE;
  if (layout->stored < layout->colours) return refuse(message, "it has only %u samples per pixel", layout->stored);
  const int is_said = TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) && count > 0;
  for (uint32_t i = 0; is_said && i < count && !layout->alpha; i++) {
    if (kinds[i] != EXTRASAMPLE_ASSOCALPHA && kinds[i] != EXTRASAMPLE_UNASSALPHA) continue;
    if (layout->colours + i >= layout->stored) break;
    layout->alpha = layout->colours + i;
    layout->is_premultiplied = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
  }
  if (!is_said && layout->photometric == PHOTOMETRIC_RGB && layout->stored == 4) layout->alpha = 3;
  if (layout->colours == 1 && layout->stored > (layout->alpha ? 2u : 1u))
    return refuse(message, "it has %u samples per pixel that are no colours; expected grey, RGB or alpha",
                  layout->stored);
  /* Inks with alpha: no viewer shows it. */
  if (layout->colours == 4) layout->alpha = 0;
  layout->header.channels = (uint8_t)(layout->header.channels + (layout->alpha ? 1 : 0));
  return DBC_DONE;
}

/* More samples per pixel than colours, alpha and some masks. */
enum { MOST_SAMPLES = 8 };

/* Pixels of tiles, with what is filled up at the edges, may be 8 times the picture's. */
static int check_tiles(TIFF *tiff, const dbc_tiff_layout *layout, char *message) {
  uint32_t width = 0, height = 0;
  if (!layout->is_tiled) return DBC_DONE;
  TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
  const uint64_t limit = (uint64_t)1 << 40;
  uint64_t filled = limit;
  if (width && height) {
    const uint64_t across = ((uint64_t)layout->header.width + width - 1) / width * width;
    const uint64_t down = ((uint64_t)layout->header.height + height - 1) / height * height;
    filled = across < limit && down < limit / across ? across * down : limit;
  }
  const uint64_t pixels = (uint64_t)layout->header.width * layout->header.height;
  if (filled <= (1u << 24) || filled / 8 <= pixels) return DBC_DONE;
  snprintf(message, DBC_CODEC_MESSAGE, "its tiles of %ux%u pixels are too large for it", width, height);
  return DBC_DAMAGED;
}

int dbc_tiff_survey(TIFF *tiff, dbc_tiff_layout *layout, char *message) {
  uint16_t bits = 1, stored = 1, planar = PLANARCONFIG_CONTIG, orientation = 1;
  uint32_t depth = 1;
  void *version;
  memset(layout, 0, sizeof *layout);
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout->header.width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout->header.height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &stored);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout->format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &layout->compression);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_IMAGEDEPTH, &depth);
  layout->header.orientation = (uint8_t)(orientation >= 1 && orientation <= 8 ? orientation : 1);
  layout->bits = bits;
  layout->stored = stored;
  layout->is_separate = planar == PLANARCONFIG_SEPARATE && stored > 1;
  layout->is_tiled = TIFFIsTiled(tiff);
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout->photometric)) layout->photometric = usual_photometric(layout);
  if (TIFFGetField(tiff, TIFFTAG_DNGVERSION, &version)) return refuse(message, "it is a camera's raw file (DNG%.0u)", 0);
  if (depth != 1) return refuse(message, "it is a volume of depth %u", depth);
  if (stored > MOST_SAMPLES) return refuse(message, "it has %u samples per pixel", stored);
  if (!TIFFIsCODECConfigured(layout->compression))
    return refuse(message, "its compression is number %u", layout->compression);
  /* libtiff's JPEG turns these into RGB itself. */
  if (layout->photometric == PHOTOMETRIC_YCBCR && layout->compression == COMPRESSION_JPEG && !layout->is_separate &&
      stored == 3) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    layout->photometric = PHOTOMETRIC_RGB;
  }
  int result = set_sample_type(layout, message);
  if (result == DBC_DONE) result = set_colours(tiff, layout, message);
  if (result == DBC_DONE) result = set_alpha(tiff, layout, message);
  return result == DBC_DONE ? check_tiles(tiff, layout, message) : result;
}
