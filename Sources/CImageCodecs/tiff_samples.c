#include "tiff_parts.h"

#include <math.h>
#include <string.h>

/* The next `bits` bits, the highest first. */
static uint32_t bits_at(const uint8_t *packed, size_t place, uint32_t bits) {
  uint64_t value = 0;
  const size_t first = place / 8, last = (place + bits - 1) / 8;
  for (size_t i = first; i <= last; i++) value = value << 8 | packed[i];
  value >>= 8 * (last + 1) - (place + bits);
  return (uint32_t)(value & (((uint64_t)1 << bits) - 1));
}

static float float_of_half(uint16_t half) {
  const int exponent = half >> 10 & 31;
  const float fraction = (float)(half & 1023);
  float value;
  if (exponent == 31)
    value = half & 1023 ? NAN : INFINITY;
  else
    value = exponent ? ldexpf(fraction + 1024, exponent - 25) : ldexpf(fraction, -24);
  return half & 0x8000 ? -value : value;
}

#define CONVERT(type, expression)                          \
  for (size_t i = 0; i < count; i++) {                     \
    type value;                                            \
    memcpy(&value, packed + i * sizeof value, sizeof value); \
    to[i] = (float)(expression);                           \
  }

static void unpack_numbers(const dbc_tiff_layout *layout, const uint8_t *packed, size_t count, float *to) {
  switch (layout->header.samples) {
    case DBC_INT8: CONVERT(int8_t, value) break;
    case DBC_INT16: CONVERT(int16_t, value) break;
    case DBC_INT32: CONVERT(int32_t, value) break;
    case DBC_INT64: CONVERT(int64_t, value) break;
    case DBC_UINT64: CONVERT(uint64_t, value) break;
    case DBC_FLOAT16: CONVERT(uint16_t, float_of_half(value)) break;
    case DBC_FLOAT32: CONVERT(float, value) break;
    case DBC_FLOAT64: CONVERT(double, value) break;
    default: break;
  }
}

void dbc_tiff_unpack(const dbc_tiff_layout *layout, const uint8_t *packed, size_t count, void *samples) {
  const uint32_t bits = layout->bits;
  float *to = samples;
  if (layout->header.samples == DBC_UINT8) {
    uint8_t *bytes = samples;
    if (bits == 8) memcpy(bytes, packed, count);
    else
      for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)bits_at(packed, i * bits, bits);
  } else if (layout->header.samples == DBC_UINT16 || layout->header.samples == DBC_UINT32) {
    /* libtiff gives whole bytes in this machine's order. */
    if (bits == 16) CONVERT(uint16_t, value)
    else if (bits == 32) CONVERT(uint32_t, value)
    else if (bits == 24)
      for (size_t i = 0; i < count; i++) {
        const uint8_t *from = packed + 3 * i;
        to[i] = (float)(from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16);
      }
    else
      for (size_t i = 0; i < count; i++) to[i] = (float)bits_at(packed, i * bits, bits);
  } else {
    unpack_numbers(layout, packed, count, to);
  }
}

/* The largest sample of the type, as which it is opaque. */
static float full(const dbc_tiff_layout *layout) {
  switch (layout->header.samples) {
    case DBC_INT8: return 127;
    case DBC_UINT16: return 65535;
    case DBC_INT16: return 32767;
    case DBC_UINT32: return 4294967295.0f;
    case DBC_INT32: return 2147483647.0f;
    case DBC_UINT64: return 18446744073709551615.0f;
    case DBC_INT64: return 9223372036854775807.0f;
    default: return 1;
  }
}

/* a · 255 / alpha, as Pillow has it. */
static uint8_t divided(uint32_t a, uint32_t alpha) {
  if (alpha == 0) return 0;
  const uint32_t value = a * 255 / alpha;
  return (uint8_t)(value > 255 ? 255 : value);
}

