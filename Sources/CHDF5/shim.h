/* The HDF5 library; what it defines as macros that call functions is behind plain functions here. */
#ifndef DBC_HDF5_SHIM_H
#define DBC_HDF5_SHIM_H
#include <hdf5.h>

static inline hid_t dbc_h5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t dbc_h5_native_float(void) { return H5T_NATIVE_FLOAT; }

#endif
