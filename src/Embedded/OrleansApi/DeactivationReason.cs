namespace Orleans;

/// <summary>Why an activation ends.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>Not said.</summary>
    None,

    /// <summary>The host stops.</summary>
    ShuttingDown,

    /// <summary>It could not be activated.</summary>
    ActivationFailed,

    /// <summary>The grain directory failed (Orleans only).</summary>
    DirectoryFailure,

    /// <summary>Nobody has called it for a while.</summary>
    ActivationIdle,

    /// <summary>It does not answer (Orleans only).</summary>
    ActivationUnresponsive,

    /// <summary>Another activation of it exists (Orleans only).</summary>
    DuplicateActivation,

    /// <summary>It cannot serve the request (Orleans only).</summary>
    IncompatibleRequest,

    /// <summary>The grain failed.</summary>
    ApplicationError,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested,

    /// <summary>It moves to another silo (Orleans only).</summary>
    Migrating,

    /// <summary>The host asked for it.</summary>
    RuntimeRequested,

    /// <summary>Memory is short (Orleans only).</summary>
    HighMemoryPressure,
}

/// <summary>Why an activation ends, in words.</summary>
public readonly struct DeactivationReason
{
    /// <summary>Without a cause.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text)
        : this(code, null, text)
    {
    }

    /// <summary>With a cause.</summary>
    public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text) =>
        (ReasonCode, Exception, Description) = (code, exception, text);

    /// <summary>In words.</summary>
    public string Description { get; }

    /// <summary>The kind of reason.</summary>
    public DeactivationReasonCode ReasonCode { get; }

    /// <summary>What failed, if anything did.</summary>
    public Exception? Exception { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description}. Exception: {Exception}";
}
