using System.Text.Json;

namespace Notebook.JupyterWire;

/// <summary>Names of properties in JSON that others wrote.</summary>
public static class JsonNames
{
    /// <summary>
    /// Whether the reader stands on this name. A name with half of a surrogate pair, which Python and JavaScript write and
    /// the reader cannot compare, is none that anybody looks for.
    /// </summary>
    /// <param name="reader">It stands on a property's name.</param>
    /// <param name="name">The name, in UTF-8.</param>
    public static bool Is(in Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
