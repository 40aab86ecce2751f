/// Files as NumPy 2.4 and h5py 3.16 write them, of `x = (arange(360) * 7 % 251).reshape(5, 8, 9)` as bytes.
enum ArraySamples {
  /// The bytes of `x`.
  static let x = (0..<360).map { Float($0 * 7 % 251) }

  /// `numpy.savez(x=x, y=[3, 1, 2, 0, 300])`.
  static let stored = decoded(
    "UEsDBC0AAAAAAAAAIQBTQrba//////////8FABQAeC5ucHkBABAA6AEAAAAAAADoAQAAAAAAAJNOVU1QWQEAdgB7J2Rlc2Ny"
      + "JzogJ3x1MScsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICg1LCA4LCA5KSwgfSAgICAgICAgICAgICAgICAg"
      + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tng"
      + "5+71AQgPFh0kKzI5QEdOVVxjanF4f4aNlJuiqbC3vsXM09rh6O/2AgkQFx4lLDM6QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Nvi"
      + "6fD3AwoRGB8mLTQ7QklQV15lbHN6gYiPlp2kq7K5wMfO1dzj6vH4BAsSGSAnLjU8Q0pRWF9mbXR7gomQl56lrLO6wcjP1t3k"
      + "6/L5BQwTGiEoLzY9REtSWWBnbnV8g4qRmJ+mrbS7wsnQ197l7PP6Bg0UGyIpMDc+RUxTWmFob3Z9hIuSmaCnrrW8w8rR2N/m"
      + "7fQABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vUBCA8WHSQrMjlAR05VXGNqcXh/ho2Um6KpsLe+xczT2uHo"
      + "7/YCCRAXHiUsMzpBSE9WXWRrcnmAh46VnKOqsbi/xs3U2+Lp8PcDUEsDBC0AAAAAAAAAIQDmAQ0m//////////8FABQAeS5u"
      + "cHkBABAAqAAAAAAAAACoAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2Us"
      + "ICdzaGFwZSc6ICg1LCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
      + "ICAgICAKAwAAAAAAAAABAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAAsAQAAAAAAAFBLAQItAy0AAAAAAAAAIQBTQrba6AEAAOgB"
      + "AAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAAAAAAIQDmAQ0mqAAAAKgAAAAFAAAAAAAAAAAAAACAAR8CAAB5"
      + "Lm5weVBLBQYAAAAAAgACAGYAAAD+AgAAAAA=")

  /// The same by `numpy.savez_compressed`.
  static let deflated = decoded(
    "UEsDBC0AAAAIAAAAIQBTQrba//////////8FABQAeC5ucHkBABAA6AEAAAAAAABUAQAAAAAAAJvsF+obEMnIUMZQrZ6SWpxc"
      + "pG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GqY6ChY6CpaaOgq1CuQBLgZ2PlEZZS1DC3s335DopMyC"
      + "8rrWnsmzFq5Yv23vkdOXbj54/u4rIwe/mKyKtpGlg7tfaExyVmFFfVvvlNmLVm7Yvu/omcu3Hr54/42JU0BcTlXH2MrRwz8s"
      + "NiW7qLKhvW/qnMWrNu7Yf+zslduPXn74zswlKCGvpmti7eQZEB6XmlNc1djRP23uktWbdh44fu7qncevPv5g4RaSVFDXM7Vx"
      + "9gqMiE/LLalu6pwwfd7SNZt3HTxx/trdJ68//WTlEZZS1NA3s3XxDopMSM8rrWnumjhj/rK1W3YfOnnh+r2nbz7/YuMVkVbS"
      + "NDC3c/UJjkrMyC+rbemeNHPB8nVb9xw+dfHG/Wdvv9DV6wBQSwMELQAAAAgAAAAhAOYBDSb//////////wUAFAB5Lm5weQEA"
      + "EACoAAAAAAAAAFEAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBak"
      + "AvkapjqaOgq1ChQALmYGCGCE0kwMqEAHKgEAUEsBAi0DLQAAAAgAAAAhAFNCttpUAQAA6AEAAAUAAAAAAAAAAAAAAIABAAAA"
      + "AHgubnB5UEsBAi0DLQAAAAgAAAAhAOYBDSZRAAAAqAAAAAUAAAAAAAAAAAAAAIABiwEAAHkubnB5UEsFBgAAAAACAAIAZgAA"
      + "ABMCAAAAAA==")

