namespace Notebook.Embedded.Client;

/// <summary>What a message on the wire is.</summary>
internal enum FrameKind : byte
{
    /// <summary>Client to silo, first: protocol version, client id.</summary>
    Hello = 1,

    /// <summary>Silo to client, in answer: protocol version.</summary>
    Welcome = 2,

    /// <summary>Either way: call number (0: one-way), target, interface, method, request context, arguments.</summary>
    Call = 3,

    /// <summary>In answer to a call: call number, result.</summary>
    Result = 4,

    /// <summary>In answer to a call: call number, exception type, message.</summary>
    Failure = 5,

    /// <summary>From a caller: call number of the call that it has given up.</summary>
    Cancel = 6,
}

/// <summary>The wire's bytes are not what they should be.</summary>
public sealed class GrainProtocolException : Exception
{
    /// <summary>With words.</summary>
    public GrainProtocolException(string message) : base(message)
    {
    }

    /// <summary>With words and a cause.</summary>
    public GrainProtocolException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
