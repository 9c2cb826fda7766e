using Agora.Journal;
using Agora.Testing;

namespace Agora.Grains.Tests.Kernel;

/// <summary>Everything that appends write, counted: journal rows, rows of query tables, alarms, client keys.</summary>
internal sealed record Written(long Rows, long Upserts, long Alarms, long Keys)
{
    public long All => Rows + Upserts + Alarms + Keys;

    public static Written operator -(Written a, Written b) => new(a.Rows - b.Rows, a.Upserts - b.Upserts, a.Alarms - b.Alarms, a.Keys - b.Keys);
}

/// <summary>Counts what is written, by kind of stream; an append may be made to take a while, as a disk does.</summary>
internal sealed class CountingJournal(IJournal inner, TimeProvider? time = null, TimeSpan takes = default) : DelegatingJournal(inner)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Written> _byKind = new(StringComparer.Ordinal);

    public Written Total
    {
        get
        {
            lock (_gate) return _byKind.Values.Aggregate(new Written(0, 0, 0, 0), (a, b) => new(a.Rows + b.Rows, a.Upserts + b.Upserts, a.Alarms + b.Alarms, a.Keys + b.Keys));
        }
    }

    public override async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        if (time is not null)
        {
            await Task.Delay(takes, time, cancel);
        }

        var outcomes = await base.Append(batch, again, cancel);
        lock (_gate)
        {
            foreach (var (append, _) in batch.Zip(outcomes).Where(b => b is { First.Row: not null, Second: AppendOutcome.Written }))
            {
                var kind = append.Stream.Split('/')[1];
                var before = _byKind.GetValueOrDefault(kind, new(0, 0, 0, 0));
                _byKind[kind] = new(before.Rows + 1, before.Upserts + append.Upserts.Count, before.Alarms + (append.Alarm is null ? 0 : 1), before.Keys + append.Keys.Count);
            }
        }

        return outcomes;
    }
}