static void show_palette(const dbc_tiff_layout *layout, uint16_t *const maps[3], const uint8_t *taken, uint8_t *to) {
  const uint32_t entries = 1u << layout->bits;
  uint32_t largest = 0;
  for (int c = 0; c < 3; c++)
    for (uint32_t i = 0; i < entries; i++) largest = maps[c][i] > largest ? maps[c][i] : largest;
  /* Some programs write palettes of 8 bits. */
  const int shift = largest > 255 ? 8 : 0;
  const size_t pixels = (size_t)layout->header.width * layout->header.height;
  for (size_t pixel = 0; pixel < pixels; pixel++)
    for (int c = 0; c < 3; c++) to[3 * pixel + c] = (uint8_t)(maps[c][taken[pixel]] >> shift);
}

static void show_bytes(const dbc_tiff_layout *layout, uint8_t *taken, uint8_t *to) {
  const size_t pixels = (size_t)layout->header.width * layout->header.height;
  const uint32_t channels = dbc_taken(layout), colours = layout->colours;
  const uint32_t largest = (1u << layout->bits) - 1;
  const int is_inverted = layout->photometric == PHOTOMETRIC_MINISWHITE;
  if (largest != 255 || is_inverted) {
    for (size_t pixel = 0; pixel < pixels; pixel++)
      for (uint32_t c = 0; c < channels; c++) {
        uint8_t *sample = taken + pixel * channels + c;
        const uint32_t value = is_inverted && c < colours ? largest - *sample : *sample;
        *sample = (uint8_t)((value * 255 + largest / 2) / largest);
      }
  }
  if (layout->photometric == PHOTOMETRIC_SEPARATED) {
    dbc_rgb_of_inks(taken, to, pixels);
  } else if (layout->is_premultiplied) {
    for (size_t pixel = 0; pixel < pixels; pixel++)
      for (uint32_t c = 0; c < colours; c++)
        to[pixel * channels + c] = divided(taken[pixel * channels + c], taken[pixel * channels + colours]);
  }
}

static void show_floats(const dbc_tiff_layout *layout, float *taken, float *to) {
  const size_t pixels = (size_t)layout->header.width * layout->header.height;
  const uint32_t channels = dbc_taken(layout), colours = layout->colours;
  const float most = full(layout);
  const int is_unsigned = layout->header.samples == DBC_UINT16 || layout->header.samples == DBC_UINT32 ||
                          layout->header.samples == DBC_UINT64;
  const float stored = is_unsigned ? ldexpf(1, (int)layout->bits) - (layout->bits < 24 ? 1 : 0) : most;
  const int is_float = layout->header.samples >= DBC_FLOAT16;
  const float white = is_float ? 1 : is_unsigned ? stored : -1;
  for (size_t pixel = 0; pixel < pixels; pixel++) {
    float *from = taken + pixel * channels;
    float *out = to + pixel * (layout->photometric == PHOTOMETRIC_SEPARATED ? 3 : channels);
    if (layout->photometric == PHOTOMETRIC_MINISWHITE) from[0] = white - from[0];
    if (layout->photometric == PHOTOMETRIC_SEPARATED) {
      const float light = (stored - from[3]) / stored;
      const float red = (stored - from[0]) * light, green = (stored - from[1]) * light;
      out[2] = roundf((stored - from[2]) * light);
      out[1] = roundf(green);
      out[0] = roundf(red);
    } else if (layout->alpha) {
      const float alpha = from[colours];
      for (uint32_t c = 0; layout->is_premultiplied && c < colours; c++) {
        const float value = alpha > 0 ? from[c] * stored / alpha : 0;
        from[c] = !is_float && value > stored ? stored : value;
      }
      from[colours] = alpha * (most / stored);
    }
  }
}

void dbc_tiff_show(const dbc_tiff_layout *layout, uint16_t *const maps[3], void *taken, void *samples) {
  if (layout->photometric == PHOTOMETRIC_PALETTE)
    show_palette(layout, maps, taken, samples);
  else if (layout->header.samples == DBC_UINT8)
    show_bytes(layout, taken, samples);
  else if (layout->photometric == PHOTOMETRIC_MINISWHITE || layout->photometric == PHOTOMETRIC_SEPARATED ||
           layout->alpha)
    show_floats(layout, taken, samples);
}
