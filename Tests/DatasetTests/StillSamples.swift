import Dataset
import Testing

/// A still image file that Pillow or tifffile wrote, or that follows its format's description, and the pixels that Pillow reads
/// from it (tifffile, where Pillow does not know the samples' type).
struct StillSample: CustomTestStringConvertible, Sendable {
  let name: String
  let file: [UInt8]
  let headers: [PictureHeader]
  /// Of all pages: bytes, or the bytes of floats.
  let samples: [UInt8]

  var testDescription: String { name }

  static let all = png + jpeg + webp + gif + bmp + pnm + tiffColours + tiffNumbers

  /// Blocks of a line `name width height channels pages orientation type` with a file in base64, and of its samples.
  static func parsed(_ text: String) -> [StillSample] {
    let blocks = text.split(separator: "\n\n").map { $0.split(separator: "\n") }
    return stride(from: 0, to: blocks.count, by: 2).map { block in
      let words = blocks[block][0].split(separator: " ").map(String.init)
      let numbers = words[1...5].map { Int($0)! }
      let header = PictureHeader(
        width: numbers[0], height: numbers[1], channels: numbers[2], hasAlpha: numbers[2] % 2 == 0,
        orientation: numbers[4], samples: SampleType.allCases.first { "\($0)" == words[6] }!)
      return StillSample(
        name: words[0], file: decoded(blocks[block].dropFirst().joined()),
        headers: Array(repeating: header, count: numbers[3]), samples: decoded(blocks[block + 1].joined()))
    }
  }

  /// Text formats need no base64.
  static let pnm = [
    ("P1 3 2\n10 1\n#\n011", 3, 2, 1, [0, 255, 0, 255, 0, 0]),
    ("P2\n# comment\n3 2 15\n0 1 2 3 14 15", 3, 2, 1, [0, 17, 34, 51, 238, 255]),
    ("P3 1 2 255 1 2 3\n4 5 6\n", 1, 2, 3, [1, 2, 3, 4, 5, 6]),
    (
      "P4\n10 2\nAaA@", 10, 2, 1,
      [
        255, 0, 255, 255, 255, 255, 255, 0, 255, 0, 255, 0, 255, 255, 255, 255, 255, 0, 255, 0,
      ]
    ),
    ("P5 3 1 127\n@A\u{7f}", 3, 1, 1, [129, 131, 255]),
    ("P6 1 2 255\nabcdef", 1, 2, 3, [97, 98, 99, 100, 101, 102]),
    (
      "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\nabcd", 2, 1, 2,
      [97, 98, 99, 100]
    ),
  ].map { text, width, height, channels, samples in
    StillSample(
      name: "pnm-\(text.prefix(2))", file: Array(text.utf8),
      headers: [PictureHeader(width: width, height: height, channels: channels, hasAlpha: channels == 2)],
      samples: samples)
  }
}

