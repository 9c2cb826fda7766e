using Agora.Core;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Web;

namespace Agora.Api.Hosts;

/// <summary>A stream's rows, and the states that follow from them by the very functions that decide.</summary>
internal sealed class RecordedStates(IJournal journal, PersonalKeys keys, SnapshotCodes codes) : IRecordedStates
{
    private const int Page = 1_000;
    private const long FirstStep = 1_024;

    private readonly IJournal _journal = journal;
    private readonly PersonalKeys _keys = keys;

    // Rows are numbered without a gap, and none is asked for by its end: so the end is found by halves.
    public async Task<long> Last(StreamId stream, CancellationToken cancel)
    {
        var name = stream.ToString();
        var (known, step) = ((await _journal.LoadSnapshot(name, cancel))?.Seq ?? 0, FirstStep);
        while (await IsAfter(known + step - 1)) (known, step) = (known + step, step * 2);

        var beyond = known + step;
        while (beyond - known > 1)
        {
            var middle = known + ((beyond - known) / 2);
            (known, beyond) = await IsAfter(middle - 1) ? (middle, beyond) : (known, middle);
        }

        return known;

        async Task<bool> IsAfter(long seq) => await _journal.Read(name, seq, 1, cancel) is { Count: > 0 };
    }

    public async Task<IReadOnlyList<JournalRow>> Rows(StreamId stream, long below, int limit, CancellationToken cancel)
    {
        var (name, rows) = (stream.ToString(), new List<JournalRow>());
        for (var after = Math.Max(0, below - 1 - limit); after < below - 1;)
        {
            var page = await _journal.Read(name, after, (int)(below - 1 - after), cancel);
            if (page.Count == 0) break;

            rows.AddRange(page.TakeWhile(row => row.Seq < below));
            after = page[^1].Seq;
        }

        rows.Reverse();
        return rows;
    }

    public Task<RecordedState?> At(StreamId stream, long seq, CancellationToken cancel) => Manifest.Of(stream).Use(new Reading(this, stream, seq, opens: false, cancel));

    public Task<RecordedState?> Newest(StreamId stream, CancellationToken cancel) => Manifest.Of(stream).Use(new Reading(this, stream, long.MaxValue, opens: true, cancel));

    public async Task<IReadOnlyList<StreamId>> Waiting(Tenant tenant, string kind, DateTimeOffset upTo, int limit, CancellationToken cancel) =>
        [.. (await _journal.AlarmsUnder($"{tenant.Name}/{kind}/", upTo.ToMicros(), null, limit, cancel)).Select(alarm => StreamId.Parse(alarm.Stream))];

    /// <param name="opens">Snapshots that are sealed with somebody's key are used too: for what is not shown whole.</param>
    private sealed class Reading(RecordedStates from, StreamId stream, long upTo, bool opens, CancellationToken cancel) : IEntityUse<Task<RecordedState?>>
    {
        private readonly string _name = stream.ToString();

        public async Task<RecordedState?> Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            var (state, seq, at) = await Saved(entity) ?? (entity.Initial(stream), 0L, DateTimeOffset.UnixEpoch);
            for (var (read, rows) = (0, await Next(seq)); rows.Count > 0; rows = await Next(seq))
            {
                if (rows[0].Seq != seq + 1 || (read += rows.Count) > Limits.StateRows) return null;

                foreach (var entry in rows.SelectMany(RowCodec.Decode))
                {
                    at = Timestamps.FromMicros(entry.AtMicros);
                    state = entry.Events.Aggregate(state, (before, stored) => entity.Evolve(before, entity.Events.Decode(stored.Name, stored.Version, stored.Payload, null), at));
                }

                seq = rows[^1].Seq;
            }

            return seq == 0 ? null : new(state, () => entity.Snapshots.Save(state), seq, at);
        }

        private async Task<IReadOnlyList<JournalRow>> Next(long seq) => seq >= upTo ? [] : await from._journal.Read(_name, seq, (int)Math.Min(Page, upTo - seq), cancel);

        private async Task<(TState State, long Seq, DateTimeOffset At)?> Saved<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            if (await from.Snapshot(_name, cancel) is not { } snapshot || snapshot.Seq > upTo) return null;

            return await entity.Snapshots.Restored(_name, snapshot, from._journal, Key, cancel) is var (state, at) ? (state, snapshot.Seq, at) : null;
        }

        private async ValueTask<PersonalKey?> Key(string keyId) => opens ? await from._keys.Get(keyId, cancel) : null;
    }

    private async Task<Snapshot?> Snapshot(string name, CancellationToken cancel) =>
        await _journal.LoadSnapshot(name, cancel) is { } stored && codes.Open(name, stored, out var snapshot) is SnapshotCode.Right ? snapshot : null;
}
