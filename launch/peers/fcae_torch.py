"""The paper's auto-encoder in PyTorch, as dbc-bench's peer: one process, or several with DistributedDataParallel.

    fcae_torch.py --network mnist --work step|encode --batch-size 256 --seconds 1

Prints {"ready": …} when it has warmed up, and then, for every line on standard input, measures a stretch of about
--seconds and prints {"images_per_s": …}. RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT make it one of several
processes; only the first one prints, and --batch-size is that of one process. The core is the caller's business.
"""
import argparse
import json
import os
import sys
import time

import torch
from torch import distributed, nn
from torch.nn import functional

# Convolutions as (kernel, channels, padding, pool behind it); the last one is the feature layer.
NETWORKS = {
    "mnist": (1, 28, [(5, 6, 0, True), (5, 16, 0, True), (4, 120, 0, False)]),
    "usps": (1, 16, [(3, 20, 1, True), (3, 20, 1, True), (4, 160, 0, False)]),
}
COIL = [(9, 20, 0, True), (5, 20, 0, True), (5, 20, 0, True), (5, 40, 0, True), (4, 320, 0, False)]
NETWORKS["coil-20"] = (1, 128, COIL)
NETWORKS["coil-100"] = (3, 128, COIL)


class Normalized(nn.Module):
    """A (transposed) convolution without bias, batch norm, ReLU."""

    def __init__(self, convolution, channels):
        super().__init__()
        self.convolution = convolution
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return functional.relu(self.norm(self.convolution(x)), inplace=True)


class AutoEncoder(nn.Module):
    def __init__(self, channels, stages):
        super().__init__()
        self.pools = [pool for *_, pool in stages]
        self.encoder, self.decoder = nn.ModuleList(), nn.ModuleList()
        for kernel, width, padding, _ in stages:
            self.encoder.append(Normalized(nn.Conv2d(channels, width, kernel, padding=padding, bias=False), width))
            first = not self.decoder
            back = nn.ConvTranspose2d(width, channels, kernel, padding=padding, bias=first)
            self.decoder.insert(0, back if first else Normalized(back, channels))
            channels = width

    def encode(self, x):
        """Features, and per pool the places of the maxima and the size before it."""
        places = []
        for layer, pool in zip(self.encoder, self.pools):
            x = layer(x)
            if pool:
                size = x.shape[2:]
                x, place = functional.max_pool2d(x, 2, return_indices=True)
                places.append((place, size))
        return x, places

    def forward(self, x):
        y, places = self.encode(x)
        for layer, pool in zip(self.decoder, reversed(self.pools)):
            if pool:
                place, size = places.pop()
                y = functional.max_unpool2d(y, place, 2, output_size=size)
            y = layer(y)
        return y


def training(network, images, processes):
    """A function that does one step: forward, backward, gradients over the processes, SGD with momentum."""
    model = nn.parallel.DistributedDataParallel(network, gradient_as_bucket_view=True) if processes > 1 else network
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-7, momentum=0.9)

    def step():
        optimizer.zero_grad()
        (model(images) - images).square().flatten(1).sum(1).mean().backward()
        optimizer.step()

    return step


def encoding(network, images):
    """A function that makes the features of one mini-batch in evaluation mode."""
    network.eval()

    def features():
        with torch.inference_mode():
            network.encode(images)

    return features


def seconds_of(calls, body, processes):
    if processes > 1:
        distributed.barrier()
    start = time.perf_counter()
    for _ in range(calls):
        body()
    if processes > 1:
        distributed.barrier()
    return time.perf_counter() - start


def same_everywhere(value, processes):
    """The first process's value."""
    if processes == 1:
        return value
    tensor = torch.tensor([value], dtype=torch.float64)
    distributed.broadcast(tensor, 0)
    return float(tensor)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", choices=NETWORKS, required=True)
    parser.add_argument("--work", choices=["step", "encode"], required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.manual_seed(0)
    processes, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    if processes > 1:
        distributed.init_process_group("gloo")
    channels, size, stages = NETWORKS[options.network]
    images = torch.rand(options.batch_size, channels, size, size)

    # Of the two memory layouts, the faster one counts.
    candidates = {}
    for name, layout in (("channels first", torch.contiguous_format), ("channels last", torch.channels_last)):
        network = AutoEncoder(channels, stages).to(memory_format=layout)
        x = images.to(memory_format=layout)
        body = training(network, x, processes) if options.work == "step" else encoding(network, x)
        seconds_of(2, body, processes)
        candidates[name] = (same_everywhere(min(seconds_of(1, body, processes) for _ in range(5)), processes), body)
    layout = min(candidates, key=lambda name: candidates[name][0])
    seconds, body = candidates[layout]
    calls = max(3, round(options.seconds / seconds))

    def say(**values):
        if rank == 0:
            print(json.dumps(values), flush=True)

    say(ready=True, layout=layout, program=f"PyTorch {torch.__version__}")
    for _ in sys.stdin:
        elapsed = seconds_of(calls, body, processes)
        say(images_per_s=calls * options.batch_size * processes / elapsed)
    if processes > 1:
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
