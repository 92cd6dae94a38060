namespace Notebook.JupyterWire.Zmq;

/// <summary>The kinds of ZMQ sockets, by libzmq's numbers.</summary>
public enum ZmqSocketType
{
    /// <summary>One peer, both ways.</summary>
    Pair = 0,

    /// <summary>Publishes to all subscribers.</summary>
    Pub = 1,

    /// <summary>Receives what it subscribed to.</summary>
    Sub = 2,

    /// <summary>Asks, then waits for the answer.</summary>
    Req = 3,

    /// <summary>Answers.</summary>
    Rep = 4,

    /// <summary>Asks many, any time.</summary>
    Dealer = 5,

    /// <summary>Answers many; the first frame names the peer.</summary>
    Router = 6,

    /// <summary>As <see cref="Pub"/>, and sees subscriptions.</summary>
    XPub = 9,
}

/// <summary>Socket options, by libzmq's numbers.</summary>
public enum ZmqOption
{
    /// <summary>The name that a ROUTER knows this socket by.</summary>
    RoutingId = 5,

    /// <summary>What a SUB socket wants, by first bytes.</summary>
    Subscribe = 6,

    /// <summary>Milliseconds for which a closed socket still sends.</summary>
    Linger = 17,

    /// <summary>The address that the last bind came to.</summary>
    LastEndpoint = 32,

    /// <summary>The largest frame that is taken, in bytes (64 bits); a peer that sends more is cut off.</summary>
    MaxMessageSize = 22,

    /// <summary>Messages that wait to be sent to a peer.</summary>
    SendHighWaterMark = 23,

    /// <summary>Messages of a peer that wait to be read.</summary>
    ReceiveHighWaterMark = 24,

    /// <summary>1 for a ROUTER that refuses a message for a peer that is not there, or has no room, rather than lose it.</summary>
    RouterMandatory = 33,

    /// <summary>1 for a ROUTER that gives a peer that connects again its name, though the old connection seems to be there still.</summary>
    RouterHandover = 56,

    /// <summary>1 for an XPUB that refuses a message rather than lose it for a subscriber that does not keep up.</summary>
    XPubNoDrop = 69,

    /// <summary>1 for an XPUB that sees every subscription and the end of each, also of a topic that others have.</summary>
    XPubVerboser = 78,
}