extension StillSample {
  static let png = parsed(
    """
    png-1 5 4 1 1 1 uint8
    iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEAQAAAABuSMjtAAAAEElEQVR4nGP4wRDBsIHhBgALcALZQU05xwAAAABJRU5ErkJggg==

    //////8A/wD///8A//8A//8A//8=

    png-grey-alpha 5 4 2 1 1 uint8
    iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAQAAADsOj3LAAAAN0lEQVR4nAEsANP/AbmHFBYIEwUKCgcECP4B+/r8//gDCgL3BeoGAf/+
    B/z7Avn/CAD/Bgn0/wtnYBKfjNhK2wAAAABJRU5ErkJggg==

    uYfNndWw2rrkwcGFzpjPrNSy3cS4irie0KvSudm/sYnAns+x263Yyg==

    png-palette-transparent 5 4 4 1 1 uint8
    iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAMAAABx7QVyAAAAM1BMVEXYyuDdxNrkwebZv9zWutnUsszVsMrbrcjPscXPrM3Qq8y8nrnN
    ncPOmMm5ibrBhcGxiax1HJBvAAAAAnRSTlP/AOW3MEoAAAAgSURBVHicY+DjYWNmYuDn5WRlZODj5mJhZhDg5mBnAAAIJAClx3wgBAAA
    AABJRU5ErkJggg==

    uYm6/82dw//VsMr/2b/c/+TB5v/BhcH/zpjJ/8+szf/Ussz/3cTaALmJuv+8nrn/0KvM/9a62f/Zv9z/sYms/7yeuf/PscX/263I/9jK
    4P8=

    png-rgb-transparent 2 2 4 1 1 uint8
    iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAABnRSTlMAzQDcAMKO2kQzAAAAF0lEQVR4nGPcefWECPsvFsYv/378ZAMA
    MqoHWz3FZmcAAAAASUVORK5CYII=

    udXI/83cwgC6ycb/xc7I/w==

    png-turned 2 3 4 1 6 uint8
    iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEABgAAAAAAANZnS2kAAAAkSURB
    VHicY9y5d2+7CAe3EBMjAxPnD3bW/0wMX9i/cf79/RMAcYoJ82JBxu8AAAAASUVORK5CYII=

    ub29h83FyJm6vb+QxczNmLqxxobOyciR

    png-16 5 4 1 1 1 uint16
    iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEEAAAAAAzyHbfAAAAJklEQVR4nGNkYODewbODZwf3DkarGRAGzw7GUgOIKM8OxvUnYKIAMOsP
    LoUmKHIAAAAASUVORK5CYII=

    AAAAAACAO0UAgLtFAKAMRgCAO0YAYGpGAKCMRgAQpEYAgLtGAPDSRgBg6kYA6ABHAKAMRwBYGEcAECRHAMgvRwCAO0cAOEdHAPBSRwCo
    Xkc=
    """)

  static let jpeg = parsed(
    """
    jpeg-inks 8 8 3 1 1 uint8
    /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdfYmdoZz5N
    cXlwZHhcZWdj/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMF
    BQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldY
    WVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn
    6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwDm5rdjLnaetczcW5MnAOPpXNXMJL5A78VykkRLcHjvX//Z

    DQoMCQgJBgYHBQUGBQQEBAQDBAMDBAIEDQsNCQkKBgcHBQUGBAQEAwQDAwMDBAMEDQwOCgoLBwcIBQQGBAMEAwIDBAMDBQQEDw8QDQ0N
    CQkJBwUHBAMEAwMDBQQEBwUFEBISDhEOCw0LCQgJBgUGBQUFBgcFCQkGEhITDxAQDA0NCgoLCAgJBwcHCAgHCwoJFBITERAQDg0ODQsO
    DQsMDAoKDAoKDQoLFxUTExIQEA8PEA8PEhAPERAMDw4MDw0M
    """)

