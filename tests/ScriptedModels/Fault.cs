namespace Agora.ScriptedModels;

/// <summary>Closed: what goes wrong. What is said of events holds for streams; a whole reply fails in the nearest way, which each case says.</summary>
public abstract record Fault
{
    private Fault()
    {
    }

    /// <summary>The connection ends without an answer, and no new one is taken until <see cref="ScriptedProvider.Listen"/>.</summary>
    public sealed record Refuse : Fault;

    /// <summary>The request is read, then the connection is closed.</summary>
    public sealed record CloseBeforeStatus : Fault;

    /// <param name="Message">Null: the maker's usual words.</param>
    public sealed record Status(int Code, int? RetryAfterSeconds = null, string? Message = null) : Fault;

    /// <summary>Until the client leaves.</summary>
    public sealed record HangBeforeHeaders : Fault;

    /// <summary>After so many events with content until the client leaves; a whole reply stops at its half.</summary>
    public sealed record HangAfter(int Chunks) : Fault;

    /// <summary>RST after so many bytes of the body.</summary>
    public sealed record Reset(long Bytes) : Fault;

    /// <summary>FIN after so many bytes of the body, which is not over.</summary>
    public sealed record Close(long Bytes) : Fault;

    /// <summary>The body ends as if it were whole after so many events with content; null: all is there but the terminal event. A whole reply ends at its half.</summary>
    public sealed record EndEarly(int? Chunks = null) : Fault;

    /// <summary>The maker's error event, after so many events with content; a whole reply is a 500.</summary>
    /// <param name="Tells">With what was spent, where the maker's errors can say so.</param>
    public sealed record ErrorEvent(int Chunks, bool Tells = false) : Fault;

    public sealed record Usage(UsageFault How) : Fault;

    /// <summary>The event with content of this number, from 0 on, is no JSON; of a whole reply half is there.</summary>
    /// <param name="EndsAfter">The stream ends as if it were whole after so many events with content, so its last count never comes. Null: all of it comes.</param>
    public sealed record MalformedChunk(int Chunk, int? EndsAfter = null) : Fault;

    /// <summary>All texts that the model writes are numbers, which no client reads; all else is right, and so is usage.</summary>
    public sealed record TextsAsNumbers : Fault;

    /// <summary>Text without end, whatever the request's limits say; a whole reply is followed by spaces without end.</summary>
    public sealed record Endless : Fault;

    /// <summary>A text of so many bytes at once, whatever the request's limits say.</summary>
    public sealed record HugeBody(int Bytes) : Fault;

    public sealed record Redirect(Uri To, int Code = 307) : Fault;

    /// <summary>Of a body that is right.</summary>
    public sealed record ContentType(string Value) : Fault;

    /// <summary>So many bytes at a time, with a pause behind them.</summary>
    public sealed record SlowDrip(int Bytes, TimeSpan Pause) : Fault;
}

public enum UsageFault
{
    /// <summary>It is told as it should be.</summary>
    None = 0,
    Missing = 1,

    /// <summary>Once in mid-stream as far as it got, and at the end all.</summary>
    Twice = 2,

    /// <summary>In an event behind the one that says why it ended.</summary>
    Late = 3,

    /// <summary>Chat completions: in the event that says why it ended, as some compatible servers do. Others: as it should be.</summary>
    WithFinish = 4,
    Negative = 5,
    Strings = 6,

    /// <summary>2^62 each: two of them are more than 64 bits hold.</summary>
    Huge = 7,

    /// <summary>More than 64 bits hold.</summary>
    Beyond = 8,
    Fractions = 9,

    /// <summary>It was to come as with <see cref="Late"/>, and the stream stays open without it until the client leaves. For streams of Google.</summary>
    Awaited = 10,
}

/// <summary>When a fault happens. Only requests that are right and have the rule's endpoint and key are counted by it, from 1 on.</summary>
public sealed class FaultRule(Fault fault)
{
    private int _count;

    public Fault Fault { get; } = fault;

    /// <summary>Null: any.</summary>
    public Endpoint? Endpoint { get; init; }

    public string? Key { get; init; }

    public Func<Asked, bool>? When { get; init; }

    public IReadOnlyList<int>? Numbers { get; init; }

    /// <summary>Of the requests so much, which ones the seed decides: 0 to 1.</summary>
    public double Part { get; init; } = 1;

    public int Seed { get; init; }

    public static FaultRule Always(Fault fault) => new(fault);

    public static FaultRule Nth(Fault fault, params int[] numbers) => new(fault) { Numbers = numbers };

    public static FaultRule Share(Fault fault, double part, int seed) => new(fault) { Part = part, Seed = seed };

    internal bool Hits(Asked asked)
    {
        if ((Endpoint is { } endpoint && endpoint != asked.Endpoint) || (Key is { } key && key != asked.Key)) return false;
        if (When is { } when && !when(asked)) return false;

        var number = Interlocked.Increment(ref _count);
        if (Numbers is { } numbers && !numbers.Contains(number)) return false;
        return Part >= 1 || (Words.Mix(Words.KeyOf(Seed, (ulong)number)) >> 11) * (1.0 / (1UL << 53)) < Part;
    }
}
