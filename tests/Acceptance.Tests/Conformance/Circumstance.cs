namespace Notebook.Acceptance.Tests.Conformance;

/// <summary>Under what the rules of the protocol are tested: they hold the same in each.</summary>
public enum Circumstance
{
    /// <summary>Nothing happens.</summary>
    Quiet,

    /// <summary>Before each request another replica, on another server, becomes the executor.</summary>
    ExecutorChanges,

    /// <summary>In the middle of each request the client's connection breaks, and it comes back with its session id.</summary>
    ConnectionBreaks,
}