  static let webp = parsed(
    """
    webp-lossy 5 4 3 1 1 uint8
    UklGRjYAAABXRUJQVlA4ICoAAADQAQCdASoFAAQAAUAmJYwCdAEO+yJfAAD+9BLQaRJcmygT1vxSetI+AAA=

    so2sxJ++0K7M0bPP3sPeso2sxJ++0K7M0bPP3sPeso2sxJ++0K7M0bPP38Tfso2sxJ++0K7M0bPP38Tf

    webp-lossless-alpha 5 4 4 1 1 uint8
    UklGRowAAABXRUJQVlA4TIAAAAAvBMAAEJ+gEADQpu8Vej4J3E1DQRtJytGDk/fv6QUwk5pIkpTDV/T+5XDE/9GW4kiSkpPXHfAm/7iI
    wl0ifAo895gjNMj8xztFnx7inMZ41SZ+FoVf8+EOBrQ0PgyMBJZDGc+GKKF7d9FBYdtGaugYnz+i/3HaGO5Ixb1C6M3yDw==

    uYe7t82dw77VsMrS2rrd2OTB5tvBhcGozpjJv8+szczUsszW3cTa07iKub+4nri20KvMw9K51NTZv9zVsYmsv8Ceur7PscXB263IytjK
    4Mw=

    webp-turned 2 3 3 1 8 uint8
    UklGRn4AAABXRUJQVlA4WAoAAAAIAAAAAQAAAgAAVlA4TD4AAAAvAYAAAC+gJgABxqd/LHHWKYiatg0YlT+3sllfFLRtw7Td509qeAZg
    mv+Q9wE+OAe8aUAsmIauGWRQRP+jAUVYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAgAAAAAAAA=

    ub29zcXIur2/xczNurHGzsnI

    webp-animated 3 3 4 1 1 uint8
    UklGRg4BAABXRUJQVlA4WAoAAAASAAAAAgAAAgAAQU5JTQYAAAAAAAAAAABBTk1GbAAAAAAAAAAAAAIAAAIAAAAAAAJWUDhMUwAAAC8C
    gAAQR6CgbRumZ5c/pIEaFQVt2zAw2o0/jcH6R1Lbtg1jp23JxTm9KWjbhukffz4DF2f9ecX/VcJv35w1DE2q49K/IAswDX5bOilEUET/
    o44HAEFOTUZuAAAAAAAAAAAAAgAAAgAAAAAAAlZQOExWAAAALwKAABBHoKBtG6bt/vgjGbpBURpJCkOWKPpvhZ6iZBQ1kqQs44F/F2dv
    cx8Fbdsw/eNPZvji8v26+otuYi3+CzxYv4gbrnlBFmAa/LZ0UoigiP7HUg8=

    uciKvc3EjMbV2J/Str+Hv8rNkMnc1pnLvcN8vMLSjMrK3Z7X
    """)

  static let gif = parsed(
    """
    gif-grey 5 4 1 1 1 uint8
    R0lGODdhBQAEAIEAAKqqqv///wAAAAAAACwAAAAABQAEAAAIDgABBBhIkCAAgQMRDgwIADs=

    qv///////////6qq////qv////8=

    gif-palette 5 4 3 1 1 uint8
    R0lGODdhBQAEAIEAANrA3dSvysefwrmIuCwAAAAABQAEAAAIEAAHCAgAAIDAAAQPFjxIMCAAOw==

    uYi4x5/C1K/K2sDd2sDduYi4x5/C1K/K1K/K2sDduYi4x5/C1K/K2sDd2sDduYi4x5/C1K/K1K/K2sDd

    gif-transparent-interlaced 5 4 4 1 1 uint8
    R0lGODlhBQAEAIEAANrA3dSvysefwrmIuCH5BAEAAAEALAAAAAAFAAQAAAgQAAcICAAAgMAABA8WPEgwIAA7

    uYi4/8efwv/Ur8oA2sDd/9rA3f+5iLj/x5/C/9SvygDUr8oA2sDd/7mIuP/Hn8L/1K/KANrA3f/awN3/uYi4/8efwv/Ur8oA1K/KANrA
    3f8=

    gif-animated 5 4 3 1 1 uint8
    R0lGODdhBQAEAIEAANrA3dSvysefwrmIuCwAAAAABQAEAAAIEAAHCAgAAIDAAAQPFjxIMCAAIfkEAQAABAAsAAAAAAUABACB3+TI2927
    2dGzx8qjCBIABwgIEACAQAEADA4sKLAggIAAOw==

    uYi4x5/C1K/K2sDd2sDduYi4x5/C1K/K1K/K2sDduYi4x5/C1K/K2sDd2sDduYi4x5/C1K/K1K/K2sDd
    """)

