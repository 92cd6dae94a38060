namespace Notebook.Agent.Processes;

/// <summary>The life of one kernel process; it goes forward only.</summary>
internal enum ProcessPhase
{
    /// <summary>Forked; its sockets are being connected.</summary>
    Starting,

    /// <summary>Ready, and nobody's.</summary>
    Warm,

    /// <summary>A replica's.</summary>
    Assigned,

    /// <summary>Ended.</summary>
    Dead,
}
