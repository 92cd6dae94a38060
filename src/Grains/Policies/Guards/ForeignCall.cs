namespace Notebook.Grains.Policies.Guards;

/// <summary>What became of a call into foreign code.</summary>
/// <param name="Value">What it returned; heeded only when <paramref name="Fault"/> is null.</param>
/// <param name="Fault">Why there is no value: what it threw, or that it did not return.</param>
/// <param name="IsLate">Whether it had not returned in time. Its thread is still in there.</param>
internal readonly record struct ForeignAnswer<T>(T? Value, string? Fault, bool IsLate);

/// <summary>
/// Calls code that is not ours on a thread of its own, so that whoever asked goes on whatever it does. A thread cannot be
/// stopped from outside: one that never comes back is left behind, so callers count them. A pool's thread would be cheaper,
/// but a busy pool would look like a call that hangs.
/// </summary>
internal static class ForeignCall
{
    private const int StackBytes = 1 << 20;
    private const int MaxFaultLength = 300;

    /// <summary>Calls, and waits at most <paramref name="limit"/> of real time.</summary>
    /// <param name="name">Of its thread, for debuggers.</param>
    /// <param name="call">What to call.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="ended">Called when the call has come back, perhaps long after.</param>
    public static ForeignAnswer<T> Run<T>(string name, Func<T> call, TimeSpan limit, Action? ended = null)
    {
        T? value = default;
        string? fault = null;
        var thread = new Thread(Body, StackBytes) { IsBackground = true, Name = name };
        thread.UnsafeStart();   // without the caller's context
        return thread.Join(limit) ? new(value, fault, false) : new(default, $"it did not answer within {limit.TotalSeconds:0.###} s", true);

        void Body()
        {
            try
            {
                value = call();
            }
            catch (Exception e)   // whatever foreign code throws is its fault, not ours
            {
                fault = Describe(e);
            }
            finally
            {
                ended?.Invoke();
            }
        }
    }

    private static string Describe(Exception e)
    {
        if (e is System.Reflection.TargetInvocationException { InnerException: { } inner }) e = inner;
        string message;
        try
        {
            message = $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
        }
        catch (Exception)   // even its message may be foreign code
        {
            message = e.GetType().Name;
        }

        return $"it threw {(message.Length <= MaxFaultLength ? message : message[..MaxFaultLength] + "...")}";
    }
}
