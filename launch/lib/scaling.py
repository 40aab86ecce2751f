"""Scaling over rank counts; started by launch/scaling, which builds the programs and sets the environment."""
import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from curve import Series, draw

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("DBC_PROGRAMS", TOP / ".build" / "release"))
BATCH_SIZES = {"mnist": 256, "usps": 256, "coil-20": 32, "coil-100": 32}
EPOCHS = {"pretrain": 2, "chain": 2}


def rank_counts(text):
    counts = sorted({int(part) for part in text.split(",")})
    if counts[0] < 1:
        raise argparse.ArgumentTypeError("rank counts must be at least 1")
    return counts


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def parse_options():
    parser = argparse.ArgumentParser(
        prog="launch/scaling",
        description="Images/s, speed-up, efficiency and Karp–Flatt serial fraction over rank counts, of training "
        "steps on images in memory and of a whole short dbc-train on the built-in images.")
    parser.add_argument("--mode", choices=["strong", "weak"], default="strong",
                        help="strong: one global batch for all rank counts; weak: batch and images per rank")
    parser.add_argument("--np", type=rank_counts, default=[1, 2], metavar="LIST", help="rank counts, such as 1,2,4")
    parser.add_argument("--repeat", type=positive, default=5, help="repetitions (default: 5)")
    parser.add_argument("--hostfile", help="passed to mpirun")
    parser.add_argument("--architecture", choices=BATCH_SIZES, default="mnist", help="network of the steps")
    parser.add_argument("--stage", choices=["fcae", "dbc"], default="fcae", help="stage of the steps")
    parser.add_argument("--batch-size", type=positive,
                        help="images of a mini-batch: over all ranks (strong), of one rank (weak)")
    parser.add_argument("--steps", type=positive, help="steps per repetition (default: that of dbc-bench)")
    parser.add_argument("--images", type=positive, default=10000,
                        help="built-in images of the whole training: in all (strong), per rank (weak); 10000")
    parser.add_argument("--bundle", metavar="FILE", help="measure the programs and the MPI of a file of launch/bundle")
    parser.add_argument("--no-training", action="store_true", help="measure the steps only")
    parser.add_argument("--output", type=pathlib.Path, default=TOP / "runs" / "scaling",
                        help="directory of the results (default: runs/scaling)")
    options = parser.parse_args()
    least = 16 * options.np[-1] if options.mode == "strong" else 16
    if options.batch_size is None:
        options.batch_size = max(BATCH_SIZES[options.architecture], least)
    if options.batch_size % 16 or options.batch_size < least:
        parser.error(f"--batch-size must be a multiple of 16 and at least {least}, found {options.batch_size}")
    return options