  static let bmp = parsed(
    """
    bmp-1 5 4 1 1 1 uint8
    Qk1OAAAAAAAAAD4AAAAoAAAABQAAAAQAAAABAAEAAAAAABAAAADEDgAAxA4AAAIAAAACAAAAAAAAAP///wDYAAAAsAAAAFgAAAD4AAAA

    //////8A/wD///8A//8A//8A//8=

    bmp-24 5 4 3 1 1 uint8
    Qk12AAAAAAAAADYAAAAoAAAABQAAAAQAAAABABgAAAAAAEAAAADEDgAAxA4AAAAAAAAAAAAArImxup7AxbHPyK3b4MrYALmKuLieuMyr
    0NS50ty/2QDBhcHJmM7NrM/MstTaxN0Au4e5w53NyrDV3bra5sHkAA==

    uYe7zZ3D1bDK2rrd5MHmwYXBzpjJz6zN1LLM3cTauIq5uJ640KvM0rnU2b/csYmswJ66z7HF263I2Mrg

    bmp-4 7 5 3 1 1 uint8
    Qk2KAAAAAAAAAHYAAAAoAAAABwAAAAUAAAABAAQAAAAAABQAAAAAAAAAAAAAAAAAAAAAAAAAwYN5ACQI8wA/8tIAbN5PAEHTRQCMpGgA
    3QcVAInWwABzVNEATR/JAPp0HwBnYiIAgDTnAMAFQwB/Rw8A+x18ANdQesCc5guAQWl8UEsl9oC/G0jg

    ImJnfB378wgkImJnRdNB0VRzD0d/RdNBImJn0vI/aKSMfB37FQfd0VRzRdNB8wgkFQfdyR9NwNaJ5zSAaKSMyR9N5zSAD0d/FQfdeYPB
    ImJn0VRzQwXAwNaJaKSMeYPBwNaJH3T65zSA

    bmp-os2 7 5 3 1 1 uint8
    Qk1eAAAAAAAAAEoAAAAMAAAABwAFAAEABADBg3kkCPM/8tJs3k9B00WMpGjdBxWJ1sBzVNFNH8n6dB9nYiKANOfABUN/Rw/7HXzXUHrA
    nOYLgEFpfFBLJfaAvxtI4A==

    ImJnfB378wgkImJnRdNB0VRzD0d/RdNBImJn0vI/aKSMfB37FQfd0VRzRdNB8wgkFQfdyR9NwNaJ5zSAaKSMyR9N5zSAD0d/FQfdeYPB
    ImJn0VRzQwXAwNaJaKSMeYPBwNaJH3T65zSA

    bmp-topdown 7 5 3 1 1 uint8
    Qk2KAAAAAAAAAHYAAAAoAAAABwAAAPv///8BAAQAAAAAABQAAAAAAAAAAAAAAAAAAAAAAAAAwYN5ACQI8wA/8tIAbN5PAEHTRQCMpGgA
    3QcVAInWwABzVNEATR/JAPp0HwBnYiIAgDTnAMAFQwB/Rw8A+x18AL8bSOBLJfaAQWl8UJzmC4DXUHrA

    ImJnfB378wgkImJnRdNB0VRzD0d/RdNBImJn0vI/aKSMfB37FQfd0VRzRdNB8wgkFQfdyR9NwNaJ5zSAaKSMyR9N5zSAD0d/FQfdeYPB
    ImJn0VRzQwXAwNaJaKSMeYPBwNaJH3T65zSA

    bmp-rle8 7 5 3 1 1 uint8
    Qk20AAAAAAAAAHYAAAAoAAAABwAAAAUAAAABAAgAAQAAAD4AAAAAAAAAAAAAAAAAAAAAAAAAwYN5ACQI8wA/8tIAbN5PAEHTRQCMpGgA
    3QcVAInWwABzVNEATR/JAPp0HwBnYiIAgDTnAMAFQwB/Rw8A+x18AAAHDQcFAAcKDAAAAAAHCQwOBgALCAAAAAAHBAEGCQcMBQAAAAAH
    BAsCBQ8GCAAAAAAHCw8BCwQIDgAAAAAB

    ImJnfB378wgkImJnRdNB0VRzD0d/RdNBImJn0vI/aKSMfB37FQfd0VRzRdNB8wgkFQfdyR9NwNaJ5zSAaKSMyR9N5zSAD0d/FQfdeYPB
    ImJn0VRzQwXAwNaJaKSMeYPBwNaJH3T65zSA

    bmp-rle4 7 5 3 1 1 uint8
    Qk3IAAAAAAAAAHYAAAAoAAAABwAAAAUAAAABAAQAAgAAAFIAAAAAAAAAAAAAAAAAAAAAAAAAwYN5ACQI8wA/8tIAbN5PAEHTRQCMpGgA
    3QcVAInWwABzVNEATR/JAPp0HwBnYiIAgDTnAMAFQwB/Rw8A+x18AAHQAXABUAEAAXABoAHAAAABkAHAAeABYAEAAbABgAAAAUABEAFg
    AZABcAHAAVAAAAFAAbABIAFQAfABYAGAAAABsAHwARABsAFAAYAB4AAAAAE=

    ImJnfB378wgkImJnRdNB0VRzD0d/RdNBImJn0vI/aKSMfB37FQfd0VRzRdNB8wgkFQfdyR9NwNaJ5zSAaKSMyR9N5zSAD0d/FQfdeYPB
    ImJn0VRzQwXAwNaJaKSMeYPBwNaJH3T65zSA

    bmp-565 7 5 3 1 1 uint8
    Qk2SAAAAAAAAAEIAAAAoAAAABwAAAAUAAAABABAAAwAAAFAAAAAAAAAAAAAAAAAAAAAAAAAAAPgAAOAHAAAfAAAA4BRROPDa6ap93AvX
    ZOAAAJPfDTEmjmfNpVv6ML96AADeJYmL09GrEeuubsJ/yQAA4pRugnasyYIe+8bA2w0AAEbaADfKl+/NlUI6WALXAAA=

    3kgxMeIAlPpSzb57QVCsWgTV1eIQlJ0Qg0xzrI20g1lK/2H2xRgxCLreILr2i3FK1TicEDRarN5axUxzzSz/3vKcMSBqi8Yxza45WnUp
    MRzVe1X/EJ0AOQiL3l2DrF1K3o3u1eJa5gwg

    bmp-v5 7 5 4 1 1 uint8
    Qk0WAQAAAAAAAIoAAAB8AAAABwAAAAUAAAABACAAAwAAAIwAAAAAAAAAAAAAAAAAAAAAAAAAAAD/AAD/AAD/AAAAAAAA/wAAAAAAAAAA
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAq6ayuq+9t660x8bMycvNzsPB
    1dTN1NTY2drS26ijsa+5s8TAvsDSycPF1dbH3tTUzdbU393d1OSwpLOusLnCwMnJz8THyNzI29nk2NXf3djY4+PYqq61wLG5wMa+0NDP
    xN3c2cvk093d5uDi4uTX4KWsubrBwM2+udHVy8fK2tLZ4+TZ2ufq4evn5dw=

    uaylus3Awb7V0bnL2srH0uTj2dnq59rh5efr3LWuqsDAubHG0NC+z9zdxNnT5Mvd4Obd4tfk4uCzpLCuwrmwwM/JycTcyMfI5Nnb2N3f
    1djj49jYsaOor8SzucDSwL7J1cXD1tTex9TU1s3f1N3d5LKmq7q3va+uxse0zM3Lyc7VwcPU1NTN2NLa2ds=

    bmp-v4-no-alpha 7 5 4 1 1 uint8
    Qk0GAQAAAAAAAHoAAABsAAAABwAAAAUAAAABACAAAwAAAIwAAAAAAAAAAAAAAAAAAAAAAAAAAAD/AAD/AAD/AAAAAAAA/wAAAAAAAAAA
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACrprIAr723ALTHxgDJy80Aw8HVAM3U1ADZ2tIAqKOxALmz
    xAC+wNIAw8XVAMfe1ADN1tQA3d3UALCkswCwucIAycnPAMfI3ADb2eQA1d/dANjj4wCqrrUAsbnAAL7Q0ADE3dwAy+TTAN3m4ADi5NcA
    pay5AMHAzQC50dUAx8raANnj5ADa5+oA6+flAA==

    uayl/83Awf/V0bn/2srH/+Tj2f/q59r/5efr/7Wuqv/AubH/0NC+/9zdxP/T5Mv/4Obd/9fk4v+zpLD/wrmw/8/Jyf/cyMf/5Nnb/93f
    1f/j49j/saOo/8Szuf/SwL7/1cXD/9Tex//U1s3/1N3d/7Kmq/+3va//xse0/83Lyf/VwcP/1NTN/9La2f8=
    """)
}