  /// `x_train=x, y_train=…, x_test=x[:2], y_test=["cat", "dög"]`, compressed.
  static let two = decoded(
    "UEsDBC0AAAAIAAAAIQBTQrba//////////8LABQAeF90cmFpbi5ucHkBABAA6AEAAAAAAABUAQAAAAAAAJvsF+obEMnIUMZQ"
      + "rZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GqY6ChY6CpaaOgq1CuQBLgZ2PlEZZS1DC3s3"
      + "35DopMyC8rrWnsmzFq5Yv23vkdOXbj54/u4rIwe/mKyKtpGlg7tfaExyVmFFfVvvlNmLVm7Yvu/omcu3Hr54/42JU0BcTlXH"
      + "2MrRwz8sNiW7qLKhvW/qnMWrNu7Yf+zslduPXn74zswlKCGvpmti7eQZEB6XmlNc1djRP23uktWbdh44fu7qncevPv5g4RaS"
      + "VFDXM7Vx9gqMiE/LLalu6pwwfd7SNZt3HTxx/trdJ68//WTlEZZS1NA3s3XxDopMSM8rrWnumjhj/rK1W3YfOnnh+r2nbz7/"
      + "YuMVkVbSNDC3c/UJjkrMyC+rbemeNHPB8nVb9xw+dfHG/Wdvv9DV6wBQSwMELQAAAAgAAAAhAOYBDSb//////////wsAFAB5"
      + "X3RyYWluLm5weQEAEACoAAAAAAAAAFEAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoS"
      + "d0vMKU4FihdnJBakAvkapjqaOgq1ChQALmYGCGCE0kwMqEAHKgEAUEsDBC0AAAAIAAAAIQCI3rS2//////////8KABQAeF90"
      + "ZXN0Lm5weQEAEAAQAQAAAAAAAOEAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoSd0vM"
      + "KU4FihdnJBakAvkaRjoKFjoKlpo6CrUK5AEuBnY+URllLUMLezffkOikzILyutaeybMWrli/be+R05duPnj+7isjB7+YrIq2"
      + "kaWDu19oTHJWYUV9W++U2YtWbti+7+iZy7cevnj/jYlTQFxOVcfYytHDPyw2JbuosqG9b+qcxas27th/7OyV249efvjOzCUo"
      + "Ia+ma2Lt5BkQHpeaU1zV2NE/be6S1Zt2Hjh+7uqdx68+/gAAUEsDBC0AAAAIAAAAIQAPPpLQ//////////8KABQAeV90ZXN0"
      + "Lm5weQEAEACYAAAAAAAAAFUAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbhNqrK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4F"
      + "ihdnJBakAvkaRjqaOgq1ChQArmQGBoZEIC4B4hQg/gbE6UAMAFBLAQItAy0AAAAIAAAAIQBTQrbaVAEAAOgBAAALAAAAAAAA"
      + "AAAAAACAAQAAAAB4X3RyYWluLm5weVBLAQItAy0AAAAIAAAAIQDmAQ0mUQAAAKgAAAALAAAAAAAAAAAAAACAAZEBAAB5X3Ry"
      + "YWluLm5weVBLAQItAy0AAAAIAAAAIQCI3rS24QAAABABAAAKAAAAAAAAAAAAAACAAR8CAAB4X3Rlc3QubnB5UEsBAi0DLQAA"
      + "AAgAAAAhAA8+ktBVAAAAmAAAAAoAAAAAAAAAAAAAAIABPAMAAHlfdGVzdC5ucHlQSwUGAAAAAAQABADiAAAAzQMAAAAA")

