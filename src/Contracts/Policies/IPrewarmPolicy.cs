namespace Notebook.Contracts.Policies;

/// <summary>A server as the choice of its pool's size sees it. All of it is measured, nothing configured.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Warm">Warm processes that it has now, of all kernelspecs.</param>
/// <param name="Window">How long <see cref="StartsInWindow"/> counts; zero before the first window.</param>
/// <param name="StartsInWindow">Processes that were taken from its pools in the last window, or asked for in vain.</param>
/// <param name="StartsPerSecond">The same for each second, over all windows that are remembered; 0 when none were.</param>
/// <param name="HoldingTime">How long a place in a pool stays empty: from the moment a process is taken until another one is warm. Zero while unknown.</param>
/// <param name="ProcessMemoryMb">Memory that a warm process takes for itself, in MB; 0 while unknown.</param>
/// <param name="FreeMemoryMb">Memory of the server that is free, in MB; null when it is not known.</param>
/// <param name="KernelSpecs">How many kernelspecs it offers: each has a pool of the chosen size.</param>
/// <param name="Replicas">Replicas placed on it.</param>
public sealed record PrewarmServer(
    ServerId Server,
    int Warm,
    TimeSpan Window,
    int StartsInWindow,
    double StartsPerSecond,
    TimeSpan HoldingTime,
    long ProcessMemoryMb,
    long? FreeMemoryMb,
    int KernelSpecs,
    int Replicas);

/// <summary>How many processes a server is to keep warm, and why.</summary>
/// <param name="Target">For each kernelspec; null leaves it to the server's own agent (<c>--pool</c>).</param>
/// <param name="Reason">For operators.</param>
public sealed record PrewarmDecision(int? Target, string Reason);

/// <summary>
/// Chooses how many kernel processes a server keeps warm, so that a start or a migration finds one. Pure: same input, same
/// answer. The agent never keeps more than its memory has room for, whatever the answer is.
/// </summary>
public interface IPrewarmPolicy : IPolicy
{
    /// <summary>Chooses for one server; asked when its agent connects, and every 30 seconds while anything changes there.</summary>
    PrewarmDecision Size(DateTimeOffset now, PrewarmServer server);
}
