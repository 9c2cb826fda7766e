using System.Diagnostics;
using System.Runtime.CompilerServices;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>Gathers what one decision writes: events with their personal parts sealed, rows of query tables, the client's key, the alarm.</summary>
public sealed class EntryDraft<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, string stream, string tenant, Envelope envelope, DateTimeOffset now, PersonalKey? key, int events)
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private readonly StoredEvent[] _events = events == 0 ? [] : new StoredEvent[events];
    private List<TableUpsert>? _upserts;
    private List<Guid>? _recalls;
    private string? _made;
    private int _count;

    /// <summary>Commands whose answers can be recalled from this entry.</summary>
    public IReadOnlyList<Guid> Recalls => _recalls ?? (IReadOnlyList<Guid>)[];

    public void Add(TEvent @event, TState after)
    {
        var encoded = entity.Events.Encode(@event);
        var personal = encoded.Personal is null ? null : key ?? throw new InvariantViolationException("personal_part_has_key");
        _events[_count] = new(
            encoded.Name,
            encoded.Version,
            encoded.Payload,
            personal?.Id,
            personal is null ? default : personal.Seal(encoded.Personal!.Utf8.Span, SealContext.Event(stream, envelope.CommandId, _count)));
        _count++;
        _made ??= entity.Made(@event);
        foreach (var row in entity.Rows(after, @event, now))
        {
            Add(row);
        }

        if (entity.Recall(@event, envelope.CommandId) is { } recalled)
        {
            (_recalls ??= []).Add(recalled.CommandId);
            if (recalled.Also is { } also)
            {
                _recalls.Add(also);
            }
        }
    }

    public Activity? Span { get; set; }

    public PendingEntry Build(TState state, AlarmChange? alarm, TimeSpan ahead, (Guid CommandId, CommandKey Key)? takes, bool begins)
    {
        if (envelope is { Actor: { } actor, Act: { } act } && events > 0)
        {
            Add(Causes.Row(tenant, envelope.CommandId, actor, act.About(_made), now.ToMicros()));
        }

        return new()
        {
            Entry = new(envelope.CommandId, now.ToMicros(), Cause(), _events),
            Upserts = _upserts ?? (IReadOnlyList<TableUpsert>)[],
            Key = takes is { } taken ? Taken(taken.CommandId, taken.Key, ahead) with { Yields = begins } : null,
            Decides = Decides(takes?.CommandId),
            Alarm = alarm,
            AheadMicros = ahead.Ticks / TimeSpan.TicksPerMicrosecond,
            State = state,
            Trace = Span,
        };
    }

    private void Add(Row row) => (_upserts ??= []).Add(new(TableShapes.Of(row.Table), row.Values));

    // Those whose keys earlier entries took.
    private IReadOnlyList<Guid> Decides(Guid? takes) =>
        _recalls?.Exists(id => id != takes && Ids.IsOfKey(id)) == true ? _recalls.FindAll(id => id != takes && Ids.IsOfKey(id)) : [];

    private ReadOnlyMemory<byte> Cause() =>
        Causes.Write(envelope.Actor, envelope.Act, entity.KeepsCause((TCommand)envelope.Body) ? entity.Commands.Encode((TCommand)envelope.Body).Payload : null);

    // Pruned by the world's time, whatever the tenant's is.
    private ClientKey Taken(Guid id, CommandKey k, TimeSpan ahead) => new(
        tenant, k.Credential, k.Key, stream, id, BodyHashes.Stored(k.BodyHash, key), (now - ahead).ToMicros() + (k.KeptSeconds * 1_000_000));
}

/// <summary>Core's tables as the journal's shapes: one object a table, so that the journal builds its SQL once.</summary>
public static class TableShapes
{
    private static readonly ConditionalWeakTable<Table, TableShape> Shapes = [];

    public static TableShape Of(Table table) => Shapes.GetValue(table, static t => new(t.Name, t.KeyColumns, t.Columns)
    {
        Derived = [.. t.Derived.Select(column => new DerivedColumn(PlaceOf(t, column.Column), PlaceOf(t, column.From), column.Of))],
        IsWrittenOnce = t.IsWrittenOnce,
    });

    private static int PlaceOf(Table table, string column) => table.Columns.ToList().IndexOf(column);
}

/// <summary>What a sealed part is bound to: moved to another place it does not open.</summary>
public static class SealContext
{
    public static byte[] Event(string stream, Guid commandId, int index) => System.Text.Encoding.UTF8.GetBytes($"{stream}\n{commandId:N}\n{index}");

    public static byte[] Snapshot(string stream, long seq) => System.Text.Encoding.UTF8.GetBytes($"{stream}\nsnapshot\n{seq}");
}
