namespace Notebook.Agent.Kernels;

/// <summary>Where the Python package <c>notebook_kernel</c> lies.</summary>
internal static class KernelPackage
{
    /// <summary>The folder that holds the package; copied beside the agent by its build.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "kernel");
}
