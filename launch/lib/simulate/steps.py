"""The table of launch/simulate steps:  steps.py FILE

Every line of FILE is: simulated|real, strong|weak, ranks, images of a mini-batch, and what dbc-bench step printed as JSON.
"""
import json
import math
import sys

# Of launch/lib/simulate/platform.xml: latency [s] and seconds per byte between two nodes, and what a message costs a processor [s].
LATENCY, PER_BYTE, OVERHEAD = 600e-9, 8 / (0.9 * 100e9), 1e-6
CORES = 16
# Sums of a step of stage I that are exchanged, and bytes of each of the small ones: batch norm's statistics and the loss.
SMALL_SUMS, SMALL_BYTES, GRADIENT_BYTES = 13, 1024, 268e3


def read(path):
    found = {}
    for line in open(path):
        kind, mode, ranks, batch, text = line.split(" ", 4)
        values, decoder, text = {}, json.JSONDecoder(), text.strip()
        while text:
            part, end = decoder.raw_decode(text)
            values.update(part)
            text = text[end:].strip()
        found[kind, mode, int(ranks)] = (int(batch), values)
    return found


def model(alone, ranks, batch):
    """LogGP (Alexandrov et al. 1995): seconds of a step, from that of one rank with 256 images and the messages of one step."""
    groups = math.ceil(batch / 16 / ranks)
    nodes = math.ceil(ranks / CORES)
    compute = alone * groups / 16
    # Within a node every rank reads what all have written, 10 GB/s; a small sum waits for a line of each rank.
    here = min(ranks, CORES)
    small = 0.1e-6 * here + SMALL_BYTES * here / 10e9 if here > 1 else 0
    large = 2 * GRADIENT_BYTES / 10e9 if here > 1 else 0
    if nodes > 1:
        small += math.ceil(math.log2(nodes)) * (LATENCY + 2 * OVERHEAD) + (nodes - 1) * SMALL_BYTES * PER_BYTE
        large += 2 * (LATENCY + (nodes - 1) * OVERHEAD + GRADIENT_BYTES * PER_BYTE)
    return compute + SMALL_SUMS * small + large


def main():
    found = read(sys.argv[1])
    errors = {}
    for (kind, mode, ranks), (_, values) in found.items():
        real = found.get(("real", mode, ranks))
        if kind == "simulated" and real:
            errors[mode, ranks] = values["images_per_s"] / real[1]["images_per_s"] - 1
    if not errors:
        sys.exit("launch/simulate: no figure of a real run to compare with: name 1 or 2 ranks, too")
    worst = max(abs(error) for error in errors.values())
    one = found.get(("real", "strong", 1)) or found.get(("simulated", "strong", 1))
    alone = one[0] / one[1]["images_per_s"] if one else None
    print(f"{'scaling':8}{'ranks':>6}{'batch':>7}{'real':>10}{'simulated [images/s]':>22}{'error':>9}"
          f"{'model':>10}{'norm exchange [ms]':>20}{'gradients [ms]':>16}")
    for (kind, mode, ranks), (batch, values) in sorted(found.items(), key=lambda item: (item[0][1], item[0][2])):
        if kind != "simulated":
            continue
        real = found.get(("real", mode, ranks))
        shown = f"{real[1]['images_per_s']:.0f}" if real else "–"
        error = f"{100 * errors[mode, ranks]:+.0f} %" if real else f"±{100 * worst:.0f} %"
        formula = f"{batch / model(alone, ranks, batch):.0f}" if alone else "–"
        print(f"{mode:8}{ranks:6}{batch:7}{shown:>10}{values['images_per_s']:22.0f}{error:>9}{formula:>10}"
              f"{values['norm_exchange_ms']:20.3f}{values['gradient_exchange_ms']:16.3f}")
    print(f"The error of figures without a real one is the largest of the others, {100 * worst:.0f} %; what only many ranks or nodes have is "
          "not in it.\nThe model is LogGP's formula for the messages of a step, with the platform's constants.")


main()
