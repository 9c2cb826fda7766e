using Agora.Application.Reading;

namespace Agora.Api.Admin.Models;

/// <summary>Calls of models added up. Times are kept one by one, so percentiles are those of the calls and no estimate.</summary>
internal sealed class UsageSums
{
    private readonly List<long> _first = [];
    private readonly List<long> _took = [];

    public long Calls { get; private set; }

    /// <summary>Of the calls, those that another's reply answered.</summary>
    public long Hits { get; private set; }

    public long CostMicros { get; private set; }

    public long HeldMicros { get; private set; }

    public long OverMicros { get; private set; }

    public long Input { get; private set; }

    public long CacheRead { get; private set; }

    public long CacheWrite { get; private set; }

    public long Output { get; private set; }

    public long Reasoning { get; private set; }

    public long Estimates { get; private set; }

    public long Failures { get; private set; }

    /// <summary>Of all that was read, in hundredths; null: nothing was.</summary>
    public decimal? CacheReadPercent => Input + CacheRead + CacheWrite is > 0 and var all ? Percent(CacheRead, all) : null;

    /// <summary>Of what was held, what was posted; null: nothing was held.</summary>
    public decimal? PostedPercent => HeldMicros > 0 ? Percent(CostMicros, HeldMicros) : null;

    public decimal? FailurePercent => Calls > 0 ? Percent(Failures, Calls) : null;

    /// <param name="call">A row of the calls' table.</param>
    public void Add(NamedRow call)
    {
        Calls++;
        CostMicros += call.Number("cost_micros");
        HeldMicros += call.Number("held_micros");
        OverMicros += call.Number("over_micros");
        Input += Tokens(call, "input") + Tokens(call, "input_audio");
        CacheRead += Tokens(call, "cache_read");
        CacheWrite += Tokens(call, "cache_write") + Tokens(call, "cache_write_long");
        Output += Tokens(call, "output") + Tokens(call, "output_audio");
        Reasoning += Tokens(call, "reasoning");
        Estimates += call.Number("is_estimate");
        Failures += call.OptionalText("failure_code") is null ? 0 : 1;
        if (call.OptionalText("cached_from") is not null)
        {
            Hits++;
            return; // nobody was called, so nothing took any time
        }

        if (call.OptionalNumber("first_ms") is { } first)
        {
            _first.Add(first);
        }

        if (call.OptionalNumber("took_ms") is { } took)
        {
            _took.Add(took);
        }
    }

    public void Add(UsageSums other)
    {
        Calls += other.Calls;
        Hits += other.Hits;
        CostMicros += other.CostMicros;
        HeldMicros += other.HeldMicros;
        OverMicros += other.OverMicros;
        Input += other.Input;
        CacheRead += other.CacheRead;
        CacheWrite += other.CacheWrite;
        Output += other.Output;
        Reasoning += other.Reasoning;
        Estimates += other.Estimates;
        Failures += other.Failures;
        _first.AddRange(other._first);
        _took.AddRange(other._took);
    }

    /// <summary>By the nearest rank: of a hundred calls so many took no longer. Null: none took any time.</summary>
    public long? FirstMs(int percent) => Rank(_first, percent);

    public long? TookMs(int percent) => Rank(_took, percent);

    private static long? Rank(List<long> times, int percent)
    {
        if (times.Count == 0) return null;

        times.Sort();
        return times[(int)((((long)times.Count * percent) + 99) / 100) - 1];
    }

    private static long Tokens(NamedRow call, string column) => call.OptionalNumber(column) ?? 0;

    /// <summary>To two digits, and none that says nothing.</summary>
    private static decimal Percent(long part, long of) => decimal.Round((decimal)part * 100 / of, 2) / 1.0000000000000000000000000000m;
}
