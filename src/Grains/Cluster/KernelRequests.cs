namespace Notebook.Grains.Cluster;

/// <summary>Checks requests for kernels: what users send is input.</summary>
internal static class KernelRequests
{
    private const int MaxNameLength = 256;
    private const int MaxVariables = 256;
    private const int MaxEnvironmentLength = 64 << 10;

    /// <summary>Why a request cannot be met by any cluster, or null.</summary>
    public static string? Fault(this KernelRequest request) => request switch
    {
        { SpecName.Length: > MaxNameLength } or { User.Length: > MaxNameLength } =>
            $"names of kernelspecs and users have at most {MaxNameLength} characters",
        { Kernel.Value: var id } when !Guid.TryParseExact(id, "D", out _) || id.Any(char.IsAsciiLetterUpper) =>
            $"the kernel id '{Shown(id)}' is no lower-case GUID with hyphens",
        { WorkingDirectory.Length: > 4096 } => "a working directory has at most 4096 characters",
        { Environment.Count: > MaxVariables } => $"a kernel takes at most {MaxVariables} environment variables, not {request.Environment.Count}",
        _ when request.Environment.Sum(e => (long)e.Key.Length + e.Value.Length) > MaxEnvironmentLength =>
            $"a kernel's environment has at most {MaxEnvironmentLength} characters",
        { Keeping: var keeping } when keeping.Fault() is { } fault => fault,
        _ => request.Resources?.Fault,
    };

    /// <summary>Why a kernel's state cannot be kept so, or null.</summary>
    public static string? Fault(this KeepingRequest keeping) => keeping switch
    {
        { Durability: { } durability } when !Enum.IsDefined(durability) => $"durability {(int)durability} is none that this release knows",
        { Standby: { } standby } when !Enum.IsDefined(standby) => $"standby mode {(int)standby} is none that this release knows",
        _ => null,
    };

    private static string Shown(string id) => id.Length <= 64 ? id : $"{id[..64]}...";
}
