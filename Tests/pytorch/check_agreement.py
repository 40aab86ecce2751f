#!/usr/bin/env python3
"""Checks dbc-train against PyTorch: the same features, the same scores, the same gradient steps.

launch/check-pytorch sets up what this needs and runs it:  check_agreement.py PATH/TO/dbc-train
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

CLUSTERS = 5
IMAGES = 250  # not a multiple of 16: the last lane group is partial


def write_images(path, size):
    """Smooth random blobs in five places, as an IDX file."""
    random = np.random.default_rng(1)
    rows, columns = np.mgrid[0:size, 0:size] / size
    images = np.zeros((IMAGES, size, size))
    for i in range(IMAGES):
        for _ in range(3):
            x, y = random.uniform(0.2, 0.8, 2)
            width = random.uniform(0.05, 0.2)
            images[i] += np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * width**2))
    images = np.clip(images * 80 + random.normal(12, 3, images.shape), 0, 255).astype(np.uint8)
    with open(path, "wb") as file:
        file.write(struct.pack(">IIII", 0x803, IMAGES, size, size) + images.tobytes())
    return torch.from_numpy(images.astype(np.float64) / 255)[:, None]


def read_model(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.astype(np.float64))
    return tensors, metadata["encoder"]


class Network:
    """The FCAE from the tensors of a model file, in double precision."""

    def __init__(self, tensors, code):
        self.stages = []
        for number, text in enumerate(code.split()):
            _, channels, padding = text.removesuffix("+pool").split("-")
            last = number == len(code.split()) - 1
            self.stages.append(("feature" if last else f"conv{number + 1}", int(padding), text.endswith("+pool")))
        self.values = {name: tensor.clone() for name, tensor in tensors.items()}
        self.trained = [name for name in tensors if "running" not in name]
        for name in self.trained:
            self.values[name].requires_grad_(True)

    def normalize(self, x, name, training):
        v = self.values
        return F.relu(F.batch_norm(
            x, v[name + ".bn.running_mean"], v[name + ".bn.running_var"], v[name + ".bn.weight"],
            v[name + ".bn.bias"], training, momentum=0.1, eps=1e-5))

    def encode(self, x, training):
        switches = []
        for name, padding, pool in self.stages:
            x = F.conv2d(x, self.values[f"encoder.{name}.weight"], padding=padding)
            x = self.normalize(x, f"encoder.{name}", training)
            if pool:
                size = x.shape[2:]
                x, index = F.max_pool2d(x, 2, return_indices=True)
                switches.append((index, size))
        return x, switches

    def reconstruct(self, x):
        y, switches = self.encode(x, True)
        for number, (name, padding, pool) in reversed(list(enumerate(self.stages))):
            if pool:
                index, size = switches.pop()
                y = F.max_unpool2d(y, index, 2, output_size=size)
            bias = self.values.get(f"decoder.{name}.bias")
            y = F.conv_transpose2d(y, self.values[f"decoder.{name}.weight"], bias, padding=padding)
            if number > 0:
                y = self.normalize(y, f"decoder.{name}", True)
        return y

    def features(self, x, training=False):
        return self.encode(x, training)[0].flatten(1)

    def step(self, loss, rate):
        """One step of gradient descent; SGD's momentum does not matter in the first one."""
        loss.backward()
        with torch.no_grad():
            for name in self.trained:
                if self.values[name].grad is not None:
                    self.values[name] -= rate * self.values[name].grad


def scores(z, centres):
    """Equation (1) with one degree of freedom."""
    s = 1 / (1 + ((z[:, None] - centres[None]) ** 2).sum(2))
    return s / s.sum(1, keepdim=True)


def target(s):
    """Equation (2) with boost 2."""
    r = s**2 / (s**2).sum(0)
    return r / r.sum(1, keepdim=True)


def compare(title, found, expected, before, tolerance):
    """The change of a tensor against the expected change, in the Euclidean norm."""
    change = expected - before
    error = float((found - expected).norm() / max(float(change.norm()), 1e-12))
    print(f"  {title:32s} relative error {error:.1e}")
    return error < tolerance


def check(program, architecture, size, ranks):
    print(f"{architecture}, {IMAGES} images of {size}×{size}, {ranks} rank(s)")
    good = []
    with tempfile.TemporaryDirectory() as folder:
        images = write_images(f"{folder}/images", size)

        def run(output, *arguments):
            command = ["mpirun", "--quiet", "--oversubscribe", "-np", str(ranks), program, "--recipe", "paper", "--images",
                       f"{folder}/images", "--architecture", architecture, "--clusters", str(CLUSTERS),
                       "--batch-size", "256", "--quiet", "--output", f"{folder}/{output}", *arguments]
            subprocess.run(command, check=True)
            return read_model(f"{folder}/{output}/model.safetensors")

        first, code = run("first", "--pretrain-epochs", "5", "--chain-epochs", "2", "--learning-rate", "1e-3")
        z = Network(first, code).features(images).detach()
        s = scores(z, first["centres"])
        for name, expected in (("embeddings", z), ("scores", s)):
            found = torch.from_numpy(np.load(f"{folder}/first/{name}.npy").astype(np.float64))
            error = float((found - expected).abs().max())
            print(f"  {name:32s} largest difference {error:.1e}")
            good.append(found.shape == expected.shape and error < 1e-4)

        start = f"{folder}/first/model.safetensors"
        # The steps are large, so that the rounding of a stored weight is small beside its change.
        rate = 0.1
        found, _ = run("stage1", "--init", start, "--pretrain-epochs", "1", "--optimizer", "sgd",
                       "--pretrain-learning-rate", str(rate), "--chain-epochs", "0")
        network = Network(first, code)
        network.step(((network.reconstruct(images) - images) ** 2).flatten(1).sum(1).mean(), rate)
        for name, value in network.values.items():
            if name != "centres":
                good.append(compare(f"stage I {name}", found[name], value.detach(), first[name], 1e-4))

        before, _ = run("centres", "--init", start, "--pretrain-epochs", "0", "--chain-epochs", "0")
        weight = 0.01
        for title, output, added in (("stage II", "stage2", 0), ("with reconstruction", "stage2-both", weight)):
            found, _ = run(output, "--init", start, "--pretrain-epochs", "0", "--chain-epochs", "1",
                           "--iterations", "1", "--chain-optimizer", "sgd", "--learning-rate", str(100 * rate),
                           "--reconstruction-weight", str(added))
            network = Network(before, code)
            with torch.no_grad():
                r = target(scores(network.features(images), network.values["centres"]))
            s = scores(network.features(images, training=True), network.values["centres"])
            loss = (r * (r / s).log()).sum(1).mean()
            if added:
                loss = loss + added * ((network.reconstruct(images) - images) ** 2).flatten(1).sum(1).mean()
            network.step(loss, 100 * rate)
            for name, value in network.values.items():
                # With the reconstruction, this reference goes through the encoder twice, and so do its statistics.
                twice = added and name.startswith("encoder") and ".running_" in name
                if not twice and (added or not name.startswith("decoder")):
                    good.append(compare(f"{title} {name}", found[name], value.detach(), before[name], 1e-4))
    return all(good)


def main():
    torch.set_num_threads(1)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    program = os.path.abspath(sys.argv[1])
    results = [check(program, "mnist", 28, 2), check(program, "usps", 16, 1), check(program, "auto", 21, 3)]
    passed = sum(results)
    print(f"{passed} passed, {len(results) - passed} failed")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
