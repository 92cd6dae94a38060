namespace Notebook.Embedded.Virtual;

/// <summary>
/// One thread on which grain hosts, agents and whoever calls them run in virtual time. What is ready to run is drawn by a seed,
/// one piece at a time; when nothing is, the clock jumps to its next timer. The same seed and the same program give the same
/// run, step by step.
/// </summary>
/// <remarks>
/// Everything has to stay on the thread that calls <see cref="Run"/>: a piece that comes from another one, such as out of
/// <c>Task.Run</c>, ends the run with an exception, since its place in the order would be chance.
/// </remarks>
public sealed class VirtualWorld
{
    /// <summary>When virtual time begins, unless said otherwise.</summary>
    public static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Pieces that may run while the clock stands still: more is taken for a loop that never ends.</summary>
    public const int MaxStepsPerMoment = 50_000_000;

    [ThreadStatic]
    private static bool t_runsHere;

    private readonly List<(IThreadPoolWorkItem Item, VirtualLife? Of)> _ready = [];
    private readonly Random _order;
    private readonly Posts _posts;
    private Exception? _fault;
    private int _thread = -1;
    private int _stepsAtThisMoment;

    /// <summary>With a seed, from which every order is drawn.</summary>
    public VirtualWorld(int seed, DateTimeOffset? start = null)
    {
        _order = new Random(seed);
        _posts = new Posts(this);
        Clock = new VirtualClock(start ?? Epoch);
    }

    /// <summary>Whether a world runs on this thread at present.</summary>
    internal static bool IsThisThread => t_runsHere;

    /// <summary>Its clock.</summary>
    public VirtualClock Clock { get; }

    /// <summary>Pieces that have run: turns, posts and timers.</summary>
    public long Steps { get; private set; }

    /// <summary>
    /// A piece of work that threw: it ends the run. Grains' own failures are their callers', and do not come here.
    /// </summary>
    public Exception? Fault => _fault;

    /// <summary>Runs <paramref name="work"/> on the world's thread, as soon as it is drawn; its awaits come back there too.</summary>
    public void Post(Action work) => _posts.Post(static action => ((Action)action!)(), work);

    /// <summary>The same for work that awaits. What it throws ends the run.</summary>
    public void Post(Func<Task> work) => Post(() => Watch(work()));

    /// <summary>Runs what is ready and lets time pass, until <paramref name="until"/> says so or nothing is left to do.</summary>
    /// <param name="until">Asked before every step.</param>
    /// <returns>Whether <paramref name="until"/> was met; false when nothing more can happen.</returns>
    /// <exception cref="InvalidOperationException">Work threw, or came from another thread, or never lets time pass.</exception>
    public bool Run(Func<bool> until)
    {
        if (_thread >= 0) throw new InvalidOperationException("the world runs already");
        _thread = Environment.CurrentManagedThreadId;
        t_runsHere = true;
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);   // grains have their own schedulers, which a context would hide
        try
        {
            while (!until())
            {
                if (_fault is { } fault) throw new InvalidOperationException($"the simulation broke at {Clock.GetUtcNow():O}: {fault.Message}", fault);
                if (!Step()) return false;
            }

            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
            _thread = -1;
            t_runsHere = false;
        }
    }

    /// <summary>Runs everything that is due up to and with <paramref name="moment"/>, which it is then.</summary>
    public void RunTo(DateTimeOffset moment)
    {
        Run(() => _ready.Count == 0 && (Clock.Next is not { } next || next > moment));
        Clock.PassTo(moment);
    }

    /// <summary>Makes a piece ready.</summary>
    /// <param name="item">The piece.</param>
    /// <param name="of">Whose it is: once that has ended it does not run; null for the world's own.</param>
    internal void Enqueue(IThreadPoolWorkItem item, VirtualLife? of)
    {
        if (_thread >= 0 && _thread != Environment.CurrentManagedThreadId)
        {
            _fault ??= new InvalidOperationException($"work came from another thread ({Environment.StackTrace})");
            return;
        }

        _ready.Add((item, of));
    }

    private bool Step()
    {
        Steps++;
        if (_ready.Count == 0)
        {
            _stepsAtThisMoment = 0;
            return Clock.FireNext();
        }

        if (++_stepsAtThisMoment > MaxStepsPerMoment) throw new InvalidOperationException($"the clock stands still at {Clock.GetUtcNow():O}: work makes work without end");
        var index = _ready.Count == 1 ? 0 : _order.Next(_ready.Count);
        var (item, of) = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (of is not { HasEnded: true }) item.Execute();
        return true;
    }

    private async void Watch(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception e)
        {
            _fault ??= e;
        }
    }

    /// <summary>Brings continuations of work that is no grain's back into the world.</summary>
    private sealed class Posts(VirtualWorld world) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => world.Enqueue(new Piece(this, d, state), null);

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("nothing waits for another piece in virtual time");

        public override SynchronizationContext CreateCopy() => this;

        private sealed class Piece(Posts posts, SendOrPostCallback callback, object? state) : IThreadPoolWorkItem
        {
            public void Execute()
            {
                SetSynchronizationContext(posts);
                try
                {
                    callback(state);
                }
                catch (Exception e)
                {
                    posts.Fail(e);
                }
                finally
                {
                    SetSynchronizationContext(null);
                }
            }
        }

        private void Fail(Exception e) => world._fault ??= e;
    }
}
