/* How fast one core decodes JPEG files with libjpeg-turbo: reads every file of a list into one buffer, decodes it whole, and prints
   images and megabytes (of files) per second. The plain loop that dbc-train's reading is compared with.

   cc -O2 decode-rate.c -o decode-rate -ljpeg && find FOLDER -type f | sort | ./decode-rate [keep]

   With `keep`, every picture gets memory of its own and stays there, as in a program that needs them all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jpeglib.h>

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

/* Grows a buffer to `size` bytes. */
static void *room(void *buffer, size_t *capacity, size_t size) {
  if (size <= *capacity) return buffer;
  *capacity = size;
  buffer = realloc(buffer, size);
  if (!buffer) exit(71);
  return buffer;
}

/* The length of the file, which is then in `*buffer`. */
static size_t read_file(const char *path, unsigned char **buffer, size_t *capacity) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) {
    perror(path);
    exit(66);
  }
  size_t size = (size_t)ftell(file);
  rewind(file);
  *buffer = room(*buffer, capacity, size);
  if (fread(*buffer, 1, size, file) != size) {
    perror(path);
    exit(66);
  }
  fclose(file);
  return size;
}

int main(int count_of_arguments, char **arguments) {
  const int keeps = count_of_arguments > 1 && !strcmp(arguments[1], "keep");
  struct jpeg_decompress_struct decoder;
  struct jpeg_error_mgr errors; /* A damaged file ends the program with libjpeg's message. */
  decoder.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&decoder);
  unsigned char *data = NULL, *pixels = NULL;
  size_t data_capacity = 0, pixel_capacity = 0;
  double bytes = 0, sum = 0;
  long count = 0;
  char path[4096];
  double start = seconds();
  while (fgets(path, sizeof path, stdin)) {
    path[strcspn(path, "\n")] = 0;
    size_t size = read_file(path, &data, &data_capacity);
    jpeg_mem_src(&decoder, data, size);
    jpeg_read_header(&decoder, TRUE);
    decoder.out_color_space = decoder.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&decoder);
    size_t row = (size_t)decoder.output_width * (size_t)decoder.output_components;
    if (keeps) pixels = NULL, pixel_capacity = 0;
    pixels = room(pixels, &pixel_capacity, row * decoder.output_height);
    while (decoder.output_scanline < decoder.output_height) {
      JSAMPROW next = pixels + row * decoder.output_scanline;
      jpeg_read_scanlines(&decoder, &next, 1);
    }
    sum += pixels[0];
    jpeg_finish_decompress(&decoder);
    bytes += (double)size;
    count++;
  }
  double elapsed = seconds() - start;
  jpeg_destroy_decompress(&decoder);
  printf("C loop over libjpeg-turbo: %ld images in %.2f s: %.0f images/s, %.1f MB/s (first samples: %.0f)\n", count,
    elapsed, count / elapsed, bytes / elapsed / 1e6, sum);
  return 0;
}
