using Agora.Benchmarks.Load;
using Agora.Benchmarks.Postgres;

namespace Agora.Benchmarks.SideBySide;

/// <summary>What has been used up so far, or between two looks. Zero where a subject has no such part.</summary>
/// <param name="Machine">CPU time of everything on the machine, whoever it belongs to.</param>
/// <param name="Writes">Transactions of PostgreSQL that wrote something.</param>
internal sealed record Usage(TimeSpan Server, TimeSpan Service, TimeSpan Postgres, TimeSpan Load, TimeSpan Machine, long Allocated, long Writes, long WalBytes)
{
    public static readonly Usage None = new(default, default, default, default, default, 0, 0, 0);

    public static Usage operator +(Usage a, Usage b) => new(
        a.Server + b.Server, a.Service + b.Service, a.Postgres + b.Postgres, a.Load + b.Load, a.Machine + b.Machine, a.Allocated + b.Allocated, a.Writes + b.Writes, a.WalBytes + b.WalBytes);

    public static Usage operator -(Usage a, Usage b) => new(
        a.Server - b.Server, a.Service - b.Service, a.Postgres - b.Postgres, a.Load - b.Load, a.Machine - b.Machine, a.Allocated - b.Allocated, a.Writes - b.Writes, a.WalBytes - b.WalBytes);

    /// <summary>Used by nobody who takes part.</summary>
    public TimeSpan Elsewhere => Machine - Server - Service - Postgres - Load;
}

internal sealed class Meter(Database? postgres)
{
    public async Task<Usage> Read(Subject subject)
    {
        var (writes, wal) = postgres is null ? (0, 0) : await postgres.Written();
        return new(
            subject.Server?.Cpu ?? default,
            subject.Service?.Cpu ?? default,
            postgres?.Cpu ?? default,
            default,
            ProcessTimes.OfMachine(),
            subject.Server is { } server ? await server.Allocated() : 0,
            writes,
            wal);
    }

    /// <summary>Before each measurement, so that none has another's to do.</summary>
    public Task Checkpoint() => postgres?.Checkpoint() ?? Task.CompletedTask;
}

/// <summary>One subject's work of some seconds.</summary>
/// <param name="WarmUp">Answers before the measurement began.</param>
/// <param name="Latencies">Null: only the mean is known.</param>
internal sealed record Measurement(long Answers, long WarmUp, double Seconds, Usage Used, Histogram? Latencies, TimeSpan? Mean, long BodyBytes)
{
    public double Rate => Answers / Seconds;
}

/// <summary>All measurements of one subject.</summary>
internal sealed class Score(Subject subject)
{
    private readonly List<Measurement> _rounds = [];

    public Subject Subject { get; } = subject;

    public IReadOnlyList<Measurement> Rounds => _rounds;

    public Histogram? Latencies { get; private set; }

    public long Answers => _rounds.Sum(r => r.Answers);

    /// <summary>Answers of everything that was asked, warming up included: as much work must be found done afterwards.</summary>
    public long Asked { get; private set; }

    public Usage Used => _rounds.Aggregate(Usage.None, (sum, r) => sum + r.Used);

    /// <summary>Of the rounds; with an even number of them, the mean of the two in the middle.</summary>
    public double MedianRate
    {
        get
        {
            var rates = _rounds.Select(r => r.Rate).Order().ToList();
            return (rates[(rates.Count - 1) / 2] + rates[rates.Count / 2]) / 2;
        }
    }

    public (double Least, double Most) Rates => (_rounds.Min(r => r.Rate), _rounds.Max(r => r.Rate));

    public TimeSpan? Mean => _rounds[0].Mean is null ? null : TimeSpan.FromMilliseconds(_rounds.Average(r => r.Mean!.Value.TotalMilliseconds));

    public double BodyBytes => _rounds.Sum(r => r.BodyBytes) / (double)Answers;

    /// <summary>Part of the machine's CPU time that went to others meanwhile.</summary>
    public double Elsewhere => Used.Elsewhere.TotalSeconds / _rounds.Sum(r => r.Seconds) / Environment.ProcessorCount;

    public void Warm(Measurement round) => Asked += round.WarmUp + round.Answers;

    public void Add(Measurement round)
    {
        Warm(round);
        _rounds.Add(round);
        if (round.Latencies is { } latencies)
        {
            (Latencies ??= new()).Add(latencies);
        }
    }
}
