namespace Notebook.Objects.Disk;

/// <summary>The disk has no room. The store turns it into a refusal that says so.</summary>
/// <param name="name">The file that did not fit.</param>
/// <param name="cause">What the system said; null when the limit is our own.</param>
public sealed class DiskFullException(string name, Exception? cause = null) : IOException($"no room on the disk for {name}", cause)
{
    // ENOSPC and EDQUOT on Linux, where .NET hands the error number through.
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Whether an error of the system means that there is no room.</summary>
    public static bool IsDiskFull(IOException error) => error.HResult is NoSpace or QuotaExceeded;
}
