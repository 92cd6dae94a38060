using Notebook.JupyterWire;

namespace Notebook.Gateway.Doors;

/// <summary>
/// Reads the body of <c>POST /api/kernels/{id}/connect</c>: nothing, or the connection file that clients had of a kernel that
/// has ended and that this one takes the place of. They stay connected when it gets the same ports and key.
/// </summary>
internal static class FormerConnections
{
    private const int FirstPort = 1024;
    private const int KeyCharactersLeast = 16;

    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryRead(ReadOnlySpan<byte> body, out KernelConnection? former)
    {
        former = null;
        if (body.Trim(" \t\r\n"u8).IsEmpty) return null;
        KernelConnection read;
        try
        {
            read = KernelConnection.Parse(body);
        }
        catch (JupyterFormatException e)
        {
            return e.Message;
        }

        int[] ports = [read.ShellPort, read.IopubPort, read.StdinPort, read.ControlPort, read.HeartbeatPort];
        if (read.Transport != "tcp") return $"a connection by '{read.Transport}' cannot be opened, only tcp";
        if (ports.Any(p => p is < FirstPort or > ushort.MaxValue) || ports.Distinct().Count() < ports.Length)
            return $"the ports of a connection are five different ones from {FirstPort} to {ushort.MaxValue}";
        if (read.Key is not { Length: >= KeyCharactersLeast }) return $"the key of a connection has at least {KeyCharactersLeast} characters";
        former = read;
        return null;
    }
}