  /// Datasets `images`, contiguous, and `labels`; gzip.
  static let plain = decoded(
    "H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwokOFD5MPkEKM0IpTug9AommDgjWE4CKi4INR9dXUiQqytI9X80ALNn"
      + "BiuERnXdKBgpwMPVMQBER0D5sPR0gglVXWZuYnpqMQNDTmJSak4xIl06kGkvIwMrxAxGGN8CQjNDBKDJkgGaPRg4oTQucWZg"
      + "CmaEpmNGJBWsQBrEZ2JiYoSIQnzIzGjAAtGZwYjqsoKBiQh2PlEZZS1DC3s335DopMyC8rrWnsmzFq5Yv23vkdOXbj54/u4r"
      + "Iwe/mKyKtpGlg7tfaExyVmFFfVvvlNmLVm7Yvu/omcu3Hr54/42JU0BcTlXH2MrRwz8sNiW7qLKhvW/qnMWrNu7Yf+zslduP"
      + "Xn74zswlKCGvpmti7eQZEB4HjM6qxo7+aXOXrN6088Dxc1fvPH718QcLt5CkgrqeqY2zV2BEfFpuSXVT54Tp85au2bzr4Inz"
      + "1+4+ef3pJyuPsJSihr6ZrYt3UGRCel5pTXPXxBnzl63dsvvQyQvX7z198/kXG6+ItJKmgbmdq09wVGJGflltS/ekmQuWr9u6"
      + "5/CpizfuP3v7ha5eD/bzd2FkYIKnHwVm/NECKxcfsI2WFfjzLyRfMTKi5l9W9PzJAcuZDgTy5wd2iE4NNJsnDMrwYEarr9GK"
      + "TwYdqAQAilzyAhgIAAA=")

  /// `train/data` in chunks, shuffled and deflated, `train/target` (>i2), a cycle, a soft link and one to another file; gzip.
  static let groups = decoded(
    "H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwqeSaDyYfIJUJoRSndA6RVMMHE2sBxUO9B0iPlpUIEGqHhIkKsrSPV/"
      + "NACz5wErhOZgGAUjEXi4OgaA6AgoXwFKn2BCVVdSlJiZB6SL89NKQHx9qAAsfVqQaC8jEDIhpV9BaPr1YIbwM1iJS78WHLD0"
      + "PwpG0y8i/XawoqpLSSxJBKfjxKL0VGAKTkyHpGdy02+wn78LKAULoJXnsGwjgaYeVr4qMKOW6+jpfaQBWD0GCxBGaEwwMkME"
      + "WNHCjxNK4xJnBsYII7Q8YERSwQqkQXwmZiawMDfQHhCDERphTGB5RobijNK0tJxUePwwQsVTUtNyEktSgfU4zF5ISmNmYmng"
      + "hBkBsYwTKXqBQIOMdMUMTz+E0gvM/xrs+M2FpVMf8ZGRrkD1Bigc0euN2UTqPyAKoWHqmQiojxaD0GFQPgsB9d/EUPlsONIz"
      + "42gRPwpGwSgYBaNgFIyCUTAKRgHNQUUc4wSG/P8M7HyiMspahhb2br4h0UmZBeV1rT2TZy1csX7b3iOnL9188PzdV0YOfjFZ"
      + "FW0jSwd3v9CY5KzCivq23imzF63csH3f0TOXbz188f4bE6eAuJyqjrGVo4d/WGxKdlFlQ3vf1DmLV23csf/Y2Su3H7388J2Z"
      + "S1BCXk3XxNrJMyA8LjWnuKqxo3/a3CWrN+08cPzc1TuPX338weDkehDqNBZuIUkFdT1TG2evwIj4tNyS6qbOCdPnLV2zedfB"
      + "E+ev3X3y+tNPVh5hKUUNfTNbF++gyIT0vNKa5q6JM+YvW7tl96GTF67fe/rm8y82XhFpJU0DcztXn+CoxIz8stqW7kkzFyxf"
      + "t3XP4VMXb9x/9vYLUaFQp+DGXRH3+IH45NCLZptKCr5z93qe01qzIv/1XKPqi6d4b3+XtS3+ee2w+Pv9hoVcHadXvpKItqz6"
      + "0X50WYp4qNmW775zN1dcPSb7u3/u3qLfF0/z358puYKFQbRO6TEjsPeOOkYA6R0zMqKOEbCijwFwwvptAqhjAEyQMQAOqDnM"
      + "jDHQ7jYXWiqYMDgTJzNk8JRRhwk+ToB9fJQL6mNELxMSEowcjCygkVw26DguXJyBFcyHjTqwwUKaw4E5v7SEl4EhvyQjtUgv"
      + "w5RBvwIoDgCWckQT5hgAAA==")

