namespace Notebook.Grains.Servers;

/// <summary>
/// Judges whether a server can be used from what is heard of its agent's connection. A broken one is a moment's suspicion,
/// not a death: the agent redials within a second, with all its processes. That an agent says nothing is noticed where its
/// connection ends, which is on the same silo, and is then broken off there.
/// </summary>
/// <param name="now">The time of the activation: nothing is known yet, so the agent gets time to find this silo.</param>
internal sealed class ServerHealth(DateTimeOffset now)
{
    /// <summary>
    /// How long a server that lost its connection may take to come back. Most of what a user waits for when the executor's
    /// server dies; an agent that lives redials 50 ms after it has seen the end of the connection.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>The same after a start of the silo: agents wait up to two seconds between attempts.</summary>
    public static readonly TimeSpan GraceAtStart = TimeSpan.FromSeconds(10);

    private DateTimeOffset _deadline = now + GraceAtStart;

    /// <summary>The judgement.</summary>
    public ServerState State { get; private set; } = ServerState.Suspect;

    /// <summary>Why it is not up, for people.</summary>
    public string Reason { get; private set; } = "its agent has not connected since the silo started";

    /// <summary>The agent is here.</summary>
    public void Connected()
    {
        (State, Reason) = (ServerState.Up, "");
    }

    /// <summary>The agent's connection broke.</summary>
    public void Disconnected(string reason, DateTimeOffset now)
    {
        if (State != ServerState.Up) return;   // already counted from an earlier sign
        (State, Reason) = (ServerState.Suspect, $"the connection to its agent broke ({reason})");
        _deadline = now + Grace;
    }

    /// <summary>Time has passed.</summary>
    /// <returns>Whether the server was lost by it.</returns>
    public bool Tick(DateTimeOffset now)
    {
        if (State != ServerState.Suspect || now < _deadline) return false;
        State = ServerState.Down;
        return true;
    }
}
