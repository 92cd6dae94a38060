# %% the tools
import collections
import functools
import json
import math
import random
import sys
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import HTML, Markdown, display

np.random.seed(7)
random.seed(7)
# %% how a plot looks
plt.rcParams["figure.figsize"] = (3, 2)
plt.rcParams["figure.dpi"] = 60
# %% data
hours = pd.date_range("2024-01-01", periods=240, freq="H")
readings = pd.DataFrame({"hour": hours, "load": np.random.gamma(2.0, 3.0, 240).round(3), "site": np.resize(["north", "south", "east"], 240)})
readings.head()
# %% what is in it
readings.describe()
# %% a view that shares memory with its array
grid = np.arange(24.0).reshape(4, 6)
corner = grid[:2, :2]
corner += 100
grid
# %% still shared, a cell later
corner[0, 0] = -1
grid[0, 0], corner is grid, np.shares_memory(corner, grid)
# %% slowly, with words
total = 0.0
for step in range(12):
    total += float(readings["load"].iloc[step * 20:(step + 1) * 20].sum())
    print(f"step {step}: {total:.3f}", flush=True)
    time.sleep(0.04)
# %% a class
class Account:
    """Counts, and remembers why."""

    opened = 0

    def __init__(self, owner):
        self.owner, self.entries = owner, []
        Account.opened += 1

    def add(self, amount, why):
        self.entries.append((amount, why))
        return self

    @property
    def balance(self):
        return sum(amount for amount, _ in self.entries)

    def __repr__(self):
        return f"<{self.owner}: {self.balance}>"


first, second = Account("ada"), Account("grace")
Account.opened
# %% objects that know each other
first.friend, second.friend = second, first
first.add(10, "start").add(5, "gift")
second.add(-3, "tea")
[first, second, first.friend.friend is first]
# %% a class that changes later
Account.rich = property(lambda self: self.balance > 12)
{account.owner: account.rich for account in (first, second)}
# %% closures
def counter(start):
    count = start

    def step(by=1):
        nonlocal count
        count += by
        return count

    return step


tick, tock = counter(0), counter(100)
[tick(), tick(), tock(5)]
# %% closures remember
[tick(), tock(), tick.__closure__[0].cell_contents]
# %% decorated
@functools.lru_cache(maxsize=None)
def ways(n):
    return 1 if n < 2 else ways(n - 1) + ways(n - 2)


[ways(n) for n in range(12)]
# %% a plot
plt.plot(readings["hour"][:48], readings["load"][:48])
plt.title("two days")
plt.show()
# %% a figure with a name
fig, axes = plt.subplots(1, 2)
axes[0].hist(readings["load"], bins=12)
axes[1].boxplot([readings.loc[readings.site == site, "load"] for site in ("north", "south", "east")])
fig.tight_layout()
# %% errors are results, too
{}["missing"]
# %% and what follows goes on
error_seen = True
print("after the error", file=sys.stderr)
# %% groups
by_site = readings.groupby("site")["load"].agg(["mean", "std", "count"]).round(4)
by_site
# %% a pivot
readings["day"] = readings["hour"].dt.day
pivot = readings.pivot_table(index="day", columns="site", values="load", aggfunc="sum").round(2)
pivot
# %% a join
sites = pd.DataFrame({"site": ["north", "south", "west"], "city": ["Kiel", "Ulm", "Trier"]})
merged = readings.merge(sites, how="left", on="site")
merged["city"].isna().sum(), list(merged.columns)
# %% in place
readings.loc[readings["load"] > 15, "load"] = 15.0
readings.sort_values("load", inplace=True, kind="stable")
readings.tail(3)
# %% random numbers go on where they were
np.random.rand(3).round(6).tolist(), random.random(), np.random.randint(0, 1000, 4).tolist()
# %% a generator of numpy's own
rng = np.random.default_rng(11)
rng.normal(size=3).round(6).tolist()
# %% and on
rng.integers(0, 100, 5).tolist(), round(random.gauss(0, 1), 9)
# %% a training set
x = np.random.normal(size=(400, 3))
truth = np.array([1.5, -2.0, 0.5])
y = (1 / (1 + np.exp(-(x @ truth + 0.3))) > np.random.rand(400)).astype(float)
x.shape, int(y.sum())
# %% a model
class Logistic:
    def __init__(self, features, rate=0.5):
        self.weights, self.bias, self.rate, self.losses = np.zeros(features), 0.0, rate, []

    def predict(self, x):
        return 1 / (1 + np.exp(-(x @ self.weights + self.bias)))

    def epoch(self, x, y):
        p = self.predict(x)
        self.weights -= self.rate * x.T @ (p - y) / len(y)
        self.bias -= self.rate * float(np.mean(p - y))
        self.losses.append(float(-np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))))
        return self.losses[-1]


model = Logistic(3)
best = model
# %% training
for epoch in range(15):
    loss = model.epoch(x, y)
    print(f"epoch {epoch}: loss {loss:.6f}", flush=True)
    time.sleep(0.03)
# %% more training
for epoch in range(15, 30):
    print(f"epoch {epoch}: loss {best.epoch(x, y):.6f}", flush=True)
    time.sleep(0.03)
# %% is it any good
accuracy = float(np.mean((model.predict(x) > 0.5) == (y > 0.5)))
accuracy, model is best, len(model.losses), model.weights.round(5).tolist()
# %% how it learnt
plt.plot(model.losses)
plt.xlabel("epoch")
plt.show()
# %% formatted
display(Markdown(f"**{accuracy:.3f}** of {len(y)}"), HTML("<b>done</b>"))
# %% a display that changes
handle = display("0 of 3", display_id="progress")
for part in range(1, 4):
    handle.update(f"{part} of 3")
    time.sleep(0.05)
# %% history
len(In) > 30, _i[:5], Out[max(Out)] == _
# %% collections
words = "the cat and the dog and the bird".split()
counts = collections.Counter(words)
index = collections.defaultdict(list)
for at, word in enumerate(words):
    index[word].append(at)
counts.most_common(2), dict(index)
# %% names that come and go
left, *middle, right = range(6)
del middle[0], error_seen
"error_seen" in globals(), left, middle, right
# %% in and out of text
text = json.dumps({"sites": by_site.reset_index().to_dict("records")}, sort_keys=True)
json.loads(text)["sites"][0]["site"], len(text)
# %% a larger value
field = np.sin(np.linspace(0, 40, 40_000)).reshape(200, 200)
field[10:20] *= 2
float(field.sum().round(6)), field.nbytes
# %% seen
plt.imshow(field, cmap="viridis")
plt.colorbar()
plt.show()
# %% the earlier figure again
axes[0].set_title("load")
fig
# %% all of it once more
for part, value in enumerate([total, ways(30), tick(), first.balance, accuracy, float(field[15].sum()), counts["the"], math.pi]):
    print(f"{part}: {value:.6f}", flush=True)
    time.sleep(0.03)
first.friend, readings["load"].sum().round(3), np.shares_memory(corner, grid)