  /// Two sets of images, a table, a text, complex and truth values, halves, big-endian doubles, chunks never written; gzip.
  static let several = decoded(
    "H4sIAAAAAAACA+1baWAbRxUeSU6r2JQoUBr3gG7a0ppSitqkidumyTqWbdnWscfMrnyvLluyJVk4plW5ugVaXE5xm1vc5ha3"
      + "ucVtbnGbW9zhFnfgT7G839qxg5WWJk5N9/359OZ738y83ZnZa3SX19N5TuMFjaRmTidpIC5yvN0Na+5Y65u8BrQBZ4BzdrPc"
      + "tsw1o3wn6l8fR6WOpRbsK/Wvb2d2m4Fu+Nx1QGLZA8G8HW1CDYvwE8Ds3tPbro1sM8a2zfRbDXQYBRiWxAncDtyo3LE0/mtK"
      + "10qVTsQ7l3273W4zSo0Z47C5G5CxbW3PsmfmRJz94IdddOmV17Qe6vTTgUgye8tT7nj2C1/+2rl3feBjn/nSN75X+fUf/25z"
      + "7jjv4Zc9+trr+a4AG4yOPy53253PedErXveW4gc//tkvf/P7Pz36p3/Yt7t2PeKRV+25oc0bVIZiE1O36s947otf+fq3vnv+"
      + "E5/7yrd+8LPfVP/paNzZfPHlj9l74+FuQR2Op4484faZ573kVW9423s+VPr8V7/9w5//9s/HGpoecj53xdXXHWjvEUMjo+np"
      + "Jz71rvxLX/3Gt7/3w59c+Np3fvSL3/3lX9se9NALdrc8dt9Nnl6pTxvLPP5JT3vm82df86Z3vO8jn/pC+bs//uXv//rvs845"
      + "98JLHuXef7DDJ/eHE5M3P/npz3rBywpvfuf7P/rpL3598Se/+sPfNjV1ORD02JZWY3P8cI76p8VctStn1Y/jzfgr6seZ6+z8"
      + "Fl9gTzZ/7RvMU/spm7/Vsw1lnljz98T5e+L5aTHQOIzEsW49PdFvXpbu5A7hTPBkbxPZe7eDnOS85HFKc+sOUO4BeX098Tw4"
      + "19zXmcf5fJtteexvPP7JuuPc3LR2hVq5o7tfH4/a+GppWr237WoP+mzHpWFbNw5vmZyKHTlOv7jDumezzDLLLLPMMssss8wy"
      + "yyyzzLKtZqf+PaK+XNV5doObuof92MldTIwPAhzZ5SS7blv6lQTX8D9oN34/1nqRodIbrLNvmWWWbaX1+N5/l20x9inYjSpd"
      + "ztX3251tPrm2/YFKrAON1Vk3F3YbNa7/Xhva1MPz3+z0xNjOdMympn7qx535/WoH7hVcpHEbadyxottonPGXGRFl+9p+JzZ7"
      + "KraTLr6b9Go+3s8FSLAS1ISywItFkZPyEpGzckVuoRqdpWXqZDzLsSI7yjglpOSVBYWorWpWnVOXDqNH79K7+V7dp/n5ABck"
      + "QlaoCIJYEt1SQXLJulyV3TRBC3SRupiX6WyeVVmLoimzSllxqryaU4sqOaB7iLfUrfcWfLpfC/BBl6ALVUETyyIvFSVOzsuE"
      + "ttIsnaMV2swENsNK7BhzKwmloCwqLtWr6uq8Sg6SDt5Lekq9JV/Brwe0ICfkBSJmxYooSCXJLRdkJ+VpjhbpUcqxEMuzBUaU"
      + "ViWrzCkVpVkV1Bm1pBJe79C9fA/xVXwlfyGgB91CQXCJulgVNaks8XJRdlEv1ek8rdIWprFZVmZOhVdySlE5qnBqSM2rCypp"
      + "I50lr97D+Yi/4i8FCkFeKAqcmBeJlJUqkiCX5GYq0BlaoseomyVYgS0yl+JVdGVeqSotqqbOqmWVHNY7SXeph/dxfhKoBEpB"
      + "QSgJbrEguiRdqkqaXJY5GqJ5ukAJa2VZNscqrFkRlBmlpBxT3GpCLaj/v2f9tM3v3ff2+zRnfAgnfNMZnt9GL/A0wF8FxP47"
      + "/gCwTTcQ+wR5L3wf/CB8ESjzBjLwSsnAEPh+8IPgh8CPgNcKBobhRzQDo9DFOAPj0McrBo6injHoE9AnoR+HfgL6FPQp6NPQ"
      + "Zwz9oSp4Dng1cB/wJuBhYAfa64bvgy/AF1G/jHKG/qjgQ+D7wQ+CHwY/Al4DhpFnBPFR5BmDLo48R6EfRZ5j0CegT0I/Dv0E"
      + "9Cno09Cnoc9Ab46fS4DYWMTvBx40jw/q74TfDd8PX0B7EnwZ9TPEqeD7wPeDHwQ/DF4Dr6GfYcRFkGcU8THkGYduFHmOQT8G"
      + "fQL6JPTj0E9An4I+DX0G+gz0WDDMqzl/DbAVeAjYDuxE/T3w/eb4AUpoj4Jn6J8Kvg/8APhB8MPmvEI/w+DD6GcEcVHkGUN8"
      + "HHmOot4x6LFM8Qnok9CPQz8BfQr6NPQZ6Cehx34L/nLgtcDrgbx5fFBfF/we+AFz/KB9CeUU7SngVfB94AfAD4EfNucVysPo"
      + "ZwR8BHlGERdDnnHUN4o8x6BPQI+XN3wS+nHoJ6BPQZ+GPgP9JPTnQm9eLfYAbzCPD/Qe+F3we+EHzHUZvoT2KcoVtIfHF74P"
      + "/AD4IfAj5rxCP8Moj6CfUfBR5BlDPXHkOYr6xqBPQJ+Efhz6cegnoE9Bn4Y+A/0k9Nh4zl8JxH5h/kbzugX0QO+F3ws/aK7L"
      + "qE+GT9G+grgQ+H7wA+CHwI+Y6w/8MPoZQXkUecagjyHPOOoZRZ5j0CegT0I/Dv0E9BPQp6BPQ5/Rreu6dV23ruubdF2vPU/Y"
      + "6zxPNGzw3NCw4fPESfYfO8znCKNfDnuD+VcaG4K3r/bmzD1P4PaC4PJJpsORVG1KT8dz0zU/OpnOpuI5EpmcTNX2VSbCqeWR"
      + "HEkaJyoTvzk+5QYu+dnw1HTqVkKORMOp8NRqgt772E9jH74Tu5IJabmwfjxu24j70vpxWBaItqd+nPcexplvFxP76sdhmpD5"
      + "9vpx5v+1dGf9OM4cp4337X3tJsyD3H6z6fvBPKj93632NnH9/928ZLWT9azsWetv9J3RRiyzzDLLLLPMMssss8yyrW4n/7+m"
      + "a2Ufi/O4NzZ19q141j5BmFbYEsfD/F/wqfpf8n8AsNn9uRhFAAA=")

