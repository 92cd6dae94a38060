namespace Notebook.Hosting;

/// <summary>Ends a process with one line for the person who started it: what was asked, what was found, what to do.</summary>
/// <param name="message">That line.</param>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
public sealed class UserException(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
