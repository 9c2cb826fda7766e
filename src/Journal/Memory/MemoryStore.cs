using System.Globalization;
using Agora.Journal.Feed;

namespace Agora.Journal.Memory;

/// <summary>
/// What is stored: the reference for every provider, written to be read. Each method is one transaction; the owner holds the lock.
/// Collections are sorted, so that the same calls give the same answers in every process.
/// </summary>
internal sealed class MemoryStore
{
    private readonly SortedDictionary<string, List<JournalRow>> _streams = new(Utf8Order.Instance);
    private readonly Dictionary<string, List<RowPack>> _packs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Snapshot> _snapshots = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string, string), ClientKey> _clientKeys = [];
    private readonly Dictionary<Guid, (string, string, string)> _keyOfCommand = [];
    private readonly SortedSet<(long ExpiresMicros, string Tenant, string Credential, string Key)> _expiries = [];
    private readonly SortedSet<Alarm> _alarms = new(AlarmOrder.Instance);
    private readonly Dictionary<string, Alarm> _alarmOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _personalKeys = new(StringComparer.Ordinal);
    private readonly List<string> _destroyedKeys = [];

    public Lock Gate { get; } = new();

    public MemoryTables Tables { get; } = new();

    public MemoryCheckpoints Order { get; } = new();

    public FeedSignal Appended { get; } = new();

    public AppendOutcome Append(StreamAppend append, bool again, long nowMicros)
    {
        var rows = _streams.TryGetValue(append.Stream, out var found) ? found : [];
        var follows = append.Head.Seq == rows.Count && SameHash(append.Head.Hash, rows.Count == 0 ? StreamHead.Empty.Hash : rows[^1].Hash);
        if (append.Row is not { } row) return follows ? AppendOutcome.Written : AppendOutcome.Moved;
        if (row.Seq <= rows.Count) return again && SameHash(rows[(int)row.Seq - 1].Hash, row.Hash) ? AppendOutcome.Written : AppendOutcome.Moved;
        if (!follows || row.Seq != append.Head.Seq + 1) return AppendOutcome.Moved;
        if (append.IsAhead(nowMicros)) return AppendOutcome.ClockAhead;
        if (append.Keys.Any(key => _clientKeys.ContainsKey(NameOf(key))) || append.Keys.DistinctBy(NameOf).Count() < append.Keys.Count)
        {
            return AppendOutcome.KeyTaken;
        }

        _streams.TryAdd(append.Stream, rows);
        rows.Add(row);
        Order.Add(row);
        foreach (var key in append.Keys)
        {
            _clientKeys.Add(NameOf(key), key with { Seq = row.Seq });
            _keyOfCommand[key.CommandId] = NameOf(key);
            _expiries.Add((key.ExpiresMicros, key.Tenant, key.Credential, key.Key));
        }

        foreach (var decided in append.Decides)
            if (_keyOfCommand.TryGetValue(decided, out var name) && _clientKeys[name] is var known && known.Stream == append.Stream)
                _clientKeys[name] = known with { Seq = row.Seq };
        foreach (var upsert in append.Upserts) Tables.Upsert(append.Stream, row.Seq, upsert);
        if (append.Alarm is { } alarm)
        {
            SetAlarm(append.Stream, alarm.AtMicros);
        }

        Appended.Raise([append]);
        return AppendOutcome.Written;
    }

    public IReadOnlyList<JournalRow> Read(string stream, long afterSeq, int limit)
    {
        var before = 0L;
        return _streams.TryGetValue(stream, out var rows)
            ? [.. rows.Skip((int)Math.Min(afterSeq, rows.Count)).Take(limit).TakeWhile(row => (before += row.Body.Length) - row.Body.Length < JournalPages.MaxBytes)]
            : [];
    }

    public FoundRow? Find(LinkedTables tables, IReadOnlyList<object> key)
    {
        if (Tables.Find(tables.Table, key) is not { } row) return null;

        object?[] linked = [.. tables.By.Select(column => row.Values[tables.Table.Columns.ToList().IndexOf(column)])];
        return new(row, Read(row.Stream, row.Seq - 1, 1).FirstOrDefault(), linked.Contains(null) ? null : Tables.Find(tables.Linked, linked));
    }

    public IReadOnlyList<UnarchivedRows> Unarchived(IReadOnlyList<string> streams) =>
        [.. streams.Where(stream => _streams.TryGetValue(stream, out var rows) && !rows[^1].Body.IsEmpty)
            .Select(stream => new UnarchivedRows(stream, (_packs.GetValueOrDefault(stream)?[^1].Last ?? 0) + 1, _streams[stream].Count))];

    public bool Archive(RowPack pack)
    {
        var rows = _streams[pack.Stream].GetRange((int)pack.First - 1, (int)(pack.Last - pack.First + 1));
        if (_alarmOf.ContainsKey(pack.Stream) || rows.Exists(static row => row.Body.IsEmpty)) return false;

        _packs.TryAdd(pack.Stream, []);
        _packs[pack.Stream].Add(pack);
        foreach (var row in rows) _streams[pack.Stream][(int)row.Seq - 1] = row with { Body = default };
        return true;
    }

    public RowPack? PackOf(string stream, long seq) => _packs.GetValueOrDefault(stream)?.Find(pack => pack.First <= seq && pack.Last >= seq);

    public FeedLook Look(FeedCursor after, FeedQuery query)
    {
        if (after.IsCutOff(Order.PlaceOf(after.Place.Stream, after.Place.Seq))) return FeedLook.CutOff;
        var filling = new FeedFilling(after, query);
        var streams = query.Streams?.ToHashSet(StringComparer.Ordinal);
        foreach (var row in Order.Placed(after.Place, long.MaxValue, streams is null ? query.MostRows : int.MaxValue))
            if (streams?.Contains(row.Place.Stream) != false && !filling.Add(row, () => _streams[row.Place.Stream][(int)row.Place.Seq - 1].Body))
                break;
        var look = filling.Done();
        return streams is null || look.HasMore ? look : look with { Cursor = FeedEnd() };
    }

    public FeedCursor FeedEnd() => Order.Placed(new RowPlace(Order.Cut, "", 0), long.MaxValue, 1) is [var last] ? new FeedCursor(last.Place, last.Hash) : FeedCursor.Start;

    public IReadOnlyList<string> Streams(string prefix, string? after, int limit) =>
        [.. _streams.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && (after is null || Utf8Order.Instance.Compare(name, after) > 0)).Take(limit)];

    public Snapshot? LoadSnapshot(string stream) => _snapshots.GetValueOrDefault(stream);

    public void SaveSnapshot(string stream, Snapshot snapshot) => _snapshots[stream] = snapshot;

    public ClientKey? FindKey(string tenant, string credential, string key) => _clientKeys.GetValueOrDefault((tenant, credential, key));

    public IReadOnlyList<ClientKey> KeysNamed(string tenant, string key, int limit) =>
        [.. _clientKeys.Values.Where(k => k.Tenant == tenant && k.Key == key).OrderBy(k => k.Credential, StringComparer.Ordinal).Take(limit)];

    public int PruneKeys(long nowMicros, int limit)
    {
        var expired = _expiries.TakeWhile(key => key.ExpiresMicros <= nowMicros).Take(limit).ToList();
        foreach (var key in expired)
        {
            _expiries.Remove(key);
            _clientKeys.Remove((key.Tenant, key.Credential, key.Key), out var pruned);
            _keyOfCommand.Remove(pruned!.CommandId);
        }

        return expired.Count;
    }

    public IReadOnlyList<Alarm> Alarms(long upToMicros, Alarm? after, int limit, string prefix = "") =>
        [.. _alarms.Where(alarm => after is null || AlarmOrder.Instance.Compare(alarm, after) > 0).TakeWhile(alarm => alarm.AtMicros <= upToMicros)
            .Where(alarm => alarm.Stream.StartsWith(prefix, StringComparison.Ordinal)).Take(limit)];

    public ReadOnlyMemory<byte>? LoadKey(string keyId) => _personalKeys.TryGetValue(keyId, out var wrapped) ? wrapped : (ReadOnlyMemory<byte>?)null;

    public ReadOnlyMemory<byte> PutKey(string keyId, ReadOnlyMemory<byte> wrapped)
    {
        _personalKeys.TryAdd(keyId, wrapped.ToArray());
        return _personalKeys[keyId];
    }

    public void DestroyKey(string keyId)
    {
        _personalKeys[keyId] = ReadOnlyMemory<byte>.Empty;
        _destroyedKeys.Add(keyId);
    }

    public DestroyedKeys DestroyedKeys(string? since) =>
        new(_destroyedKeys.Count.ToString(CultureInfo.InvariantCulture), since is not null, since is null ? [] : [.. _destroyedKeys.Skip(int.Parse(since, CultureInfo.InvariantCulture))]);

    private void SetAlarm(string stream, long? atMicros)
    {
        if (_alarmOf.Remove(stream, out var old))
        {
            _alarms.Remove(old);
        }

        if (atMicros is not { } at) return;
        _alarmOf[stream] = new Alarm(at, stream);
        _alarms.Add(_alarmOf[stream]);
    }

    private static (string, string, string) NameOf(ClientKey key) => (key.Tenant, key.Credential, key.Key);

    private static bool SameHash(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other) => one.Span.SequenceEqual(other.Span);

    private sealed class AlarmOrder : IComparer<Alarm>
    {
        public static readonly AlarmOrder Instance = new();

        public int Compare(Alarm? x, Alarm? y) =>
            x!.AtMicros != y!.AtMicros ? x.AtMicros.CompareTo(y.AtMicros) : Utf8Order.Instance.Compare(x.Stream, y.Stream);
    }
}
