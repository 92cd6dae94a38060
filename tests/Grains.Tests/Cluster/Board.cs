using Notebook.Grains.Cluster;

namespace Notebook.Grains.Tests.Cluster;

/// <summary>Boards of servers for tests: all with the kernelspec python3, 64 cores and 256,000 MB.</summary>
internal static class Board
{
    private static long s_version;

    public static ServerBoard Of(params (string Server, int Gpus, int Committed)[] servers)
    {
        var board = new ServerBoard();
        foreach (var (server, gpus, committed) in servers) board.Set(server, gpus, committed);
        return board;
    }

    /// <summary>The server says this of itself.</summary>
    public static bool Set(
        this ServerBoard board, string server, int gpus, int committed, int promised = 0, ServerState state = ServerState.Up, params UserGpus[] users)
    {
        var more = board.Hear(new ServerSummary(
            new(server), Interlocked.Increment(ref s_version), state,
            new(new(gpus, 1024 * gpus, 64_000, 256_000), new(committed, 0, 0, 0), default, new(promised, 0, 0, 0)), 0, new(0, 0, 256_000, 0))
        {
            Users = [.. users],
        });
        board.Offers(new(server), ["python3"]);
        return more;
    }
}
