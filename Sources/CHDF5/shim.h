/* The HDF5 library; what it defines as macros, or otherwise from one version to the next, is behind plain functions here. */
#ifndef DBC_HDF5_SHIM_H
#define DBC_HDF5_SHIM_H
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static inline hid_t dbc_h5_open_file(const char *path) { return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT); }
static inline hid_t dbc_h5_open_object(hid_t place, const char *path) { return H5Oopen(place, path, H5P_DEFAULT); }

/* A pipe that programs started meanwhile do not get. */
static inline int dbc_h5_pipe(int *ends) {
  if (pipe(ends) != 0) return -1;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 0;
}

static inline void dbc_h5_lower(int resource, rlim_t most) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) == 0 && (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > most)) {
    limit.rlim_cur = most;
    setrlimit(resource, &limit);
  }
}

/* A child process in which the library may crash, loop or ask for any memory without harm: fork, and in the child at most
   `address_bytes` of address space and `seconds` of CPU time, no handlers of signals, no console. */
static inline pid_t dbc_h5_fork(uint64_t address_bytes, uint64_t seconds) {
  pid_t child = fork();
  if (child != 0) return child;
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  dbc_h5_lower(RLIMIT_CORE, 0);
  dbc_h5_lower(RLIMIT_AS, (rlim_t)address_bytes);
  dbc_h5_lower(RLIMIT_CPU, (rlim_t)seconds);
  int nothing = open("/dev/null", O_RDWR);
  if (nothing >= 0) {
    dup2(nothing, 1);
    dup2(nothing, 2);
  }
  /* On network file systems locks fail or hang, and files are only read here. */
  setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
  /* Errors go to their caller. */
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  /* A link into another file would read what was not named. */
  H5Lunregister(H5L_TYPE_EXTERNAL);
  return 0;
}

static inline herr_t dbc_h5_note_first(unsigned number, const H5E_error2_t *error, void *text) {
  if (number == 0 && error->desc) snprintf((char *)text, 256, "%s", error->desc);
  return 0;
}

/* Writes the innermost cause of the last error to text, which has 256 bytes. */
static inline void dbc_h5_cause(char *text) {
  text[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, dbc_h5_note_first, text);
}

/* 0 a hard link, 1 a soft one, 64 one to another file; negative where there is none. */
static inline int dbc_h5_link_type(hid_t group, const char *name) {
  H5L_info_t info;
  return H5Lget_info(group, name, &info, H5P_DEFAULT) < 0 ? -1 : (int)info.type;
}

/* The name of a group's link, in order of names: its length, or a negative number. */
static inline ssize_t dbc_h5_link_name(hid_t group, uint64_t number, char *name, size_t bytes) {
  return H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, number, name, bytes, H5P_DEFAULT);
}

/* How many links a group has; negative where that cannot be read. */
static inline int64_t dbc_h5_link_count(hid_t group) {
  H5G_info_t info;
  return H5Gget_info(group, &info) < 0 ? -1 : (int64_t)info.nlinks;
}

/* What tells an object of a file from the others; 0 where that cannot be read. */
static inline uint64_t dbc_h5_address(hid_t object) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  uint64_t address = 0;
  if (H5Oget_info3(object, &info, H5O_INFO_BASIC) < 0) return 0;
  for (int place = 7; place >= 0; place--) address = address << 8 | info.token.__data[place];
  return address;
#else
  H5O_info_t info;
  return H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0 ? 0 : (uint64_t)info.addr;
#endif
}

static inline hid_t dbc_h5_native_integer(int bytes, int is_signed) {
  switch (bytes) {
  case 1: return is_signed ? H5T_NATIVE_INT8 : H5T_NATIVE_UINT8;
  case 2: return is_signed ? H5T_NATIVE_INT16 : H5T_NATIVE_UINT16;
  case 4: return is_signed ? H5T_NATIVE_INT32 : H5T_NATIVE_UINT32;
  default: return is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64;
  }
}
static inline hid_t dbc_h5_native_float(int bytes) { return bytes <= 4 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE; }

/* How many chunks were written; negative where that cannot be read. */
static inline int64_t dbc_h5_chunk_count(hid_t dataset) {
  /* Version 1.10 takes no H5S_ALL here. */
  hsize_t count = 0;
  hid_t space = H5Dget_space(dataset);
  herr_t status = space < 0 ? -1 : H5Dget_num_chunks(dataset, space, &count);
  if (space >= 0) H5Sclose(space);
  return status < 0 ? -1 : (int64_t)count;
}

/* The number of filter `place` of a list of properties; its name, of 64 bytes, where the file has it. */
static inline int dbc_h5_filter(hid_t properties, unsigned place, char *name) {
  size_t values = 0;
  unsigned flags = 0;
  name[0] = 0;
  return (int)H5Pget_filter2(properties, place, &flags, &values, NULL, 64, name, NULL);
}

/* Reads `sizes` numbers from `start` on, `[…]` of `rank` sizes, to memory of the type `type`. */
static inline herr_t dbc_h5_read(
    hid_t dataset, hid_t type, int rank, const hsize_t *start, const hsize_t *sizes, void *numbers) {
  herr_t status = -1;
  hid_t file = H5Dget_space(dataset), memory = H5Screate_simple(rank, sizes, NULL);
  if (file >= 0 && memory >= 0
      && H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, sizes, NULL) >= 0)
    status = H5Dread(dataset, type, memory, file, H5P_DEFAULT, numbers);
  if (status < 0) {
    /* Closing clears the cause: it is kept. */
    hid_t cause = H5Eget_current_stack();
    if (memory >= 0) H5Sclose(memory);
    if (file >= 0) H5Sclose(file);
    if (cause >= 0) H5Eset_current_stack(cause);
    return -1;
  }
  H5Sclose(memory);
  H5Sclose(file);
  return 0;
}

#endif
