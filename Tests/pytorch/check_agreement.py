#!/usr/bin/env python3
"""Checks dbc-train against PyTorch: the same features, the same scores, the same gradient steps.

launch/check-pytorch sets up what this needs and runs it:  check_agreement.py PATH/TO/dbc-train PAGE

The encoder, the scores and the reader of models are those of the PAGE, docs/use-results.md.
"""
import contextlib
import io
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../docs"))
from blocks import blocks

CLUSTERS = 5
# Of a mini-batch in the running statistics, where it is the whole pass: a tenth of the old ones is left after two passes.
MOMENTUM = 1 - 0.1 ** 0.5
IMAGES = 250  # not a multiple of 16: the last lane group is partial


def write_images(path, size):
    """Smooth random blobs, as an IDX file; returns them as bytes."""
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
    return images


def run_page(page, folder):
    """Runs the page's block in the folder, which it checks against the run there; returns what it defines."""
    names = {}
    before = os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(blocks(page)["pytorch"], page, "exec"), names)
    finally:
        os.chdir(before)
    return names


class Network:
    """The FCAE with its decoder, for training: an encoder's layers, and the tensors of a model file."""

    def __init__(self, tensors, encoder):
        self.stages = [(name, layer.padding, isinstance(layer.pool, torch.nn.MaxPool2d))
                       for name, layer in encoder.named_children() if name != "flatten"]
        self.values = {name: tensor.clone() for name, tensor in tensors.items()
                       if name == "centres" or name.startswith(("encoder.", "decoder."))}
        self.trained = [name for name in self.values if "running" not in name]
        for name in self.trained:
            self.values[name].requires_grad_(True)

    def normalize(self, x, name, training):
        v = self.values
        return F.relu(F.batch_norm(
            x, v[name + ".bn.running_mean"], v[name + ".bn.running_var"], v[name + ".bn.weight"],
            v[name + ".bn.bias"], training, momentum=MOMENTUM, eps=1e-5))

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

    def features(self, x, training):
        return self.encode(x, training)[0].flatten(1)

    def step(self, loss, rate):
        """One step of gradient descent; SGD's momentum does not matter in the first one."""
        loss.backward()
        with torch.no_grad():
            for name in self.trained:
                if self.values[name].grad is not None:
                    self.values[name] -= rate * self.values[name].grad


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


def check(program, page, architecture, size, ranks):
    print(f"{architecture}, {IMAGES} images of {size}×{size}, {ranks} rank(s)")
    good = []
    with tempfile.TemporaryDirectory() as folder:
        pixels = write_images(f"{folder}/images", size)
        images = torch.from_numpy(pixels.astype(np.float64) / 255)[:, None]

        def train(output, *arguments):
            command = ["mpirun", "--quiet", "--oversubscribe", "-np", str(ranks), program, "--recipe", "paper", "--images",
                       f"{folder}/images", "--architecture", architecture, "--clusters", str(CLUSTERS),
                       "--batch-size", "256", "--quiet", "--output", f"{folder}/{output}", *arguments]
            subprocess.run(command, check=True)

        def model(output):
            tensors, metadata = names["read_model"](f"{folder}/{output}/model.safetensors")
            return {name: tensor.double() for name, tensor in tensors.items()}, metadata

        def step(output, *arguments):
            train(output, "--init", f"{folder}/runs/latest/model.safetensors", *arguments)
            return model(output)[0]

        np.save(f"{folder}/images.npy", pixels)
        train("runs/latest", "--pretrain-epochs", "5", "--chain-epochs", "2", "--learning-rate", "1e-3")
        names = run_page(page, folder)
        first, metadata = model("runs/latest")
        encoder = names["Encoder"](first, metadata).double()

        def scores(z, centres):
            return names["score"](z, centres, names["freedom"])

        with torch.no_grad():
            z = encoder(images)
            s = scores(z, first["centres"])
        for name, expected in (("embeddings", z), ("scores", s)):
            found = torch.from_numpy(np.load(f"{folder}/runs/latest/{name}.npy").astype(np.float64))
            error = float((found - expected).abs().max())
            print(f"  {name:32s} largest difference {error:.1e}")
            good.append(found.shape == expected.shape and error < 1e-4)

        # The steps are large, so that the rounding of a stored weight is small beside its change.
        rate = 0.1
        found = step("stage1", "--pretrain-epochs", "1", "--optimizer", "sgd",
                     "--pretrain-learning-rate", str(rate), "--chain-epochs", "0")
        network = Network(first, encoder)
        network.step(((network.reconstruct(images) - images) ** 2).flatten(1).sum(1).mean(), rate)
        for name, value in network.values.items():
            if name != "centres":
                good.append(compare(f"stage I {name}", found[name], value.detach(), first[name], 1e-4))

        before = step("centres", "--pretrain-epochs", "0", "--chain-epochs", "0")
        weight = 0.01
        for title, output, added in (("stage II", "stage2", 0), ("with reconstruction", "stage2-both", weight)):
            found = step(output, "--pretrain-epochs", "0", "--chain-epochs", "1", "--iterations", "1",
                         "--chain-optimizer", "sgd", "--learning-rate", str(100 * rate),
                         "--reconstruction-weight", str(added))
            network = Network(before, encoder)
            with torch.no_grad():
                r = target(scores(network.features(images, training=False), network.values["centres"]))
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
    program, page = map(os.path.abspath, sys.argv[1:3])
    cases = [("mnist", 28, 2), ("usps", 16, 1), ("auto", 21, 3)]
    results = [check(program, page, *case) for case in cases]
    passed = sum(results)
    print(f"{passed} passed, {len(results) - passed} failed")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
