using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Notebook.Hosting;

namespace Notebook.Cli.Supervision;

/// <summary>
/// Chooses ports below those that the system hands out by itself (so that no outgoing connection sits on one while its
/// process restarts), and keeps them in <c>run/ports.json</c>, so that a process has the same one over all its lives.
/// </summary>
internal sealed class Ports
{
    private const int First = 20_000;
    private const int Count = 10_000;

    private readonly string _file;
    private readonly Dictionary<string, int> _portOf;

    /// <summary>Reads what was chosen before.</summary>
    public Ports(DataDirectory data)
    {
        _file = Path.Combine(data.Run, "ports.json");
        _portOf = Read(_file);
    }

    /// <summary>The port of <paramref name="process"/>: the one it had, unless another program listens there now.</summary>
    public int For(string process)
    {
        if (_portOf.TryGetValue(process, out var had) && IsFree(had)) return had;
        var start = (int)(StableHash(_file + process) % Count);
        for (var i = 0; i < Count; i++)
        {
            var port = First + ((start + i) % Count);
            if (_portOf.ContainsValue(port) || !IsFree(port)) continue;
            _portOf[process] = port;
            File.WriteAllText(_file, JsonSerializer.Serialize(_portOf, Json.Options));
            return port;
        }

        throw new UserException($"no free port between {First} and {First + Count - 1} on 127.0.0.1", ExitCodes.PortInUse);
    }

    /// <summary>Whether a program could listen on 127.0.0.1 at this port.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Dictionary<string, int> Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(file)) ?? [];
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return [];
        }
    }

    // FNV-1a: different data directories start to look at different places, the same one always at the same.
    private static uint StableHash(string text) => text.Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u);
}
