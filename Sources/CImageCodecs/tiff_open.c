#include "tiff_parts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes from a place in the file, as many as there are. */
static size_t load(const dbc_tiff_source *from, uint64_t at, uint8_t *into, size_t count) {
  if (at >= from->size) return 0;
  if (count > from->size - at) count = (size_t)(from->size - at);
  if (from->data) {
    memcpy(into, from->data + at, count);
    return count;
  }
  size_t done = 0;
  while (done < count) {
    const ssize_t some = pread(from->descriptor, into + done, count - done, (off_t)(at + done));
    if (some <= 0) break;
    done += (size_t)some;
  }
  return done;
}

static tmsize_t take(thandle_t handle, void *into, tmsize_t count) {
  dbc_tiff_client *client = handle;
  if (count <= 0 || client->shift > UINT64_MAX - client->at) return 0;
  const size_t done = load(client->from, client->at + client->shift, into, (size_t)count);
  if (!client->shift && client->at < client->head_size) {
    const size_t head = client->head_size - (size_t)client->at;
    memcpy(into, client->head + client->at, done < head ? done : head);
  }
  client->at += done;
  return (tmsize_t)done;
}

static tmsize_t refuse_to_write(thandle_t handle, void *from, tmsize_t count) {
  (void)handle;
  (void)from;
  (void)count;
  return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence) {
  dbc_tiff_client *client = handle;
  const uint64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? client->at : client->from->size;
  client->at = base + offset;
  return client->at;
}

static int leave_open(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t length(thandle_t handle) { return ((dbc_tiff_client *)handle)->from->size; }

/* The first error is the cause; what follows are its consequences. */
static int keep_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  char *message = user;
  if (!message[0]) {
    vsnprintf(message, DBC_CODEC_MESSAGE, format, arguments);
    if (!message[0]) strcpy(message, "its data are not valid");
  }
  return 1;
}

static int ignore(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)arguments;
  return 1;
}

/* No single piece of memory that libtiff asks for by itself is larger. */
static const tmsize_t most_memory = (tmsize_t)1 << 31;

TIFF *dbc_tiff_open(const dbc_tiff_source *source, dbc_tiff_client *client, char *message) {
  *client = (dbc_tiff_client){.from = source, .message = message};
  if (load(source, 0, client->head, sizeof client->head) < 8) {
    snprintf(message, DBC_CODEC_MESSAGE, "the file ends too early");
    return NULL;
  }
  const int is_big_endian = client->head[0] == 'M';
  const int is_wide = client->head[is_big_endian ? 3 : 2] == 43;
  client->head_size = is_wide ? 16 : 8;
  const int bytes = is_wide ? 8 : 4;
  for (int i = 0; i < bytes; i++) {
    const int place = is_big_endian ? bytes - 1 - i : i;
    client->head[client->head_size - (size_t)bytes + (size_t)place] = (uint8_t)(source->directory >> 8 * i);
  }
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) {
    snprintf(message, DBC_CODEC_MESSAGE, "out of memory");
    return NULL;
  }
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, most_memory);
  TIFFOpenOptionsSetErrorHandlerExtR(options, keep_error, message);
  TIFFOpenOptionsSetWarningHandlerExtR(options, ignore, NULL);
  TIFF *tiff = TIFFClientOpenExt("", "rm", client, take, refuse_to_write, seek, leave_open, length, NULL, NULL,
                                 options);
  TIFFOpenOptionsFree(options);
  if (!tiff && !message[0]) snprintf(message, DBC_CODEC_MESSAGE, "its directory is not valid");
  return tiff;
}
