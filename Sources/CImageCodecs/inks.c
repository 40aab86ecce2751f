#include "CImageCodecs.h"

/* a · b / 255, rounded. */
static uint32_t product(uint32_t a, uint32_t b) {
  const uint32_t twice = a * b + 128;
  return ((twice >> 8) + twice) >> 8;
}

void dbc_rgb_of_inks(const uint8_t *inks, uint8_t *rgb, size_t pixels) {
  for (size_t pixel = 0; pixel < pixels; pixel++) {
    const uint8_t *ink = inks + 4 * pixel;
    uint8_t *to = rgb + 3 * pixel;
    const uint32_t light = 255u - ink[3];
    const uint32_t red = light - product(ink[0], light);
    const uint32_t green = light - product(ink[1], light);
    const uint32_t blue = light - product(ink[2], light);
    to[0] = (uint8_t)red;
    to[1] = (uint8_t)green;
    to[2] = (uint8_t)blue;
  }
}