  /// A virtual dataset, one in another file, one with chunks of 1.25 GB; gzip.
  static let virtual = decoded(
    "H4sIAAAAAAACA+2YO0/DMBDHbSdtQyREeZWKKSMT6oLECKKBDogiYGBBokPUIISQynPsGL5Gp34MRkZmPgd7iX3nYEdqBBJk"
      + "6f0k63SPXOqL3eH/0mnvz/vrPpN4HnNZnZlMkPc129f5S7QcbYJ2LHScq1wT44vYP193dhKGsnqSQ7+ntQLWY8Qs0gl3j6U9"
      + "Rz9A+ybsuke0Edr4oR+Z53P7l+/lrArPcu1DB+5AoMLsczmHdlrcSc+/fLKetfSw3lO+cASHKNwT12m55g1bwnrpfVT963SH"
      + "pX6Hg73uofoldfveX7DcH8HtfRwNNuMtdnXT60d36ca/cxJh+IEajJ1Xm09XDUc0Gg0TIzVcoDtBEARBEARBEARBEP/F6VG3"
      + "zZWKATyvFtdr3e+1UVyndZLAmY05lq4rCdCVamxD+bA4Sxp2P03MdRy+oMO1IhvnVJqdP5mH1vea2XyAce7cgKw06D1ldZXC"
      + "OSbLEP/ktp0W/7k+F0C9cPVgZEvZRi5jRuXqc18xJ7w+0BcAAA==")

