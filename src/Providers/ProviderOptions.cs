using Agora.Models.Wires;

namespace Agora.Providers;

/// <summary>A provider of models. No record: its keys would be printed wherever it is logged.</summary>
public sealed class ProviderOptions
{
    public required string Name { get; init; }

    public required IWire Wire { get; init; }

    /// <summary>Without a slash at its end; the wire's paths follow.</summary>
    public required Uri Url { get; init; }

    /// <summary>Taken in turn; one that is refused, or has had too much, rests. Empty: it wants none.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>It keeps what it is sent for purposes of its own; null: nobody has said.</summary>
    public bool? RetainsData { get; init; }

    /// <summary>It is called in test mode, too, where nobody pays for it.</summary>
    public bool ServesTests { get; init; }
}

/// <summary>Bounds of calls to providers.</summary>
public static class ProviderLimits
{
    /// <summary>Tries of one call, of which all but the last certainly cost nothing.</summary>
    public const int Attempts = 3;

    /// <summary>Between two tries, at most; a provider that wants more is not asked again.</summary>
    public static readonly TimeSpan PauseLongest = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Until a stream's head, and from one event of it to the next.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    /// <summary>From a stream's end to its usage, where the end came without it. After that the call costs its estimate.</summary>
    public static readonly TimeSpan UsageWait = TimeSpan.FromSeconds(10);

    /// <summary>Callers in a row, no two of the same user or agent, for whom a key must be refused before it rests for all.</summary>
    public const int KeyRefusals = 3;

    /// <summary>A key that is refused is not taken again for so long; one that had too much, as long as its provider says, at most this.</summary>
    public static readonly TimeSpan KeyRest = TimeSpan.FromSeconds(60);
}
