namespace Agora.Outbound;

/// <summary>Every bound of this project in one place.</summary>
public static class OutboundLimits
{
    public const int MaxAttempts = 3;

    /// <summary>Bytes of a response's body, counted as they arrive: what Content-Length says is not believed.</summary>
    public const int MaxResponseBytes = 1 << 20;

    /// <summary>Bytes of an answer that are read before <see cref="OutboundCall.Room"/> is awaited.</summary>
    public const int SmallResponseBytes = 64 * 1024;

    /// <summary>Bytes of a stream of events, from its first to the one that is waited for, and of an answer that is asked for as one.</summary>
    public const int MaxEventBytes = 4 << 20;

    /// <summary>The first bytes of an answer of which the status counts are waited for this long.</summary>
    public static readonly TimeSpan MaxHeadWait = TimeSpan.FromSeconds(1);

    public const int MaxResponseHeaderKilobytes = 16;
    public const int MaxEndpointCharacters = 2048;
    public const int MaxIdempotencyKeyCharacters = 255;
    public const int MaxAuthValueCharacters = 8192;

    /// <summary>Connections to one scheme, host and port, which callers share (<c>ConnectionPlaces</c>: one user alone has 256). Further calls wait, and their waiting counts against their timeouts.</summary>
    public const int MaxConnectionsPerServer = 768;

    /// <summary>Answers that are read as they come, of one scheme, host and port.</summary>
    public const int MaxStreamsPerServer = 4_096;

    /// <summary>Addresses tried for one connection, of however many the name resolves to.</summary>
    public const int MaxAddressesTried = 4;

    /// <summary>Of the failed attempts that open a breaker (at least half of 20), so many of one user, and of one agent, within 30 s: several of both must have met the trouble, also where two windows overlap.</summary>
    public const int FailuresOfOneCaller = 4;

    /// <summary>Users, and agents, whose failures one breaker tells apart within 30 s.</summary>
    public const int CallersRemembered = 100;

    /// <summary>The period whose attempts a breaker counts.</summary>
    public static readonly TimeSpan BreakerWindow = TimeSpan.FromSeconds(30);

    /// <summary>How long an open breaker lets no attempt through; then it lets one probe through.</summary>
    public static readonly TimeSpan BreakerBreak = TimeSpan.FromSeconds(15);

    /// <summary>Breakers kept at a time, one a service. A dropped one only has to learn again.</summary>
    public const int MaxBreakers = 10_000;

    /// <summary>The longest one attempt, and all attempts of a call together, may take. The inquiry for a run's hold relies on it.</summary>
    public static readonly TimeSpan MaxDeadline = TimeSpan.FromSeconds(20);

    /// <summary>One address's share of a connect, so that a black hole among several addresses does not use up the attempt.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(4);

    /// <summary>A connection is dropped after this time, so that a changed name or address is looked up and checked again.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    public static readonly TimeSpan ConnectionIdle = TimeSpan.FromSeconds(30);

    /// <summary>After a command's process has ended, what it wrote before is read for so long at most.</summary>
    public static readonly TimeSpan CommandLastWords = TimeSpan.FromSeconds(1);

    /// <summary>From one full buffer of what a command writes to stderr to the next.</summary>
    public static readonly TimeSpan CommandErrorPause = TimeSpan.FromMilliseconds(10);
}
