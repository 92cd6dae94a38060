namespace Notebook.Embedded.Tests.Contract;

// The contract in the host's own process: on the embedded host, or on true Orleans.

public sealed class TurnTests(HostFixture host) : TurnContract(host), IClassFixture<HostFixture>;

public sealed class CallTests(HostFixture host) : CallContract(host), IClassFixture<HostFixture>;

public sealed class LifetimeTests(HostFixture host) : LifetimeContract(host), IClassFixture<HostFixture>;

public sealed class TimerTests(HostFixture host) : TimerContract(host), IClassFixture<HostFixture>;

public sealed class StateTests(HostFixture host) : StateContract(host), IClassFixture<HostFixture>;

public sealed class ObserverTests(HostFixture host) : ObserverContract(host), IClassFixture<HostFixture>;
