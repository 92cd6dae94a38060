namespace Notebook.Gpu.Nvidia;

/// <summary>What NVML's statuses mean to us.</summary>
internal static class NvmlStatus
{
    public const int Success = 0;
    public const int InvalidArgument = 2;
    public const int NotSupported = 3;
    public const int NoPermission = 4;
    public const int InsufficientSize = 7;
    public const int DriverNotLoaded = 9;
    public const int Timeout = 10;
    public const int LibraryNotFound = 12;
    public const int FunctionNotFound = 13;
    public const int GpuIsLost = 15;
    public const int ResetRequired = 16;
    public const int OperatingSystem = 17;
    public const int VersionMismatch = 18;
    public const int ArgumentVersionMismatch = 25;
    public const int Deprecated = 26;

    /// <summary>The fault that a status stands for.</summary>
    /// <param name="call">The call that answered with it.</param>
    /// <param name="status">Anything but <see cref="Success"/>.</param>
    /// <param name="text">What the driver says of it.</param>
    /// <param name="driver">The driver's version.</param>
    public static GpuFault Fault(string call, int status, string text, string driver) => status switch
    {
        NotSupported => new GpuFault.NotSupported(call),
        NoPermission or OperatingSystem => new GpuFault.NoPermission(call),
        DriverNotLoaded or LibraryNotFound => new GpuFault.NoDriver($"{call}: {text}"),
        VersionMismatch => new GpuFault.DriverMismatch(call),
        FunctionNotFound or ArgumentVersionMismatch or Deprecated => new GpuFault.DriverTooOld(driver, call),
        GpuIsLost or ResetRequired => new GpuFault.GpuLost(call, status, text),
        _ => new GpuFault.Unknown(call, status, text),
    };
}
