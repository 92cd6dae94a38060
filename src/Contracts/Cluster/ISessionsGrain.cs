namespace Notebook.Contracts;

/// <summary>A session as Jupyter's servers have it: a document or a console, and the kernel that runs it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Path">Where the document is, as its client names it; nothing is read there.</param>
/// <param name="Name">What the client calls it; may be empty.</param>
/// <param name="Type">What it is, such as <c>notebook</c>, <c>file</c> or <c>console</c>.</param>
/// <param name="Kernel">Its kernel.</param>
[GenerateSerializer, Immutable, Alias("notebook.jupyter-session")]
public sealed record JupyterSession(
    [property: Id(0)] string Id,
    [property: Id(1)] string Path,
    [property: Id(2)] string Name,
    [property: Id(3)] string Type,
    [property: Id(4)] KernelId Kernel);

/// <summary>What is to be different of a session; what is null stays.</summary>
/// <param name="Path">Where its document is.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Type">What it is.</param>
/// <param name="Kernel">Its kernel.</param>
[GenerateSerializer, Immutable, Alias("notebook.session-change")]
public sealed record SessionChange(
    [property: Id(0)] string? Path, [property: Id(1)] string? Name, [property: Id(2)] string? Type, [property: Id(3)] KernelId? Kernel);

/// <summary>What became of a new session.</summary>
[GenerateSerializer, Immutable, Alias("notebook.add-session-outcome")]
public abstract record AddSessionOutcome
{
    /// <summary>It is kept.</summary>
    [GenerateSerializer, Immutable, Alias("notebook.add-session-outcome.added")]
    public sealed record Added : AddSessionOutcome;

    /// <summary>Its path has a session already.</summary>
    /// <param name="Session">That one.</param>
    [GenerateSerializer, Immutable, Alias("notebook.add-session-outcome.exists")]
    public sealed record Exists([property: Id(0)] JupyterSession Session) : AddSessionOutcome;

    /// <summary>It cannot be kept.</summary>
    /// <param name="Reason">What was asked, what was found, what to do.</param>
    [GenerateSerializer, Immutable, Alias("notebook.add-session-outcome.refused")]
    public sealed record Refused([property: Id(0)] string Reason) : AddSessionOutcome;
}

/// <summary>
/// The sessions of Jupyter's clients. One per cluster; its key is <see cref="Key"/>. It knows names and ids only: whether a
/// session's kernel still is there, its kernel's grain says.
/// </summary>
[Alias("notebook.ISessionsGrain")]
public interface ISessionsGrain : IGrainWithStringKey
{
    /// <summary>The one key.</summary>
    public const string Key = "sessions";

    /// <summary>All sessions, first come first.</summary>
    [AlwaysInterleave, Alias("List")]
    Task<ImmutableArray<JupyterSession>> List();

    /// <summary>The session of this id; null when there is none.</summary>
    [AlwaysInterleave, Alias("Find")]
    Task<JupyterSession?> Find(string id);

    /// <summary>The first session of this path; null when there is none.</summary>
    [AlwaysInterleave, Alias("At")]
    Task<JupyterSession?> At(string path);

    /// <summary>Keeps a new session, unless its path has one. Stored.</summary>
    [Alias("Add")]
    Task<AddSessionOutcome> Add(JupyterSession session);

    /// <summary>Changes a session. Stored.</summary>
    /// <returns>The session as it is then, or null when there is no such session.</returns>
    [Alias("Change")]
    Task<JupyterSession?> Change(string id, SessionChange change);

    /// <summary>Forgets a session. Stored.</summary>
    [Alias("Remove")]
    Task Remove(string id);

    /// <summary>From a kernel's grain, or a gateway that finds none: a kernel ended, and its sessions with it.</summary>
    [OneWay, Alias("KernelEnded")]
    Task KernelEnded(KernelId kernel);
}
