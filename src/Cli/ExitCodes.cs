namespace Agora.Cli;

/// <summary>How a call ended, for scripts. docs/cli.md has the list.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The server refused it: it would be refused again as it is.</summary>
    public const int Refused = 1;

    /// <summary>The command line, a file that it names or a profile is wrong: nothing was sent.</summary>
    public const int Wrong = 2;

    /// <summary>A credential is missing, wrong, over, or of another kind.</summary>
    public const int NotAllowed = 3;

    /// <summary>No server answered.</summary>
    public const int NoServer = 4;

    /// <summary>It may succeed later: too many requests, or a failure of the server or of a service.</summary>
    public const int Later = 5;

    /// <summary>It is under way, or waits for a person.</summary>
    public const int UnderWay = 6;

    /// <summary>Of <c>doctor</c>: something is to be mended.</summary>
    public const int Unhealthy = 7;

    /// <summary>As a shell has it for SIGINT.</summary>
    public const int Interrupted = 130;

    public static int OfStatus(int status) => status switch
    {
        202 => UnderWay,
        < 300 => Done,
        401 => NotAllowed,
        429 or >= 500 => Later,
        _ => Refused,
    };
}

/// <summary>What cannot go on; its message is the line to print.</summary>
internal sealed class CliException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public static CliException Wrong(string message) => new(ExitCodes.Wrong, message);
}
