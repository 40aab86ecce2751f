/* The features of x86-64 CPUs: which macro the compiler defines for each, and where CPUID tells of it.

   Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2A, CPUID; AMD64 Architecture Programmer's
   Manual, volume 3, appendix E. A new compiler may know more of them: LanesTests says so. Names that are no feature
   of their own are left out: those of CPU models, and __EVEX256__ and __EVEX512__, which only limit AVX-512. */
#ifndef DBC_CPU_FEATURES_H
#define DBC_CPU_FEATURES_H

/* The registers that the system must save: xmm and ymm; these, zmm and the masks; tiles; 16 more general ones. */
#define DBC_NONE 0
#define DBC_AVX 0x6
#define DBC_512 0xe6
#define DBC_AMX 0x60000
#define DBC_APX 0x80000

/* For every feature
     USED(macro, leaf, subleaf, place, bit, saved): one bit of a register;
     NAMED(…), the same: instructions that the compiler never chooses by itself, but only where source code names them,
     which this program's does not. Most are for operating systems, and virtual machines often hide them;
     LEAST(macro, leaf, subleaf, place, mask, least, saved): several bits that are a number.
   The fields are those of struct dbc_cpu_feature. */
#define DBC_CPU_FEATURES(USED, NAMED, LEAST) \
  /* leaf 1, subleaf 0, ecx */ \
  USED(__SSE3__, 1, 0, 2, 0, DBC_NONE) \
  USED(__PCLMUL__, 1, 0, 2, 1, DBC_NONE) \
  USED(__SSSE3__, 1, 0, 2, 9, DBC_NONE) \
  USED(__FMA__, 1, 0, 2, 12, DBC_AVX) \
  USED(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16, 1, 0, 2, 13, DBC_NONE) \
  USED(__SSE4_1__, 1, 0, 2, 19, DBC_NONE) \
  USED(__SSE4_2__, 1, 0, 2, 20, DBC_NONE) \
  USED(__CRC32__, 1, 0, 2, 20, DBC_NONE) \
  USED(__MOVBE__, 1, 0, 2, 22, DBC_NONE) \
  USED(__POPCNT__, 1, 0, 2, 23, DBC_NONE) \
  USED(__AES__, 1, 0, 2, 25, DBC_NONE) \
  NAMED(__XSAVE__, 1, 0, 2, 26, DBC_AVX) \
  USED(__AVX__, 1, 0, 2, 28, DBC_AVX) \
  USED(__F16C__, 1, 0, 2, 29, DBC_AVX) \
  NAMED(__RDRND__, 1, 0, 2, 30, DBC_NONE) \
  /* leaf 7, subleaf 0, ebx */ \
  NAMED(__FSGSBASE__, 7, 0, 1, 0, DBC_NONE) \
  NAMED(__SGX__, 7, 0, 1, 2, DBC_NONE) \
  USED(__BMI__, 7, 0, 1, 3, DBC_NONE) \
  USED(__AVX2__, 7, 0, 1, 5, DBC_AVX) \
  USED(__BMI2__, 7, 0, 1, 8, DBC_NONE) \
  NAMED(__INVPCID__, 7, 0, 1, 10, DBC_NONE) \
  NAMED(__RTM__, 7, 0, 1, 11, DBC_NONE) \
  USED(__AVX512F__, 7, 0, 1, 16, DBC_512) \
  USED(__AVX512DQ__, 7, 0, 1, 17, DBC_512) \
  NAMED(__RDSEED__, 7, 0, 1, 18, DBC_NONE) \
  USED(__ADX__, 7, 0, 1, 19, DBC_NONE) \
  USED(__AVX512IFMA__, 7, 0, 1, 21, DBC_512) \
  NAMED(__CLFLUSHOPT__, 7, 0, 1, 23, DBC_NONE) \
  NAMED(__CLWB__, 7, 0, 1, 24, DBC_NONE) \
  USED(__AVX512PF__, 7, 0, 1, 26, DBC_512) \
  USED(__AVX512ER__, 7, 0, 1, 27, DBC_512) \
  USED(__AVX512CD__, 7, 0, 1, 28, DBC_512) \
  USED(__SHA__, 7, 0, 1, 29, DBC_NONE) \
  USED(__AVX512BW__, 7, 0, 1, 30, DBC_512) \
  USED(__AVX512VL__, 7, 0, 1, 31, DBC_512) \
  /* leaf 7, subleaf 0, ecx */ \
  NAMED(__PREFETCHWT1__, 7, 0, 2, 0, DBC_NONE) \
  USED(__AVX512VBMI__, 7, 0, 2, 1, DBC_512) \
  NAMED(__PKU__, 7, 0, 2, 4, DBC_NONE) \
  NAMED(__WAITPKG__, 7, 0, 2, 5, DBC_NONE) \
  USED(__AVX512VBMI2__, 7, 0, 2, 6, DBC_512) \
  NAMED(__SHSTK__, 7, 0, 2, 7, DBC_NONE) \
  USED(__GFNI__, 7, 0, 2, 8, DBC_NONE) \
  USED(__VAES__, 7, 0, 2, 9, DBC_AVX) \
  USED(__VPCLMULQDQ__, 7, 0, 2, 10, DBC_AVX) \
  USED(__AVX512VNNI__, 7, 0, 2, 11, DBC_512) \
  USED(__AVX512BITALG__, 7, 0, 2, 12, DBC_512) \
  USED(__AVX512VPOPCNTDQ__, 7, 0, 2, 14, DBC_512) \
  NAMED(__RDPID__, 7, 0, 2, 22, DBC_NONE) \
  NAMED(__KL__, 7, 0, 2, 23, DBC_NONE) \
  NAMED(__CLDEMOTE__, 7, 0, 2, 25, DBC_NONE) \
  NAMED(__MOVDIRI__, 7, 0, 2, 27, DBC_NONE) \
  NAMED(__MOVDIR64B__, 7, 0, 2, 28, DBC_NONE) \
  NAMED(__ENQCMD__, 7, 0, 2, 29, DBC_NONE) \
  /* leaf 7, subleaf 0, edx */ \
  NAMED(__UINTR__, 7, 0, 3, 5, DBC_NONE) \
  USED(__AVX512VP2INTERSECT__, 7, 0, 3, 8, DBC_512) \
  NAMED(__SERIALIZE__, 7, 0, 3, 14, DBC_NONE) \
  NAMED(__TSXLDTRK__, 7, 0, 3, 16, DBC_NONE) \
  NAMED(__PCONFIG__, 7, 0, 3, 18, DBC_NONE) \
  USED(__AMX_BF16__, 7, 0, 3, 22, DBC_AMX) \
  USED(__AVX512FP16__, 7, 0, 3, 23, DBC_512) \
  USED(__AMX_TILE__, 7, 0, 3, 24, DBC_AMX) \
  USED(__AMX_INT8__, 7, 0, 3, 25, DBC_AMX) \
  /* leaf 7, subleaf 1, eax */ \
  USED(__SHA512__, 7, 1, 0, 0, DBC_AVX) \
  USED(__SM3__, 7, 1, 0, 1, DBC_AVX) \
  USED(__SM4__, 7, 1, 0, 2, DBC_AVX) \
  USED(__RAOINT__, 7, 1, 0, 3, DBC_NONE) \
  USED(__AVXVNNI__, 7, 1, 0, 4, DBC_AVX) \
  USED(__AVX512BF16__, 7, 1, 0, 5, DBC_512) \
  USED(__CMPCCXADD__, 7, 1, 0, 7, DBC_NONE) \
  USED(__AMX_FP16__, 7, 1, 0, 21, DBC_AMX) \
  NAMED(__HRESET__, 7, 1, 0, 22, DBC_NONE) \
  USED(__AVXIFMA__, 7, 1, 0, 23, DBC_AVX) \
  USED(__MOVRS__, 7, 1, 0, 31, DBC_NONE) \
  /* leaf 7, subleaf 1, edx */ \
  USED(__AVXVNNIINT8__, 7, 1, 3, 4, DBC_AVX) \
  USED(__AVXNECONVERT__, 7, 1, 3, 5, DBC_AVX) \
  USED(__AMX_COMPLEX__, 7, 1, 3, 8, DBC_AMX) \
  USED(__AVXVNNIINT16__, 7, 1, 3, 10, DBC_AVX) \
  NAMED(__PREFETCHI__, 7, 1, 3, 14, DBC_NONE) \
  NAMED(__USERMSR__, 7, 1, 3, 15, DBC_NONE) \
  USED(__AVX10_1__, 7, 1, 3, 19, DBC_512) \
  USED(__AVX10_1_512__, 7, 1, 3, 19, DBC_512) \
  USED(__APX_F__, 7, 1, 3, 21, DBC_APX) \
  USED(__EGPR__, 7, 1, 3, 21, DBC_APX) \
  USED(__PUSH2POP2__, 7, 1, 3, 21, DBC_APX) \
  USED(__PPX__, 7, 1, 3, 21, DBC_APX) \
  USED(__NDD__, 7, 1, 3, 21, DBC_APX) \
  USED(__CCMP__, 7, 1, 3, 21, DBC_APX) \
  USED(__NF__, 7, 1, 3, 21, DBC_APX) \
  USED(__CF__, 7, 1, 3, 21, DBC_APX) \
  USED(__ZU__, 7, 1, 3, 21, DBC_APX) \
  /* leaf 0xd, subleaf 1, eax */ \
  NAMED(__XSAVEOPT__, 0xd, 1, 0, 0, DBC_AVX) \
  NAMED(__XSAVEC__, 0xd, 1, 0, 1, DBC_AVX) \
  NAMED(__XSAVES__, 0xd, 1, 0, 3, DBC_AVX) \
  /* leaf 0x14, subleaf 0, ebx */ \
  NAMED(__PTWRITE__, 0x14, 0, 1, 4, DBC_NONE) \
  /* leaf 0x19, subleaf 0, ebx */ \
  NAMED(__WIDEKL__, 0x19, 0, 1, 2, DBC_NONE) \
  /* leaf 0x1e, subleaf 1, eax */ \
  USED(__AMX_FP8__, 0x1e, 1, 0, 4, DBC_AMX) \
  USED(__AMX_TRANSPOSE__, 0x1e, 1, 0, 5, DBC_AMX) \
  USED(__AMX_TF32__, 0x1e, 1, 0, 6, DBC_AMX) \
  USED(__AMX_AVX512__, 0x1e, 1, 0, 7, DBC_AMX) \
  USED(__AMX_MOVRS__, 0x1e, 1, 0, 8, DBC_AMX) \
  /* leaf 0x80000001, subleaf 0, ecx */ \
  USED(__LAHF_SAHF__, 0x80000001, 0, 2, 0, DBC_NONE) \
  USED(__LZCNT__, 0x80000001, 0, 2, 5, DBC_NONE) \
  USED(__SSE4A__, 0x80000001, 0, 2, 6, DBC_NONE) \
  USED(__PRFCHW__, 0x80000001, 0, 2, 8, DBC_NONE) \
  USED(__XOP__, 0x80000001, 0, 2, 11, DBC_AVX) \
  NAMED(__LWP__, 0x80000001, 0, 2, 15, DBC_NONE) \
  USED(__FMA4__, 0x80000001, 0, 2, 16, DBC_AVX) \
  USED(__TBM__, 0x80000001, 0, 2, 21, DBC_NONE) \
  NAMED(__MWAITX__, 0x80000001, 0, 2, 29, DBC_NONE) \
  /* leaf 0x80000001, subleaf 0, edx */ \
  USED(__3dNOW_A__, 0x80000001, 0, 3, 30, DBC_NONE) \
  USED(__3dNOW__, 0x80000001, 0, 3, 31, DBC_NONE) \
  /* leaf 0x80000008, subleaf 0, ebx */ \
  NAMED(__CLZERO__, 0x80000008, 0, 1, 0, DBC_NONE) \
  NAMED(__RDPRU__, 0x80000008, 0, 1, 4, DBC_NONE) \
  NAMED(__WBNOINVD__, 0x80000008, 0, 1, 9, DBC_NONE) \
  /* leaf 0x24, subleaf 0, ebx: the version of AVX10 */ \
  LEAST(__AVX10_2__, 0x24, 0, 1, 0xff, 2, DBC_512) \
  LEAST(__AVX10_2_512__, 0x24, 0, 1, 0xff, 2, DBC_512)

#endif
