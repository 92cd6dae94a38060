namespace Notebook.Grains.Servers;

/// <summary>
/// Judges whether a server can be used from what is heard of its agent. A broken connection is a moment's suspicion,
/// not a death: the agent redials within a second, with all its processes.
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

    /// <summary>How long a connected agent may say nothing; it beats every second, and its silo gives its link up sooner.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private DateTimeOffset _deadline = now + GraceAtStart;
    private bool _connected;

    /// <summary>The judgement.</summary>
    public ServerState State { get; private set; } = ServerState.Suspect;

    /// <summary>Why it is not up, for people.</summary>
    public string Reason { get; private set; } = "its agent has not connected since the silo started";

    /// <summary>The agent is here.</summary>
    public void Connected(DateTimeOffset now)
    {
        (State, Reason, _connected) = (ServerState.Up, "", true);
        _deadline = now + Silence;
    }

    /// <summary>The agent's connection broke.</summary>
    public void Disconnected(string reason, DateTimeOffset now)
    {
        _connected = false;
        if (State != ServerState.Up) return;   // already counted from an earlier sign
        (State, Reason) = (ServerState.Suspect, $"the connection to its agent broke ({reason})");
        _deadline = now + Grace;
    }

    /// <summary>A sign of life. It does not raise the dead: what ran there was given up, so the agent has to register again.</summary>
    public void Heartbeat(DateTimeOffset now)
    {
        if (_connected && State != ServerState.Down) Connected(now);
    }

    /// <summary>Time has passed.</summary>
    /// <returns>Whether the server was lost by it.</returns>
    public bool Tick(DateTimeOffset now)
    {
        if (now < _deadline || State == ServerState.Down) return false;
        if (State == ServerState.Up)
        {
            (State, Reason) = (ServerState.Suspect, $"its agent has been silent for {Silence.TotalSeconds:0} s");
            _deadline = now + Grace;
            return false;
        }

        State = ServerState.Down;
        return true;
    }
}
