namespace Notebook.JupyterWire.Zmq;

/// <summary>A call to libzmq failed.</summary>
/// <param name="call">Which.</param>
/// <param name="error">Its <c>errno</c>.</param>
/// <param name="text">What libzmq says of it.</param>
public sealed class ZmqException(string call, int error, string text) : Exception($"{call}: {text} (errno {error})")
{
    /// <summary>The call's <c>errno</c>.</summary>
    public int Error => error;

    /// <summary>Whether the reason is that the context was ended.</summary>
    public bool IsTermination => error == Terminated;

    private const int Terminated = 156384712 + 53;   // ETERM
}
