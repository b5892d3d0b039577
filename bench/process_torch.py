"""The job of process-job.js in PyTorch, with the range test written by hand: process.ts times it."""

import gzip
import json
import math
import resource
import sys

import torch
from torch import nn

images_path, labels_path, plot_path = sys.argv[1:]


def read_idx(path, header):
    with gzip.open(path) as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8, offset=header)


images = read_idx(images_path, 16).reshape(-1, 1, 28, 28).float().div_(255)
labels = read_idx(labels_path, 8).long()
torch.manual_seed(0)
order = torch.randperm(len(images))
train = order[: len(order) * 8 // 10]
mean, std = images[train].mean(), images[train].std()
images.sub_(mean).div_(std)

model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
)  # fmt: skip
loss_func = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-7, momentum=0.9)
before = {name: value.clone() for name, value in model.state_dict().items()}

num_it, start, end = 100, 1e-7, 10.0
rates, losses, average = [], [], 0.0
for i in range(num_it):
    lr = start * (end / start) ** (i / num_it)
    optimizer.param_groups[0]["lr"] = lr
    rows = train[i * 64 : (i + 1) * 64]
    loss = loss_func(model(images[rows]), labels[rows])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    average = 0.98 * average + 0.02 * loss.item()
    rates.append(lr)
    losses.append(average / (1 - 0.98 ** (i + 1)))
model.load_state_dict(before)


def valley(values):
    """The start of the longest fall, after a third of it and a half of that."""
    best, longest = [1] * len(values), 0
    for i in range(1, len(values)):
        for j in range(i):
            if values[i] < values[j] and best[i] < best[j] + 1:
                best[i] = best[j] + 1
        if best[i] > best[longest]:
            longest = i
    sections = best[longest] / 3
    return longest - best[longest] + int(sections) + int(sections / 2)


first, last = num_it // 10, num_it - 5
kept = [loss for loss in losses[first:last]]
finite = next((i for i, loss in enumerate(kept) if not math.isfinite(loss)), len(kept))
index = first + valley(kept[:finite])

shown = [(math.log10(lr), loss) for lr, loss in zip(rates, losses) if math.isfinite(loss)]
low = min(loss for _, loss in shown)
high = min(max(loss for _, loss in shown), 2 * losses[0])


def place(log_lr, loss):
    return 50 + 500 * (log_lr + 7) / 8, 350 - 300 * (min(loss, high) - low) / (high - low)


line = " ".join("%.1f,%.1f" % place(*point) for point in shown)
x, y = place(math.log10(rates[index]), losses[index])
ticks = "".join(
    '<text x="%.1f" y="370" text-anchor="middle">1e%d</text>' % (50 + 500 * (k + 7) / 8, k)
    for k in range(-7, 2)
)
with open(plot_path, "w") as file:
    file.write(
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400" font-family="sans-serif" font-size="12">'
        f'<path d="M50 50V350H550" fill="none" stroke="black"/>{ticks}'
        f'<polyline points="{line}" fill="none" stroke="steelblue" stroke-width="2"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="orange"/></svg>'
    )
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"steps": len(rates), "lr": rates[index], "maxRssKib": usage.ru_maxrss}))
