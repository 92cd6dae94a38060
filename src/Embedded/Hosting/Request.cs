namespace Notebook.Embedded.Hosting;

/// <summary>Something that an activation runs: a call, or a tick of a timer.</summary>
internal abstract class Request
{
    /// <summary>Mixes with everything.</summary>
    public abstract bool AlwaysInterleaves { get; }

    /// <summary>Mixes with its like.</summary>
    public abstract bool ReadsOnly { get; }

    /// <summary>Whether it counts as use of the activation.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>The call chain that may re-enter, or empty.</summary>
    public virtual Guid Chain => Guid.Empty;

    /// <summary>How often it found that its activation had ended before it ran.</summary>
    public int Forwarded { get; set; }

    /// <summary>Whether it need not run any more.</summary>
    public abstract bool IsObsolete { get; }

    /// <summary>Runs it on the activation's turn. Never throws.</summary>
    public abstract Task RunAsync(Activation activation);

    /// <summary>It will not run.</summary>
    public abstract void Reject(Exception error);
}
