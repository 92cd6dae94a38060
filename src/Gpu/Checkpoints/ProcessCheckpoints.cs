using System.Collections.Immutable;
using System.Globalization;
using Notebook.Gpu.Native;

namespace Notebook.Gpu.Checkpoints;

/// <summary>
/// Frees the GPUs under a living process, and gives it GPUs again: the driver copies its GPU memory to host memory and back. The
/// process need not know. Where a process is, is asked of the driver each time, so one that was left in the middle is led on.
/// The calls take as long as the copies: not for a thread that others wait for. One caller at a time for each process.
/// </summary>
public sealed class ProcessCheckpoints
{
    private const string Needed = "cuCheckpointProcessCheckpoint";
    private const string Freeing = "freeing a GPU under a living process";
    private const string Moving = "giving a process other GPUs than it was on";
    private const int FirstDriverThatMoves = 580;
    private const int MostGpus = 256;

    private readonly CudaCheckpointCalls _cuda;
    private readonly string _driver;
    private readonly Func<int, bool> _isAlive;

    private ProcessCheckpoints(CudaCheckpointCalls cuda, string driver, Func<int, bool> isAlive) => (_cuda, _driver, _isAlive) = (cuda, driver, isAlive);

    /// <summary>Whether a process may come back on other GPUs than it was on.</summary>
    public bool CanMove => DriverBranch.Of(_driver) >= FirstDriverThatMoves;

    /// <summary>Loads the driver's library.</summary>
    /// <param name="driver">The driver's version, such as <c>580.65.06</c>.</param>
    /// <exception cref="GpuException">It is not here, or cannot do this.</exception>
    public static ProcessCheckpoints Open(string driver) => Open(
        LoadedLibrary.TryLoad(CudaCheckpointCalls.Library)
            ?? throw new GpuException(NoLibrary()),
        driver,
        pid => Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}")));

    /// <summary>Moves a process's GPU memory to host memory; its GPUs are free then.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="within">How long it may take to come to a stop, from a millisecond to 49 days; the copy is not counted.</param>
    public CheckpointOutcome Free(int pid, TimeSpan within)
    {
        if (Find(pid, out var process) is { } ended) return ended;
        return Lead(pid, process, CheckpointPhase.Checkpointed, within, []) switch
        {
            CheckpointOutcome.Refused { Phase: CheckpointPhase.Locked } refused => LetGo(pid, process, refused.Why),
            var outcome => outcome,
        };
    }

    /// <summary>Moves a process's GPU memory back, and lets it go on.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="moves">For each GPU that it was on where it goes; none for the GPUs that it was on.</param>
    public CheckpointOutcome Restore(int pid, IReadOnlyCollection<GpuMove> moves)
    {
        if (Find(pid, out var process) is { } ended) return ended;
        if (process.Phase != CheckpointPhase.Checkpointed) moves = [];   // it has its GPUs already
        if (moves.Count > 0 && !CanMove)
            return new CheckpointOutcome.Refused(TooOldToMove(_driver), process.Phase);
        if (moves.Count > MostGpus || !TryPair(moves, out var pairs))
            return new CheckpointOutcome.Refused(new GpuFault.Unknown("cuCheckpointProcessRestore", 0, "GPUs that are not named by UUID"), process.Phase);
        return Lead(pid, process, CheckpointPhase.Running, TimeSpan.Zero, pairs) switch
        {
            CheckpointOutcome.Refused { Phase: CheckpointPhase.Locked } => Lead(pid, process, CheckpointPhase.Running, TimeSpan.Zero, []),   // restored all the same
            var outcome => outcome,
        };
    }

    /// <summary>As <see cref="Open(string)"/>, with a library that is loaded.</summary>
    internal static ProcessCheckpoints Open(INativeExports exports, string driver, Func<int, bool> isAlive)
    {
        var cuda = new CudaCheckpointCalls(exports, driver);
        if (!exports.TryFind(Needed, out _)) throw new GpuException(TooOldToFree(driver));
        if (cuda.Start() is { } fault) throw new GpuException(fault);
        return new(cuda, driver, isAlive);
    }

    /// <summary>What of all this a driver lacks, without starting it.</summary>
    /// <param name="exports">The library; null where it is not here.</param>
    /// <param name="driver">The driver's version.</param>
    internal static IEnumerable<MissingReading> Lacks(INativeExports? exports, string driver)
    {
        if (exports is null) return [new(Freeing, NoLibrary())];
        if (!exports.TryFind(Needed, out _)) return [new(Freeing, TooOldToFree(driver))];
        return DriverBranch.Of(driver) >= FirstDriverThatMoves ? [] : [new(Moving, TooOldToMove(driver))];
    }