def mpirun(options, ranks, command):
    """The output of `command` on `ranks` ranks."""
    launch = ["mpirun", "--quiet", "--oversubscribe", "-np", str(ranks)]
    if options.hostfile:
        launch += ["--hostfile", options.hostfile]
    result = subprocess.run(launch + command, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(f"launch/scaling: {command[0]} on {ranks} ranks ended with exit code {result.returncode}")
    return result.stdout


def scale(options, ranks):
    return ranks if options.mode == "weak" else 1


def measure_step(options, ranks):
    """Images per second of training steps."""
    command = [str(PROGRAMS / "dbc-bench"), "step", "--architecture", options.architecture, "--stage", options.stage,
               "--batch-size", str(options.batch_size * scale(options, ranks)), "--repeat", "1", "--format", "json"]
    if options.steps:
        command += ["--steps", str(options.steps)]
    return json.loads(mpirun(options, ranks, command))


def training_batch(options, ranks):
    """The global batch size of the whole training."""
    return max(256, 16 * options.np[-1]) if options.mode == "strong" else 256 * ranks


def measure_training(options, ranks):
    """Wall seconds of a whole training, and images per second: passes over the data by time."""
    images = options.images * scale(options, ranks)
    batch = training_batch(options, ranks)
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        mpirun(options, ranks, [
            str(PROGRAMS / "dbc-train"), "--recipe", "paper", "--built-in-images", str(images), "--batch-size", str(batch),
            "--pretrain-epochs", str(EPOCHS["pretrain"]), "--chain-epochs", str(EPOCHS["chain"]), "--quiet",
            "--output", f"{folder}/run"])
        seconds = time.monotonic() - start
    return {"images_per_s": images * sum(EPOCHS.values()) / seconds, "seconds": seconds, "batch_size": batch}


def host_count(options, ranks):
    return len(set(mpirun(options, ranks, ["uname", "-n"]).split())) if options.hostfile else 1


def karp_flatt(speed_up, factor):
    """The serial fraction that would explain the speed-up on `factor` times as many ranks (Karp, Flatt 1990)."""
    return (1 / speed_up - 1 / factor) / (1 - 1 / factor) if factor > 1 else None


def summarize(options, what, samples, hosts):
    """One row per rank count, against the smallest one."""
    rows = []
    first = options.np[0]
    base = statistics.median(sample["images_per_s"] for sample in samples[first])
    for ranks in options.np:
        rates = [sample["images_per_s"] for sample in samples[ranks]]
        speed_up = statistics.median(rates) / base
        row = {"what": what, "ranks": ranks, "hosts": hosts[ranks], "global_batch": samples[ranks][0]["batch_size"],
               "images_per_s_min": min(rates), "images_per_s": statistics.median(rates),
               "images_per_s_max": max(rates), "speed_up": speed_up, "speed_up_min": min(rates) / base,
               "speed_up_max": max(rates) / base, "efficiency": speed_up * first / ranks,
               "serial_fraction": karp_flatt(speed_up, ranks / first), "seconds": None}
        if "seconds" in samples[ranks][0]:
            row["seconds"] = statistics.median(sample["seconds"] for sample in samples[ranks])
        rows.append(row)
    return rows


def print_table(rows):
    titles = ["what", "ranks", "hosts", "global batch", "min", "images/s", "max", "speed-up", "efficiency",
              "serial fraction", "seconds"]
    cells = [[row["what"], str(row["ranks"]), str(row["hosts"]), str(row["global_batch"]),
              *(f"{row[key]:.0f}" for key in ("images_per_s_min", "images_per_s", "images_per_s_max")),
              f"{row['speed_up']:.2f}", f"{100 * row['efficiency']:.1f} %",
              "–" if row["serial_fraction"] is None else f"{row['serial_fraction']:.3f}",
              "–" if row["seconds"] is None else f"{row['seconds']:.2f}"] for row in rows]
    widths = [max(len(line[column]) for line in [titles] + cells) for column in range(len(titles))]
    for line in [titles, ["─" * width for width in widths]] + cells:
        print("  ".join(text.ljust(width) if column == 0 else text.rjust(width)
                        for column, (text, width) in enumerate(zip(line, widths))).rstrip())


def write_files(options, rows, facts):
    options.output.mkdir(parents=True, exist_ok=True)
    base = options.output / f"scaling-{options.mode}"
    with open(f"{base}.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    with open(f"{base}.json", "w") as file:
        json.dump({**facts, "rows": rows}, file, indent=2)
        file.write("\n")
    unit = "" if options.mode == "strong" else " per rank"
    names = {"step": f"step of {options.architecture}, batch {options.batch_size}{unit}",
             "training": f"whole short training, batch {training_batch(options, 1)}{unit}"}
    series = [Series(names[what], [(row["ranks"], row["speed_up"], row["speed_up_min"], row["speed_up_max"],
                                    row["efficiency"]) for row in rows if row["what"] == what])
              for what in dict.fromkeys(row["what"] for row in rows)]
    first = options.np[0]
    svg = draw(series, title=f"{options.mode.capitalize()} scaling of dbc",
               subtitle=f"{facts['cpu']}, {facts['vectors']}, dbc {facts['version']}; median, minimum and maximum of "
               f"{options.repeat}", x_label="ranks",
               y_label=f"speed-up over {first} rank{'' if first == 1 else 's'} (images/s)")
    with open(f"{base}.svg", "w") as file:
        file.write(svg)
    print(f"\nWritten: {base}.csv, .json, .svg")


def main():
    options = parse_options()
    hosts = {ranks: host_count(options, ranks) for ranks in options.np}
    steps = {ranks: [] for ranks in options.np}
    trainings = {ranks: [] for ranks in options.np}
    # All rank counts in turn, so that a machine that gets slower or faster does so for all of them.
    for repetition in range(options.repeat):
        for ranks in options.np:
            print(f"\r{repetition + 1}/{options.repeat}, {ranks} ranks  ", end="", file=sys.stderr, flush=True)
            steps[ranks].append(measure_step(options, ranks))
            if not options.no_training:
                trainings[ranks].append(measure_training(options, ranks))
    print("\r" + " " * 30 + "\r", end="", file=sys.stderr, flush=True)
    rows = summarize(options, "step", steps, hosts)
    if not options.no_training:
        rows += summarize(options, "training", trainings, hosts)
    cores = len(os.sched_getaffinity(0))
    any_step = steps[options.np[0]][0]
    facts = {"mode": options.mode, "architecture": options.architecture, "stage": options.stage,
             "repeat": options.repeat, "cores_of_first_host": cores,
             **{key: any_step[key] for key in ("host", "cpu", "vectors", "blas", "version")}}
    print(f"{options.mode} scaling of {options.architecture}, stage {options.stage}; {facts['cpu']}, "
          f"{facts['vectors']}, {cores} cores, dbc {facts['version']}\n")
    print_table(rows)
    if not options.hostfile and options.np[-1] > cores:
        print(f"\nWhere more than {cores} ranks share this machine's {cores} cores, no speed-up is to be expected.")
    write_files(options, rows, facts)


if __name__ == "__main__":
    main()
