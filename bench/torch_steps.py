"""Times PyTorch's training steps on demand, so that its repetitions can alternate with ours.

Reads one JSON object a line, {"case": NAME, "threads": N, "steps": K}, runs K training steps and answers with
{"ms": MILLISECONDS_PER_STEP, "loss": LAST_LOSS}. The cases are those of cases.ts.
"""

import json
import sys
import time

import torch
from torch import nn


class Block(nn.Module):
    """The basic residual block."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = torch.relu_(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return torch.relu_(y)


def resnet18(classes):
    stages, channels = [], 64
    for stage, width in enumerate([64, 128, 256, 512]):
        for i in range(2):
            stages.append(Block(channels, width, 2 if stage > 0 and i == 0 else 1))
            channels = width
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(True), nn.MaxPool2d(3, 2, 1),
        *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes),
    )  # fmt: skip


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(1000, 128)
        layer = nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.encoder(self.embedding(x)).mean(1))


def mlp():
    return nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(True), nn.Linear(256, 128), nn.ReLU(True), nn.Linear(128, 10)
    )


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    )  # fmt: skip


def make(name):
    torch.manual_seed(0)
    model, inputs = {
        "mlp": lambda: (mlp(), torch.randn(64, 784)),
        "cnn": lambda: (cnn(), torch.randn(64, 1, 28, 28)),
        "resnet18": lambda: (resnet18(10), torch.randn(16, 3, 64, 64)),
        "transformer": lambda: (Transformer(), torch.randint(0, 1000, (32, 64))),
    }[name]()
    labels = torch.randint(0, 10, (len(inputs),))
    loss_func = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)

    def step():
        loss = loss_func(model(inputs), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def blas():
    """The matrix library in use: with the reference one, which Debian installs first, PyTorch is far slower."""
    if torch.backends.mkl.is_available():
        return "MKL"
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))
    with open("/proc/self/maps") as maps:
        files = {line.split()[-1] for line in maps if "blas" in line}
    return "OpenBLAS" if any("openblas" in file for file in files) else "reference BLAS"


steps = {}
print(json.dumps({"version": torch.__version__, "blas": blas()}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    name = request["case"]
    torch.set_num_threads(request["threads"])
    step = steps.get(name) or steps.setdefault(name, make(name))
    start = time.perf_counter()
    for _ in range(request["steps"]):
        loss = step()
    ms = 1000 * (time.perf_counter() - start) / request["steps"]
    print(json.dumps({"ms": ms, "loss": loss}), flush=True)
