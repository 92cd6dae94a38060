"""What the platform adds to ipykernel inside kernel processes.

An agent starts one *zygote* for each Python (``python -m notebook_kernel.zygote``). It imports ipykernel once and
forks kernel processes on demand: a fork is ready in tens of milliseconds, a fresh interpreter in a second or two.
A forked process is a plain ipykernel in every respect that a notebook can see, with two additions: a control message
that makes a waiting process the kernel of a user, and device visibility set before each cell.
"""