  /// Packed by a filter that the library does not come with; gzip.
  static let lzf = decoded(
    "H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwoOCaHyYfIJUJoRSndA6RVMMHFGsJwEVFwQaj66upAgV1eQ6v9oAGaP"
      + "AQuE5mAYBSMReLg6BoDoCCgflkpPMKGqq0BLjx4U2svIwAYxixHGt4DQzBABVgbUdMkJpXGJMwNdzgh1PyOSClYgDeIzMTOB"
      + "hbkZNMB8RphHakHyzAw5VWlgLig7sALlMhhh9ihAzGdiqWBFOIEDajUjwkcWFIVHsJ+/CyhHw/ylwDyaNskBoPKOEUt5x8VI"
      + "nP4dgqh8XOmNcTSoR8EoGAWjYBSMglEwCkbBKBjyQJ6BnU9URlnL0MLezTckOimzoLyutWfyrIUr1m/be+T0pZvyD56/+8rI"
      + "wS8mq6JtZOng7hcak5xVWFHf1jtl9qKVG7bvkz965vKthy/ef2PiFBCXU9UxtnL08A+LTckuqmxo75s6Z7H8qo079h87e+X2"
      + "o5cfvjNzCUrIq+maWDt5BoTHpeYUVzV2yPdPm7tk9aadB46fu3rn8auPP1i4hSQV1PVMbZy9AiPi03LlS6qbOidMn7d0zeZd"
      + "B0+cv3b3yetPP1l5hKUUNfTNbF28g+QjE9LzSmuauybOmL9s7Zbdh05euH7v6ZvPv9h4RaSVNA3Mpe1cfYKjEjPyy2pbuifN"
      + "XLB83dY9h09dvHH/2dsvDA8SfzF+ZwYAcKKc/cISAAA=")
}
