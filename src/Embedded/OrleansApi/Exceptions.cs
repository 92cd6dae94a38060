namespace Orleans.Runtime;

/// <summary>The base of what the grain host throws.</summary>
public class OrleansException : Exception
{
    /// <summary>Without words.</summary>
    public OrleansException() : base("Unexpected error.")
    {
    }

    /// <summary>With words.</summary>
    public OrleansException(string message) : base(message)
    {
    }

    /// <summary>With words and a cause.</summary>
    public OrleansException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The call was refused: it was not carried out.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message) : base(message)
    {
    }

    internal OrleansMessageRejectionException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The silo is not reachable; a call in flight may have been carried out or not.</summary>
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>Without words.</summary>
    public SiloUnavailableException() : base("Silo unavailable")
    {
    }

    /// <summary>With words.</summary>
    public SiloUnavailableException(string msg) : base(msg)
    {
    }

    /// <summary>With words and a cause.</summary>
    public SiloUnavailableException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The observer's client is gone.</summary>
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(string message) : base(message)
    {
    }
}

/// <summary>More calls wait than are allowed; the call was not carried out.</summary>
public sealed class LimitExceededException : OrleansException
{
    /// <summary>Without words.</summary>
    public LimitExceededException() : base("Limit exceeded")
    {
    }

    /// <summary>With words.</summary>
    public LimitExceededException(string message) : base(message)
    {
    }

    /// <summary>With words and a cause.</summary>
    public LimitExceededException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>With figures.</summary>
    public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
        : base($"Limit exceeded {limitName} Current={current} Threshold={threshold} {extraInfo}")
    {
    }
}

/// <summary>A reference was used that no host made.</summary>
public sealed class GrainReferenceNotBoundException : OrleansException
{
    internal GrainReferenceNotBoundException(string message) : base(message)
    {
    }
}
