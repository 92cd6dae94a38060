namespace Notebook.Gpu;

/// <summary>
/// Why something about the GPUs is not so: a closed set, each with one line that says what was found and what to do.
/// </summary>
public abstract record GpuFault
{
    /// <summary>The oldest driver branch that the bindings are written for.</summary>
    public const int OldestDriver = 525;

    private GpuFault()
    {
    }

    /// <summary>What was found and what to do, in one line.</summary>
    public abstract string Message { get; }

    /// <summary>No driver: its library is not here, or says that the kernel module is not loaded.</summary>
    /// <param name="Found">What was found in its place.</param>
    public sealed record NoDriver(string Found) : GpuFault
    {
        /// <inheritdoc/>
        public override string Message => $"no NVIDIA driver works here ({Found}): install it, or load its kernel module";
    }

    /// <summary>The driver's library and its kernel module do not belong together.</summary>
    /// <param name="Call">The call that found it.</param>
    public sealed record DriverMismatch(string Call) : GpuFault
    {
        /// <inheritdoc/>
        public override string Message =>
            $"the NVIDIA driver was updated under the running system ({Call}: its library and its kernel module differ in version): "
            + "restart the machine";
    }

    /// <summary>The driver does not know a call.</summary>
    /// <param name="Version">Its version, as it says it.</param>
    /// <param name="Lacks">What it lacks.</param>
    /// <param name="Needs">The first branch that has it.</param>
    public sealed record DriverTooOld(string Version, string Lacks, int Needs = OldestDriver) : GpuFault
    {
        /// <inheritdoc/>
        public override string Message => $"the NVIDIA driver {Version} is too old, it lacks {Lacks}: update it to {Needs} or later";
    }

    /// <summary>The driver, or the operating system in front of it, refuses this user.</summary>
    /// <param name="Call">Which call.</param>
    public sealed record NoPermission(string Call) : GpuFault
    {
        /// <inheritdoc/>
        public override string Message =>
            $"the NVIDIA driver refuses {Call} to this user: give it access to /dev/nvidia* (a container must be started with the GPUs)";
    }

    /// <summary>The GPU has fallen off the bus, or cannot be used before it is reset.</summary>
    /// <param name="Call">The call that found it.</param>
    /// <param name="Status">The driver's status.</param>
    /// <param name="Text">What the driver says of it.</param>
    public sealed record GpuLost(string Call, int Status, string Text) : GpuFault
    {
        /// <inheritdoc/>
        public override string Message =>
            $"the GPU is lost ({Call}: {Text}, {Status}): the kernel's log (dmesg, Xid) says why; a restart of the machine may bring it back";
    }

    /// <summary>The GPU does not have this.</summary>
    /// <param name="Call">Which call.</param>
    public sealed record NotSupported(string Call) : GpuFault
    {
        /// <inheritdoc/>
        public override string Message => $"this GPU has nothing to answer to {Call}";
    }

    /// <summary>There is too little memory: of the host for what is on the GPUs, or of the GPUs for what comes back to them.</summary>
    /// <param name="Call">Which call.</param>
    public sealed record OutOfMemory(string Call) : GpuFault
    {
        /// <inheritdoc/>
        public override string Message => $"there is too little memory for {Call}: free some of the host's, or of the GPU's where a process comes back to it";
    }

    /// <summary>The GPU is in MIG mode: whole it runs no CUDA program, and its parts are not leased.</summary>
    public sealed record MigOn : GpuFault
    {
        /// <inheritdoc/>
        public override string Message =>
            "MIG mode is on, and the platform leases whole GPUs only: turn MIG off, or leave this GPU to others (CUDA_VISIBLE_DEVICES)";
    }

    /// <summary>Anything else.</summary>
    /// <param name="Call">Which call.</param>
    /// <param name="Status">The driver's status; 0 where it claimed success and its answer makes no sense.</param>
    /// <param name="Text">What the driver says of it, or what is wrong with its answer.</param>
    public sealed record Unknown(string Call, int Status, string Text) : GpuFault
    {
        /// <inheritdoc/>
        public override string Message =>
            $"the NVIDIA driver answered {Call} with '{Text}' ({Status}): check it with nvidia-smi";
    }
}

/// <summary>The GPUs of this machine cannot be used at all.</summary>
/// <param name="fault">Why.</param>
public sealed class GpuException(GpuFault fault) : Exception(fault.Message)
{
    /// <summary>Why.</summary>
    public GpuFault Fault => fault;
}

/// <summary>Something that could not be read.</summary>
/// <param name="What">In words, such as <c>power draw</c>.</param>
/// <param name="Why">Why.</param>
public sealed record MissingReading(string What, GpuFault Why);
