using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Clients;

/// <summary>
/// Somebody who takes part in a kernel: a cursor into the kernel's <see cref="OutputLog"/>, and the sessions that it speaks
/// in. What is here belongs to the hub, under its lock.
/// </summary>
internal abstract class KernelClient
{
    /// <summary>Sequence of the entry that is looked at next.</summary>
    public long Cursor { get; set; }

    /// <summary>Sequence of the entry that is being written; 0 when none is.</summary>
    public long InFlight { get; set; }

    /// <summary>Whether somebody writes.</summary>
    public bool Busy { get; set; }

    /// <summary>Whether anything was written yet.</summary>
    public bool Used { get; set; }

    public bool Attached { get; set; }

    /// <summary>Ends when nothing is being written to it any more; null as long as it is read from.</summary>
    public TaskCompletionSource? LastWrite { get; set; }

    /// <summary>Why it is to be closed; the first reason stays.</summary>
    public SocketClose? Closing { get; set; }

    /// <summary>The <c>session</c>s that it speaks in.</summary>
    public HashSet<string> Sessions { get; } = [];

    /// <summary>How many of them are remembered.</summary>
    public virtual int MaxSessions => 16;

    /// <summary>The first entry that it may not have.</summary>
    public long Position => InFlight != 0 ? InFlight : Cursor;

    /// <summary>Whether it can be given a message of which the buffers are still arriving.</summary>
    public virtual bool TakesArriving => false;

    /// <summary>How many connections it stands for.</summary>
    public abstract int Connections { get; }

    /// <summary>Writes what there is, unless somebody does already. Called by anybody, waits for nothing.</summary>
    public abstract void Pump();

    /// <summary>Ends one that has not taken what is written to it for too long.</summary>
    public abstract void CheckProgress();

    /// <summary>It has left the hub.</summary>
    public abstract void Left();
}
