namespace Notebook.Hosting;

/// <summary>What the exit code of every process of ours means.</summary>
public static class ExitCodes
{
    /// <summary>All went well.</summary>
    public const int Ok = 0;

    /// <summary>It failed; the line on standard error says how.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>The port is in use.</summary>
    public const int PortInUse = 3;

    /// <summary>The data directory cannot be used.</summary>
    public const int DataDirectory = 4;

    /// <summary>No Python with ipykernel was found.</summary>
    public const int NoPython = 5;

    /// <summary>A peer refused this process: wrong cluster key or protocol version.</summary>
    public const int RefusedByPeer = 6;
}
