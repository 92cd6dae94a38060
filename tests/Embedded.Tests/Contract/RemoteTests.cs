#if !ORLEANS_HOST
namespace Notebook.Embedded.Tests.Contract;

// The same contract through the client of another process.

public sealed class RemoteTurnTests(RemoteFixture host) : TurnContract(host), IClassFixture<RemoteFixture>;

public sealed class RemoteCallTests(RemoteFixture host) : CallContract(host), IClassFixture<RemoteFixture>;

public sealed class RemoteLifetimeTests(RemoteFixture host) : LifetimeContract(host), IClassFixture<RemoteFixture>;

public sealed class RemoteTimerTests(RemoteFixture host) : TimerContract(host), IClassFixture<RemoteFixture>;

public sealed class RemoteStateTests(RemoteFixture host) : StateContract(host), IClassFixture<RemoteFixture>;

public sealed class RemoteObserverTests(RemoteFixture host) : ObserverContract(host), IClassFixture<RemoteFixture>;
#endif
