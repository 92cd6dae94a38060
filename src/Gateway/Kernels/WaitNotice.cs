namespace Notebook.Gateway.Kernels;

/// <summary>
/// When one cell that waits says why in its output: after a while, and again when the reason is another one, though not too
/// often. Knows no clock: who uses it says what time it is.
/// </summary>
internal sealed class WaitNotice
{
    private string? _reason;        // null while it does not wait
    private DateTimeOffset _since;  // when it began to wait
    private string? _said;
    private DateTimeOffset _saidAt;

    /// <summary>What the kernel says the cell waits for; null when it does not wait any more.</summary>
    public void Hear(string? reason, DateTimeOffset now)
    {
        if (_reason is null) _since = now;
        _reason = reason;
    }

    /// <summary>When there is something to say; null while there is nothing new.</summary>
    /// <param name="after">How long it has to wait before the first word.</param>
    /// <param name="every">How much time lies between two words at least.</param>
    public DateTimeOffset? DueAt(TimeSpan after, TimeSpan every) =>
        _reason is null || _reason == _said ? null
        : _said is null ? _since + after
        : _saidAt + every;

    /// <summary>The text to say now.</summary>
    public string Say(DateTimeOffset now)
    {
        (_said, _saidAt) = (_reason, now);
        return $"[waiting for {_said}]";
    }
}
