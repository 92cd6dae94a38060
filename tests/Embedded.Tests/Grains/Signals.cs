using System.Collections.Concurrent;

namespace Notebook.Embedded.Tests.Grains;

/// <summary>Named events between tests and grains of the same process. Each name is raised once; tests use fresh ones.</summary>
public static class Signals
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> All = new();

    public static void Raise(string name) => Of(name).TrySetResult();

    public static Task Raised(string name) => Of(name).Task;

    public static bool HasBeenRaised(string name) => Of(name).Task.IsCompleted;

    private static TaskCompletionSource Of(string name) =>
        All.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
