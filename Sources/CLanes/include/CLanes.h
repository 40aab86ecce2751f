/* What Swift's SIMD types cannot say in one instruction: shuffles, square roots and prefetches of lane vectors. Portable
   to every target of clang; each function is inlined. */
#ifndef DBC_CLANES_H
#define DBC_CLANES_H

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif
#include <string.h>

typedef float dbc_lanes __attribute__((ext_vector_type(16)));
typedef int dbc_words __attribute__((ext_vector_type(16)));

/* Within every quarter of four lanes: the even ones of a, then those of b. */
static inline __attribute__((always_inline)) dbc_lanes dbc_even_pairs(dbc_lanes a, dbc_lanes b) {
  return __builtin_shufflevector(a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30);
}

/* Within every quarter of four lanes: the odd ones of a, then those of b. */
static inline __attribute__((always_inline)) dbc_lanes dbc_odd_pairs(dbc_lanes a, dbc_lanes b) {
  return __builtin_shufflevector(a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
}

/* The even (odd) quarters of a, then those of b. */
static inline __attribute__((always_inline)) dbc_lanes dbc_even_quarters(dbc_lanes a, dbc_lanes b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}
static inline __attribute__((always_inline)) dbc_lanes dbc_odd_quarters(dbc_lanes a, dbc_lanes b) {
  return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

/* The lower (upper) halves of a and b, lane by lane in turn. */
static inline __attribute__((always_inline)) dbc_lanes dbc_interleave_low(dbc_lanes a, dbc_lanes b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
static inline __attribute__((always_inline)) dbc_lanes dbc_interleave_high(dbc_lanes a, dbc_lanes b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

static inline __attribute__((always_inline)) dbc_lanes dbc_square_root(dbc_lanes a) {
  return __builtin_elementwise_sqrt(a);
}

static inline __attribute__((always_inline)) dbc_lanes dbc_minimum(dbc_lanes a, dbc_lanes b) {
  return __builtin_elementwise_min(a, b);
}
static inline __attribute__((always_inline)) dbc_lanes dbc_maximum(dbc_lanes a, dbc_lanes b) {
  return __builtin_elementwise_max(a, b);
}

/* Rounded towards zero; and back. */
static inline __attribute__((always_inline)) dbc_words dbc_truncate(dbc_lanes a) {
  return __builtin_convertvector(a, dbc_words);
}
static inline __attribute__((always_inline)) dbc_lanes dbc_float(dbc_words a) {
  return __builtin_convertvector(a, dbc_lanes);
}

/* Bit i is set where a[i] < b[i]. */
static inline __attribute__((always_inline)) unsigned dbc_less(dbc_lanes a, dbc_lanes b) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ);
#elif defined(__AVX2__)
  unsigned low = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps((__m256)a.lo, (__m256)b.lo, _CMP_LT_OQ));
  unsigned high = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps((__m256)a.hi, (__m256)b.hi, _CMP_LT_OQ));
  return low | high << 8;
#else
  unsigned bits = 0;
  for (int i = 0; i < 16; i++) bits |= (unsigned)(a[i] < b[i]) << i;
  return bits;
#endif
}

/* The four bytes at `base` + `offsets`, as little-endian words at any alignment. */
static inline __attribute__((always_inline)) dbc_words dbc_gather(
    const unsigned char *_Nonnull base, dbc_words offsets) {
#if defined(__AVX512F__)
  return (dbc_words)_mm512_i32gather_epi32((__m512i)offsets, base, 1);
#else
  dbc_words words;
  for (int i = 0; i < 16; i++) {
    int word;
    memcpy(&word, base + offsets[i], 4);
    words[i] = word;
  }
  return words;
#endif
}

/* Asks for the cache line at `address`, to be in the second-level cache when it is read. */
static inline __attribute__((always_inline)) void dbc_prefetch(const void *_Nonnull address) {
  __builtin_prefetch(address, 0, 2);
}

#endif