    private static GpuFault.NoDriver NoLibrary() => new($"{CudaCheckpointCalls.Library} cannot be loaded");

    private static GpuFault.DriverTooOld TooOldToFree(string driver) => new(driver, Freeing, CudaCheckpointCalls.FirstDriver);

    private static GpuFault.DriverTooOld TooOldToMove(string driver) => new(driver, Moving, FirstDriverThatMoves);

    private CheckpointOutcome? Find(int pid, out CheckpointedProcess process)
    {
        process = new(CheckpointPhase.Running);
        var phase = _cuda.Phase(pid);
        if (!_isAlive(pid)) return new CheckpointOutcome.Gone();
        if (phase.Fault is { } fault) return new CheckpointOutcome.Refused(fault, null);
        process = new(phase.Value);
        return phase.Value == CheckpointPhase.Failed ? Broken(pid, "cuCheckpointProcessGetState") : null;
    }

    private CheckpointOutcome Lead(int pid, CheckpointedProcess process, CheckpointPhase goal, TimeSpan within, ImmutableArray<CudaGpuPair> pairs)
    {
        while (process.Next(goal) is { } step)
        {
            if (Do(step, pid, within, pairs.AsSpan()) is { } fault) return After(pid, process, goal, step, fault);
            process.Done(step);
        }

        return new CheckpointOutcome.Done();
    }

    private GpuFault? Do(CheckpointStep step, int pid, TimeSpan within, ReadOnlySpan<CudaGpuPair> pairs) => step switch
    {
        CheckpointStep.Lock => _cuda.Lock(pid, within),
        CheckpointStep.Checkpoint => _cuda.Checkpoint(pid),
        CheckpointStep.Restore => _cuda.Restore(pid, pairs),
        CheckpointStep.Unlock => _cuda.Unlock(pid),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    // A step that was refused may have been done, or broken off: what counts is where the process is found. One that cannot be found
    // any more has ended, or its state is as good as lost.
    private CheckpointOutcome After(int pid, CheckpointedProcess process, CheckpointPhase goal, CheckpointStep step, GpuFault why)
    {
        var found = _cuda.Phase(pid);
        if (!_isAlive(pid))
        {
            process.Found(CheckpointPhase.Gone);
            return new CheckpointOutcome.Gone();
        }

        process.Found(found.Fault is null ? found.Value : CheckpointPhase.Failed);
        return process.Phase switch
        {
            CheckpointPhase.Failed => new CheckpointOutcome.Broken(why),
            var phase when phase == goal => new CheckpointOutcome.Done(),   // it was done all the same
            CheckpointPhase.Running when step == CheckpointStep.Lock && why is GpuFault.Unknown { Status: CudaCheckpointCalls.NotReady } => new CheckpointOutcome.StillBusy(),
            CheckpointPhase.Locked when step == CheckpointStep.Unlock => new CheckpointOutcome.Broken(why),   // its CUDA calls wait for ever
            _ => new CheckpointOutcome.Refused(why, process.Phase),
        };
    }

    private CheckpointOutcome LetGo(int pid, CheckpointedProcess process, GpuFault why) =>
        Lead(pid, process, CheckpointPhase.Running, TimeSpan.Zero, []) is CheckpointOutcome.Done
            ? new CheckpointOutcome.Refused(why, CheckpointPhase.Running)
            : _isAlive(pid) ? new CheckpointOutcome.Broken(why) : new CheckpointOutcome.Gone();

    private static CheckpointOutcome.Broken Broken(int pid, string call) =>
        new(new GpuFault.Unknown(call, 0, $"process {pid} is in a state that cannot be led out of"));

    private static bool TryPair(IReadOnlyCollection<GpuMove> moves, out ImmutableArray<CudaGpuPair> pairs)
    {
        var all = ImmutableArray.CreateBuilder<CudaGpuPair>(moves.Count);
        pairs = [];
        foreach (var move in moves)
        {
            if (!TryParse(move.From, out var from) || !TryParse(move.To, out var to)) return false;
            var pair = default(CudaGpuPair);
            from.TryWriteBytes(pair.From, bigEndian: true, out _);
            to.TryWriteBytes(pair.To, bigEndian: true, out _);
            all.Add(pair);
        }

        pairs = all.MoveToImmutable();
        return true;
    }

    private static bool TryParse(string uuid, out Guid parsed)
    {
        parsed = default;
        return uuid.StartsWith("GPU-", StringComparison.Ordinal) && Guid.TryParseExact(uuid[4..], "D", out parsed);
    }
}
