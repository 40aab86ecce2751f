#include "CImageCodecs.h"

#include <stdio.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

static int failed(VP8StatusCode status, char *message) {
  const char *text;
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      text = "the file ends too early";
      break;
    case VP8_STATUS_OUT_OF_MEMORY:
      text = "out of memory";
      break;
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      text = "it uses an unknown feature";
      break;
    default:
      text = "its data are not valid";
      break;
  }
  snprintf(message, DBC_CODEC_MESSAGE, "%s", text);
  return DBC_DAMAGED;
}

int dbc_webp_header(const uint8_t *data, size_t size, int whole, dbc_image_header *header, char *message) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(data, size, &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA && !whole) return DBC_NEEDS_MORE;
  if (status != VP8_STATUS_OK) return failed(status, message);
  *header = (dbc_image_header){.width = (uint32_t)features.width,
                               .height = (uint32_t)features.height,
                               .channels = features.has_alpha ? 4 : 3,
                               .orientation = 1,
                               .samples = DBC_UINT8};
  return DBC_DONE;
}

/* The canvas with the first frame on it. */
static int decode_animation(const uint8_t *data, size_t size, const dbc_image_header *header, uint8_t *samples,
                            char *message) {
  const WebPData file = {data, size};
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  WebPAnimDecoder *decoder = WebPAnimDecoderNew(&file, &options);
  if (!decoder) return failed(VP8_STATUS_BITSTREAM_ERROR, message);
  WebPAnimInfo canvas;
  uint8_t *pixels = NULL;
  int when;
  int result = DBC_DONE;
  if (!WebPAnimDecoderGetInfo(decoder, &canvas) || canvas.canvas_width != header->width ||
      canvas.canvas_height != header->height || !WebPAnimDecoderGetNext(decoder, &pixels, &when)) {
    result = failed(VP8_STATUS_BITSTREAM_ERROR, message);
  } else {
    const size_t count = (size_t)header->width * header->height;
    if (header->channels == 4) {
      memcpy(samples, pixels, 4 * count);
    } else {
      for (size_t pixel = 0; pixel < count; pixel++) memcpy(samples + 3 * pixel, pixels + 4 * pixel, 3);
    }
  }
  WebPAnimDecoderDelete(decoder);
  return result;
}

int dbc_webp_decode(const uint8_t *data, size_t size, const dbc_image_header *header, void *samples, char *message) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return failed(VP8_STATUS_UNSUPPORTED_FEATURE, message);
  const VP8StatusCode known = WebPGetFeatures(data, size, &config.input);
  if (known != VP8_STATUS_OK) return failed(known, message);
  if ((uint32_t)config.input.width != header->width || (uint32_t)config.input.height != header->height ||
      (config.input.has_alpha ? 4 : 3) != header->channels) {
    snprintf(message, DBC_CODEC_MESSAGE, "its header has changed");
    return DBC_DAMAGED;
  }
  if (config.input.has_animation) return decode_animation(data, size, header, samples, message);
  config.output.colorspace = header->channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = samples;
  config.output.u.RGBA.stride = (int)header->width * header->channels;
  config.output.u.RGBA.size = (size_t)header->width * header->height * header->channels;
  const VP8StatusCode status = WebPDecode(data, size, &config);
  WebPFreeDecBuffer(&config.output);
  return status == VP8_STATUS_OK ? DBC_DONE : failed(status, message);
}
