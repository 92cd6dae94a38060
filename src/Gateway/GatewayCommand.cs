using System.CommandLine;
using Notebook.Gateway.Cluster;
using Notebook.Hosting;

namespace Notebook.Gateway;

/// <summary>The gateway's command line.</summary>
internal static class GatewayCommand
{
    private const int MinimumToken = 8;

    private static readonly Option<string> s_tokenFile = new("--token-file")
    {
        Description = "File with the token that clients must show (default: DATA/secrets/token).",
    };

    private static readonly Option<string[]> s_allowOrigin = new("--allow-origin")
    {
        Description = "Origin of web pages that may call this gateway from browsers beside its own, * for any; may be given again.",
    };

    private static readonly Option<string?> s_allowOriginPattern = new("--allow-origin-pattern")
    {
        Description = "Regular expression that whole origins match that may do so too, in lower case.",
        HelpName = "REGEX",
    };

    private static readonly Option<string> s_baseUrl = new("--base-url")
    {
        Description = "Path that everything of this gateway is below, as behind a proxy that serves more than it.",
        DefaultValueFactory = _ => "/",
        HelpName = "/PATH/",
    };

    private static readonly Option<long> s_maxMessage = new("--max-message-size")
    {
        Description = "Largest message of a client in bytes.",
        DefaultValueFactory = _ => 512L << 20,
    };

    private static readonly Option<int> s_messageRate = new("--max-message-rate")
    {
        Description = "Messages a second that are taken from one WebSocket, more of them wait; 0 for any number.",
        HelpName = "N",
    };

    private static readonly Option<long?> s_legacyMaxMessage = new("--legacy-max-message")
    {
        Description = "Largest display in bytes for clients of the default WebSocket form, 0 for any size; larger ones give way to a line that "
            + "says where they are (default: 9 MiB for Jupyter servers that use this gateway by --gateway-url, which break on more than 10, "
            + "and any size for others).",
        HelpName = "BYTES",
    };

    private static readonly Option<string> s_zmqAddress = new("--zmq-address")
    {
        Description = "IP address that kernels' ZMQ ports are opened at, for clients with a connection file. Who reaches it can "
            + "read outputs, and with the file run code.",
        DefaultValueFactory = _ => "127.0.0.1",
        HelpName = "IP",
    };

    private static readonly Option<bool> s_quietWaits = new("--quiet-waits")
    {
        Description = "Cells that wait for GPUs do not say so in their output.",
    };

    public static RootCommand Build()
    {
        var command = new RootCommand("The Jupyter gateway of the notebook platform.");
        var process = new ProcessOptions(command, "gateway", "127.0.0.1:8888");
        var grains = new GrainClient(command);
        foreach (var option in (Option[])[s_tokenFile, s_baseUrl, s_allowOrigin, s_allowOriginPattern, s_maxMessage, s_messageRate, s_legacyMaxMessage, s_zmqAddress, s_quietWaits]) command.Add(option);
        command.SetAction((parsed, _) => RunAsync(process.Read(parsed), grains, parsed));
        return command;
    }

    private static async Task<int> RunAsync(ProcessSettings settings, GrainClient grains, ParseResult parsed)
    {
        var options = new GatewayOptions
        {
            Token = TokenOf(parsed.GetValue(s_tokenFile) ?? settings.Data.TokenFile),
            BaseUrl = Http.BaseUrl.Parse(parsed.GetRequiredValue(s_baseUrl)) ?? throw new UserException(
                $"--base-url must be a path such as /notebooks/, of letters, digits and -_.~@, not '{parsed.GetValue(s_baseUrl)}'", ExitCodes.Usage),
            AllowOrigins = [.. parsed.GetValue(s_allowOrigin) ?? []],
            AllowOriginPattern = PatternOf(parsed.GetValue(s_allowOriginPattern)),
            MaxMessageBytes = Positive("--max-message-size", parsed.GetValue(s_maxMessage), 1 << 10, 1 << 30),
            LegacyMaxMessageBytes = parsed.GetValue(s_legacyMaxMessage) is { } most ? Positive("--legacy-max-message", most, 0, 1 << 30) : null,
            MessagesPerSecond = (int)Positive("--max-message-rate", parsed.GetValue(s_messageRate), 0, 1_000_000),
            ZmqAddress = AddressOf(parsed.GetValue(s_zmqAddress)!),
            ConnectionsFolder = Path.Combine(settings.Data.Root, "connections"),
            OutputsFolder = Path.Combine(settings.Data.Root, "outputs"),
            WaitNotices = !parsed.GetValue(s_quietWaits),
        };

        var builder = WebApplication.CreateSlimBuilder();
        builder.UseProcess(settings);
        grains.AddTo(builder, parsed, settings, reconnected: s => s.GetRequiredService<ControlPlane>().Reconnected());
        builder.Services.AddSingleton<IKernelDirectory, KernelDirectory>();
        builder.Services.AddGateway(options, settings.Self, settings.Key);
        await using var app = builder.Build();
        app.MapGateway();
        await app.RunProcessAsync();
        return Environment.ExitCode;
    }

    private static string TokenOf(string path)
    {
        string token;
        try
        {
            token = File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot read the token file {path}: {e.Message} Write a token there, or name another file with --token-file.");
        }

        return token.Length >= MinimumToken
            ? token
            : throw new UserException($"the token in {path} has {token.Length} characters, but needs at least {MinimumToken}");
    }

    private static string? PatternOf(string? text)
    {
        try
        {
            if (text is not null) _ = new Http.Origins([], text);
            return text;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new UserException($"--allow-origin-pattern '{text}' cannot be used: {e.Message}", ExitCodes.Usage);
        }
    }

    private static string AddressOf(string text) => System.Net.IPAddress.TryParse(text, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
        ? address.ToString()
        : throw new UserException($"--zmq-address must be an IPv4 address of this machine, not '{text}'", ExitCodes.Usage);

    private static long Positive(string name, long value, long least, long most) => value >= least && value <= most
        ? value
        : throw new UserException($"{name} must be from {least} to {most}, not {value}", ExitCodes.Usage);
}
