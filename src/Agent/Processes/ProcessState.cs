namespace Notebook.Agent.Processes;

/// <summary>The phase of one process, with one door.</summary>
internal sealed class ProcessState(string id)
{
    private readonly Lock _lock = new();

    public ProcessPhase Phase { get; private set; } = ProcessPhase.Starting;

    /// <summary>Goes on to <paramref name="next"/>.</summary>
    /// <returns>False when the process died meanwhile: then nothing follows.</returns>
    /// <exception cref="InvalidOperationException">The step makes no sense in any order of events.</exception>
    public bool Become(ProcessPhase next)
    {
        lock (_lock)
        {
            var legal = (Phase, next) switch
            {
                (ProcessPhase.Dead, _) => false,               // final: a restart starts a new process
                (_, ProcessPhase.Dead) => true,                // and it may die in any phase
                (ProcessPhase.Starting, ProcessPhase.Warm) => true,
                (ProcessPhase.Warm, ProcessPhase.Assigned) => true,
                _ => throw new InvalidOperationException($"process {id}: {Phase} -> {next}"),
            };
            if (legal) Phase = next;
            return legal;
        }
    }
}
