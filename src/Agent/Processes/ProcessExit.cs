namespace Notebook.Agent.Processes;

/// <summary>How a process ended.</summary>
/// <param name="Code">Its exit code, when it ended by itself.</param>
/// <param name="Signal">The signal that ended it.</param>
internal sealed record ProcessExit(int? Code, int? Signal)
{
    /// <summary>Its fork server ended, and took it along.</summary>
    public static ProcessExit WithZygote { get; } = new(null, null);

    /// <inheritdoc/>
    public override string ToString() => this switch
    {
        { Signal: 9 } => "the kernel process was killed by signal 9, perhaps because memory ran out",
        { Signal: 11 } => "the kernel process crashed (signal 11, segmentation fault)",
        { Signal: { } signal } => $"the kernel process was ended by signal {signal}",
        { Code: { } code } => $"the kernel process ended by itself with exit code {code}",
        _ => "the kernel process ended together with its fork server",
    };
}
