namespace Notebook.Objects.Chunking;

/// <summary>How a value is cut into chunks. Both are deterministic: the same bytes are cut alike on every agent.</summary>
public enum ChunkingMethod
{
    /// <summary>Every 128 KiB. For buffers that are changed in place, as arrays are: a change touches only the chunks it is in.</summary>
    FixedOffset,

    /// <summary>Where the content says. For bytes that shift when something is put in or taken out, as pickles do.</summary>
    ContentDefined,
}
