namespace Notebook.Gpu;

/// <summary>A call to the NVIDIA management library failed.</summary>
/// <param name="call">Which.</param>
/// <param name="status">The library's status.</param>
/// <param name="text">What the library says of it.</param>
public sealed class NvmlException(string call, int status, string text)
    : Exception($"the NVIDIA driver answered {call} with '{text}' ({status}): check it with nvidia-smi, or run with --gpus none")
{
    /// <summary>The library's status.</summary>
    public int Status => status;
}
