using System.Text.Json.Serialization;

namespace Notebook.Agent.Kernels;

/// <summary>What a Python says of itself (<c>notebook_kernel/probe.py</c>).</summary>
internal sealed record PythonInfo(
    [property: JsonPropertyName("executable")] string Executable,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("supported")] bool Supported,
    [property: JsonPropertyName("ipykernel")] string? Ipykernel,
    [property: JsonPropertyName("kernelspec_folders")] string[] KernelspecFolders);
