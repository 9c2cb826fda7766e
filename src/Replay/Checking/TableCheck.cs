using Agora.Core;
using Agora.Core.Funds;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Replay.Checking;

/// <summary>
/// The query tables, each row compared with the one that the journal makes; and the books of funds, which sum to zero by the table and by the events.
/// <para>Bound: a page of rows, and the first <see cref="MostNamed"/> that are wrong.</para>
/// </summary>
/// <param name="unknown">Streams, by number, whose rows nobody knows.</param>
/// <param name="broken">Stream, seq, rule, and what is wrong.</param>
internal sealed class TableCheck(IJournal journal, TableFacts facts, IReadOnlyDictionary<int, string> unknown, Action<string?, long, string, string> broken)
{
    private const int RowsPerPage = 2_000;
    private const int MostNamed = 1_000;
    private static readonly string[] Summed = ["balance_micros", "entered_micros", "left_micros", "sent_micros", "received_micros"];

    private readonly Dictionary<UInt128, (Fact Stands, string What)> _wrong = [];
    private readonly long[] _all = new long[Summed.Length];

    public long Rows { get; private set; }

    /// <summary>Each row that stands, as a fact.</summary>
    /// <param name="read">Told after each page how many tables are done.</param>
    public async Task Read(Action<Fact> says, Action<double> read, CancellationToken cancel)
    {
        var done = 0;
        foreach (var shape in Manifest.Tables.Select(TableShapes.Of))
        {
            var sums = shape.Name == FundTables.Funds.Name ? new SumsOfFunds(this) : null;
            await Pages(shape, async page =>
            {
                foreach (var row in page)
                {
                    says(facts.Stands(shape, row));
                    if (sums is not null)
                    {
                        await sums.Add(row, cancel);
                    }
                }

                Rows += page.Count;
                read((double)done / Manifest.Tables.Count);
            }, cancel);
            if (sums is not null)
            {
                await sums.EndTenant(cancel);
            }

            done++;
        }
    }

    /// <summary>Of one row: what the journal makes of it, in the order of seq, and what stands.</summary>
    /// <param name="later">Where only the journal's side is there to name it.</param>
    public void Judge(ReadOnlySpan<Fact> group, Action<Fact, string, string> later)
    {
        Fact? follows = null, stands = null;
        foreach (var fact in group)
        {
            if (fact.Kind == FactKind.RowStands)
            {
                stands = fact;
            }
            else if (follows is not { } one || fact.Seq >= one.Seq)
            {
                follows = fact;
            }
        }

        if (follows is { } of && unknown.ContainsKey(of.Stream)) return;

        if (follows is { } missing && stands is null)
        {
            later(missing, Rules.Tables, $"{TableFacts.Table(missing).Name}: the row that follows from here is not there");
        }
        else if (stands is { } there && (follows is not { } made || made.Other != there.Other))
        {
            var what = follows is { } other ? $"what follows from seq {other.Seq} is another" : "nothing in the journal says so";
            if (_wrong.Count < MostNamed)
            {
                _wrong.Add(there.About, (there, what));
            }
            else
            {
                later(follows ?? there, Rules.Tables, $"{TableFacts.Table(there).Name}: a row stands, and {what}");
            }
        }
    }

    /// <summary>Reads the tables that hold rows which are wrong once more, to say which they are.</summary>
    public async Task Name(CancellationToken cancel)
    {
        foreach (var shape in _wrong.Values.Select(wrong => TableFacts.Table(wrong.Stands)).Distinct().Select(TableShapes.Of))
        {
            await Pages(shape, page =>
            {
                foreach (var row in page)
                {
                    if (_wrong.TryGetValue(facts.Stands(shape, row).About, out var wrong) && !unknown.Values.Contains(row.Stream))
                    {
                        broken(row.Stream, row.Seq, Rules.Tables, $"{TableFacts.Said(shape, row)} stands, and {wrong.What}");
                    }
                }

                return Task.CompletedTask;
            }, cancel);
        }
    }

    /// <summary><c>trial_balance_is_zero</c>: what all funds have, with the world's side and what is in transit, comes to nothing, by the table and by the events.</summary>
    public void Sums(FundSums events)
    {
        var (balance, entered, left, sent, received) = (_all[0], _all[1], _all[2], _all[3], _all[4]);
        var trial = balance + left - entered + sent - received;
        if (trial != 0)
        {
            Broken($"the trial balance of the funds is {trial}");
        }

        if ((entered, left, sent, received) != (events.EnteredMicros, events.LeftMicros, events.SentMicros, events.ReceivedMicros))
        {
            Broken(
                $"the table of funds says {entered} entered, {left} left, {sent} sent, {received} received; the events say {events.EnteredMicros}, {events.LeftMicros}, {events.SentMicros}, {events.ReceivedMicros}");
        }
    }

    private void Broken(string what) => broken(null, 0, Rules.Sums, what);

    private async Task Pages(TableShape shape, Func<IReadOnlyList<TableRow>, Task> use, CancellationToken cancel)
    {
        var key = shape.Columns.Take(shape.KeyColumns).Select(column => new Order(column)).ToList();
        for (IReadOnlyList<object>? after = null; ;)
        {
            var page = (await journal.Query(new(shape, [], key, 0, RowsPerPage) { After = after, CountUpTo = 0 }, cancel)).Rows;
            await use(page);
            if (page.Count < RowsPerPage) return;
            after = [.. page[^1].Values.Take(shape.KeyColumns).Select(value => value!)];
        }
    }

    private Task<IReadOnlyList<long>> Totals(string tenant, CancellationToken cancel) => journal.Totals(TableShapes.Of(FundTables.Funds), tenant, Summed, cancel);

    /// <summary>The rows of one tenant after the other, each compared with the totals that the store keeps beside the table.</summary>
    private sealed class SumsOfFunds(TableCheck check)
    {
        private static readonly int[] Places = [.. Summed.Select(column => FundTables.Funds.Columns.ToList().IndexOf(column))];
        private readonly long[] _tenants = new long[Summed.Length];
        private string? _tenant;

        public async Task Add(TableRow row, CancellationToken cancel)
        {
            var tenant = (string)row.Values[0]!;
            if (tenant != _tenant)
            {
                await EndTenant(cancel);
                _tenant = tenant;
            }

            for (var i = 0; i < Places.Length; i++) _tenants[i] += (long)row.Values[Places[i]]!;
        }

        public async Task EndTenant(CancellationToken cancel)
        {
            if (_tenant is null) return;

            var kept = await check.Totals(_tenant, cancel);
            if (!kept.SequenceEqual(_tenants))
            {
                check.Broken($"the totals of tenant {_tenant} are kept as {string.Join(", ", kept)} ({string.Join(", ", Summed)}); its rows come to {string.Join(", ", _tenants)}");
            }

            for (var i = 0; i < _tenants.Length; i++) (check._all[i], _tenants[i]) = (check._all[i] + _tenants[i], 0);
        }
    }
}
