namespace Notebook.Objects;

/// <summary>Why nothing was put: there is no room.</summary>
/// <param name="AskedBytes">How many bytes were new and had to be written.</param>
/// <param name="FreeBytes">How many could have been.</param>
public sealed record DiskShortage(long AskedBytes, long FreeBytes)
{
    /// <summary>The shortage in a sentence for whoever has to do something about it.</summary>
    public override string ToString() =>
        $"the object store has no room for {AskedBytes} more bytes, only for {FreeBytes}: delete large variables that are " +
        "not needed any more, or have the operator free the server's disk or raise the store's limit";
}
